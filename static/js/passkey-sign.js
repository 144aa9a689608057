// Signing with a passkey: one ceremony for each statement, one after the other, then all signatures in one form.
// Without this script, or where the browser has no passkeys, the page asks for a name and a code.

import { get, isSupported, sentence } from "./webauthn.js";

const TIMEOUT_MS = 120_000;
// The server takes signatures for ten minutes; whoever needs longer starts over.
const ALL_IN_MS = 8 * 60_000;
const OTHERWISE = "Try again, or sign with your name and the code below.";
const NO_ANSWER = "The page got no answer. Load it again, and sign in if you are asked to.";

const form = document.getElementById("passkey-form");
const otherwise = document.getElementById("by-name");
const button = form.querySelector("button[type=submit]");
const news = form.querySelector("[role=status]");
const rows = [...form.querySelectorAll(".signatures li")];
const wording = button.textContent;
let begun = null;

class Refusal extends Error {}

function say(text, isError) {
  news.textContent = text;
  news.classList.toggle("field-error", Boolean(isError));
}

function mark(row, word, kind) {
  const status = row.querySelector(".status");
  status.textContent = word;
  status.className = kind ? `status status-${kind}` : "status";
}

function startOver() {
  begun = null;
  button.textContent = wording;
  for (const row of rows) mark(row, "Not signed yet");
}

async function begin() {
  let response;
  let answer;
  try {
    const body = new URLSearchParams(new FormData(form));
    const headers = { Accept: "application/json" };
    // A redirect would lead to the sign-in page: the session is over.
    response = await fetch(form.dataset.begin, { method: "POST", body, headers, redirect: "error" });
    answer = await response.json();
  } catch {
    throw new Refusal(NO_ANSWER);
  }
  if (!response.ok) throw new Refusal(answer.sentence);
  return { ...answer, at: Date.now(), assertions: {} };
}

function optionsFor(challenge) {
  return {
    publicKey: {
      challenge,
      rpId: begun.rp_id,
      allowCredentials: [{ ...begun.credential, type: "public-key" }],
      userVerification: "required",
      timeout: TIMEOUT_MS,
    },
  };
}

async function signNext() {
  const number = Object.keys(begun.assertions).length;
  const { kind, challenge } = begun.challenges[number];
  say(`Signature ${number + 1} of ${begun.challenges.length}: ${rows[number].dataset.about}.`);
  mark(rows[number], "Signing", "now");
  const { response } = await get(optionsFor(challenge));
  begun.assertions[kind] = {
    client_data: response.clientDataJSON,
    authenticator_data: response.authenticatorData,
    signature: response.signature,
  };
  mark(rows[number], "Signed", "done");
}

// What is signed already stays signed: the person goes on with the one that failed.
function failed(error, startedAt) {
  if (error instanceof Refusal) {
    startOver();
    say(error.message, true);
    return;
  }
  const number = Object.keys(begun.assertions).length;
  mark(rows[number], "Not signed yet");
  if (number > 0) button.textContent = `Go on with signature ${number + 1} of ${begun.challenges.length}`;
  say(`${sentence(error, { startedAt, timeout: TIMEOUT_MS })} ${OTHERWISE}`, true);
}

async function sign(event) {
  event.preventDefault();
  button.disabled = true;
  if (begun && Date.now() - begun.at > ALL_IN_MS) startOver();
  let startedAt = Date.now();
  try {
    begun ??= await begin();
    while (Object.keys(begun.assertions).length < begun.challenges.length) {
      startedAt = Date.now();
      await signNext();
    }
  } catch (error) {
    failed(error, startedAt);
    button.disabled = false;
    return;
  }
  say("All signed. Sending.");
  form.elements.assertions.value = JSON.stringify(begun.assertions);
  form.submit();
}

if (isSupported()) {
  form.hidden = false;
  otherwise.querySelector("button[type=submit]").classList.add("quiet");
  // What was typed wrong stays open.
  if (!otherwise.querySelector(".has-error")) otherwise.open = false;
  form.querySelector("select")?.addEventListener("change", startOver);
  form.addEventListener("submit", sign);
}
