// Uploads start as soon as files are chosen or dropped, one request per file, each with its own progress.
// Without this script the same form posts all files at once.

const form = document.getElementById("add");
const list = document.getElementById("uploading");
const news = document.getElementById("upload-news");
const limit = Number(form.dataset.fileBytes);
const queue = [];
const RELOAD_AFTER_MS = 1500;
let running = false;
let added = 0;
let refused = 0;
let reload = 0;

function say(sentence) {
  news.textContent = sentence;
}

function makeRow(file) {
  const row = document.createElement("li");
  row.className = "card upload-row";
  const name = document.createElement("bdi");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  const status = document.createElement("span");
  status.className = "muted";
  status.textContent = "Waiting";
  row.append(name, bar, status);
  list.append(row);
  list.hidden = false;
  return { row, bar, status };
}

function fail(entry, sentence) {
  refused += 1;
  entry.bar.remove();
  entry.status.className = "field-error";
  entry.status.textContent = sentence;
  say(`${entry.file.name}: ${sentence}`);
}

function send(entry) {
  return new Promise((done) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append(entry.role, entry.file, entry.file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action || window.location.href);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.floor((event.loaded / event.total) * 100);
      entry.bar.value = percent;
      entry.status.textContent = percent < 100 ? `${percent} %` : "Encrypting and storing";
    });
    request.addEventListener("error", () => {
      fail(entry, "The file could not be uploaded. Check your connection and choose it again.");
      done();
    });
    request.addEventListener("load", () => {
      finish(entry, request);
      done();
    });
    entry.status.textContent = "0 %";
    request.send(data);
  });
}

function finish(entry, request) {
  let answer = { added: 0, refused: [] };
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    fail(entry, "The file was not taken. Load the page again and sign in if you are asked to.");
    return;
  }
  if (answer.refused.length > 0) {
    fail(entry, answer.refused[0].sentence);
    return;
  }
  added += 1;
  entry.bar.value = 100;
  entry.status.textContent = "Uploaded";
}

async function work() {
  if (running) return;
  running = true;
  say("Upload started.");
  while (queue.length > 0) {
    const entry = queue.shift();
    if (entry.file.size === 0) fail(entry, "The file is empty.");
    else if (entry.file.size > limit) fail(entry, form.dataset.sizeSentence);
    else await send(entry);
  }
  running = false;
  say(`Done: ${added} uploaded, ${refused} not taken.`);
  if (refused === 0) {
    // A moment to read it, and to choose more: whatever is chosen meanwhile is not lost to the new page.
    reload = setTimeout(() => window.location.reload(), RELOAD_AFTER_MS);
  } else if (added > 0) {
    const again = document.createElement("p");
    const link = document.createElement("a");
    link.href = window.location.pathname;
    link.textContent = "Show the files that arrived";
    again.append(link);
    list.append(again);
  }
}

function add(files, role) {
  clearTimeout(reload);
  for (const file of files) {
    const entry = { file, role, ...makeRow(file) };
    queue.push(entry);
  }
  work();
}

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    add([...input.files], input.name);
    input.value = "";
  });
}
form.querySelector("button[type=submit]").hidden = true;

// Dropped anywhere on the page: what you made, unless it lands on the other field.
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const field = event.target.closest(".field");
  const input = field ? field.querySelector("input[type=file]") : null;
  add([...event.dataTransfer.files], input ? input.name : "deliverable");
});
