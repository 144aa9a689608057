// Adding a passkey and signing in with one. The form is posted with what the device answered, in a hidden field.

import { create, get, isSupported, sentence } from "./webauthn.js";

const TIMEOUT_MS = 120_000;

async function options(form) {
  if (!form.dataset.options) return JSON.parse(document.getElementById("passkey-options").textContent);
  const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
  const response = await fetch(form.dataset.options, { headers });
  if (!response.ok) throw new Error("no options");
  return (await response.json()).request_options;
}

function prepare(form) {
  const news = form.querySelector("[role=status]");
  const button = form.querySelector("button[type=submit]");
  const say = (text, isError) => {
    news.textContent = text;
    news.classList.toggle("field-error", Boolean(isError));
  };
  form.hidden = false;
  if (!isSupported()) {
    button.disabled = true;
    say("This browser has no passkeys. Use a newer one, or go on without.", true);
    return;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("Follow what your browser asks.");
    const startedAt = Date.now();
    try {
      const wanted = await options(form);
      wanted.publicKey.timeout = TIMEOUT_MS;
      const act = form.dataset.passkey === "create" ? create : get;
      form.elements.credential.value = JSON.stringify(await act(wanted));
      form.submit();
    } catch (error) {
      button.disabled = false;
      say(`${sentence(error, { startedAt, timeout: TIMEOUT_MS })} You can try again.`, true);
    }
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) prepare(form);
