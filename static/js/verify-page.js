// The page that checks a file and its bundle. Everything happens here: no request is made, nothing is kept.
// Without this script the page shows the commands that do the same.

import { verify } from "./verify/bundle.js";
import { sha256Hex } from "./verify/bytes.js";

// A browser takes the digest of a whole file at once, so it has to hold it.
const LARGEST_FILE = 200 * 1024 * 1024;
const LARGEST_LIST = 64 * 1024 * 1024;
// One byte more than a bundle may have is enough to refuse it.
const BUNDLE_BYTES = 1024 * 1024 + 1;
const RETRACTION_STEP = 12;
const REVIEW_STEP = 9;

const words = JSON.parse(document.getElementById("verify-words").textContent);
const form = document.getElementById("verify");
const button = form.querySelector("button[type=submit]");
const news = document.getElementById("verify-news");
const result = document.getElementById("verify-result");
const problems = document.getElementById("verify-errors");
const field = (name) => document.getElementById(`verify-${name}`);
const chosen = (name) => field(name).files[0] ?? null;
const part = (name) => document.getElementById(`verdict-${name}`);

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

function icon(name) {
  return document.getElementById(`icon-${name}`).content.cloneNode(true);
}

// What is wrong with what was chosen

/** Yields [field, sentence] for everything that has to be mended before a check can begin. */
function* mistakes() {
  const file = chosen("file");
  const bundle = chosen("bundle");
  const list = chosen("retractions");
  if (file === null) yield ["file", "Choose the file that you want to check."];
  else if (file.size > LARGEST_FILE) {
    yield ["file", "This file is too large for a browser. Use the command at the end of this page."];
  }
  if (bundle === null) yield ["bundle", "Choose the .consent.json that came with the file."];
  if (file !== null && bundle !== null && isBundleName(file.name) && !isBundleName(bundle.name)) {
    yield ["bundle", "It looks as if the two are swapped. The bundle is the one whose name ends in .consent.json."];
  }
  if (!/^[0-9a-f]{64}$/.test(fingerprint())) {
    yield ["trust", "A fingerprint has 64 characters, from 0 to 9 and from a to f. Copy it again from your source."];
  }
  if (list !== null && list.size > LARGEST_LIST) {
    yield ["retractions", "This list is too large for a browser. Use the command at the end of this page."];
  }
}

function isBundleName(name) {
  return name.toLowerCase().endsWith(".consent.json");
}

/** As it is often copied: in groups, with colons, over two lines. */
function fingerprint() {
  return field("trust").value.replace(/[\s:]/g, "").toLowerCase();
}

function showMistakes(found) {
  const list = problems.querySelector("ul");
  list.replaceChildren();
  for (const [name, sentence] of found) {
    const link = element("a", "", sentence);
    link.href = `#verify-${name}`;
    list.append(element("li", "", link));
  }
  for (const name of ["file", "bundle", "trust", "retractions"]) {
    const isWrong = found.some(([wrong]) => wrong === name);
    field(name).toggleAttribute("aria-invalid", false);
    if (isWrong) field(name).setAttribute("aria-invalid", "true");
    field(name).closest(".field").classList.toggle("has-error", isWrong);
  }
  if (found.some(([name]) => name === "retractions")) field("more").open = true;
  problems.hidden = found.length === 0;
  if (found.length > 0) problems.focus();
}

// The check

async function bytesOf(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

async function check() {
  news.textContent = "Reading the file";
  const digest = await sha256Hex(await bytesOf(chosen("file")));
  news.textContent = "Checking";
  const list = chosen("retractions");
  return verify(digest, await bytesOf(chosen("bundle").slice(0, BUNDLE_BYTES)), {
    trust: fingerprint(),
    schemas: words.schemas,
    purpose: field("purpose").value.trim() || null,
    recipient: field("recipient").value.trim() || null,
    retractions: list === null ? null : await bytesOf(list),
  });
}

async function submitted(event) {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  forget();
  const found = [...mistakes()];
  showMistakes(found);
  if (found.length > 0) return;
  setBusy(true);
  try {
    const answer = await check();
    show(answer);
  } catch {
    // A file that was moved or changed since it was chosen can no longer be read.
    showMistakes([["file", "A file could not be read to its end. Choose both again."]]);
    news.textContent = "";
  }
  setBusy(false);
}

function setBusy(isBusy) {
  // Not disabled: that would take the focus away.
  button.setAttribute("aria-disabled", String(isBusy));
  button.textContent = isBusy ? "Checking" : "Check";
}

/** An answer is about what was chosen when it was given. */
function forget() {
  result.hidden = true;
  news.textContent = "";
}

// The answer

function show(answer) {
  const { kind, title, sentence, next } = verdict(answer);
  result.dataset.verdict = kind;
  part("icon").replaceChildren(icon(kind));
  part("title").textContent = title;
  part("sentence").textContent = sentence;
  part("next").textContent = next;
  part("next").hidden = next === "";
  const rows = answer.valid ? facts(answer) : refusalFacts(answer);
  part("facts").replaceChildren(...rows.map(([name, value]) => fact(name, value)));
  part("steps").replaceChildren(...words.steps.map((step, number) => stepRow(step, number, answer)));
  result.hidden = false;
  news.textContent = `${title}. ${sentence}`;
  part("title").focus();
}

function verdict(answer) {
  if (!answer.valid) {
    const titles = { 1: "Not valid", 2: "Taken back", 3: "Too old to say" };
    return {
      kind: answer.exit === 3 ? "warns" : "fails",
      title: titles[answer.exit],
      sentence: words.sentences[answer.code],
      next: words.next[answer.code],
    };
  }
  const sentence = "The contributor agreed to exactly this file.";
  if (answer.stage === "sealed") {
    const next = "No review has released it yet, so it may not be used. Wait for the released bundle.";
    return { kind: "warns", title: "Valid, but not released", sentence, next };
  }
  const isOpen = answer.retraction.status === "unknown";
  const next = isOpen ? "Whether it was taken back since was not checked: add the newest retraction list for that." : "";
  return { kind: "holds", title: "Valid", sentence, next };
}

function facts(answer) {
  const { strength } = answer.signed_by;
  const signed = {
    passkey: "With a passkey",
    platform_attested: "With a typed name and a code sent by e-mail, which the site vouches for",
  };
  const { status, sequence } = answer.retraction;
  return [
    ["Uses", answer.purposes.join(", ")],
    ["Recipients", answer.recipients.join(", ")],
    ["Agreed until", moment(answer.valid_until)],
    ["Signed", signed[strength]],
    ["Seen in the log", `${moment(answer.time.value)}, says a ${answer.time.source} on the log`],
    ["Taken back", status === "clean" ? `Not on list number ${sequence}` : "Not checked"],
    ["Record", code(answer.record_id)],
    ["SHA-256", code(answer.sha256)],
    ["List of keys", `Version ${answer.keyset_version}`],
  ];
}

function refusalFacts(answer) {
  return [
    ["Code", code(answer.code)],
    ["Step", `${answer.step}: ${words.steps[answer.step]}`],
    ["SHA-256", code(answer.sha256)],
  ];
}

function code(text) {
  return element("span", "fingerprint", text);
}

function moment(text) {
  const long = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" };
  return `${new Intl.DateTimeFormat("en-GB", long).format(new Date(text))} UTC`;
}

function fact(name, value) {
  return element("div", "", element("dt", "", name), element("dd", "", value));
}

function stepRow(title, number, answer) {
  const state = stateOf(number, answer);
  const said = { holds: "holds", fails: "does not hold", open: "not looked at" }[state];
  const mark = element("span", `step-icon step-${state}`, icon(state));
  const row = element("li", "", mark, element("span", "", `${number}. ${title}`), element("span", "muted", said));
  if (state === "fails") row.setAttribute("aria-current", "step");
  return row;
}

function stateOf(number, answer) {
  if (!answer.valid && number === answer.step) return "fails";
  if (!answer.valid && number > answer.step) return "open";
  const wasNotAsked = answer.valid && number === RETRACTION_STEP && answer.retraction.status === "unknown";
  const isNotThere = answer.valid && number === REVIEW_STEP && answer.stage === "sealed";
  return wasNotAsked || isNotThere ? "open" : "holds";
}

// The way in

function put(name, file) {
  const files = new DataTransfer();
  files.items.add(file);
  field(name).files = files.files;
}

function dropped(event) {
  event.preventDefault();
  forget();
  const over = event.target.closest?.(".field")?.querySelector("input[type=file]");
  const files = [...event.dataTransfer.files];
  for (const file of files) {
    if (files.length === 1 && over) put(over.id.replace("verify-", ""), file);
    else put(isBundleName(file.name) ? "bundle" : "file", file);
  }
  news.textContent = `${files.map((file) => file.name).join(", ")}: taken`;
}

async function canVerify() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

// Until here the page says that this browser cannot; where it cannot, that stays.
if (await canVerify()) {
  document.getElementById("verify-not-here").hidden = true;
  form.hidden = false;
  form.addEventListener("submit", submitted);
  form.addEventListener("input", forget);
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", dropped);
}
