// Uploads a model's directory: each file to /v1/files, then /api/v1/models makes a model of them.

const form = document.getElementById("import");
const words = form.dataset;
const part = (id) => document.getElementById(id);
const button = form.querySelector("button.primary");
const bar = part("sent").querySelector("progress");
const told = part("sent").querySelector("p");
const beside = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "generation_config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json", "model.safetensors.index.json"];
let chosen = [];
let sent = [];

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

// A folder's files carry its name before their path; loose files carry none.
const inside = (file) => file.webkitRelativePath.split("/").slice(1).join("/") || file.name;
const wanted = (path) => beside.includes(path) || (path.endsWith(".safetensors") && !path.includes("/"));

function problem(files) {
  const paths = files.map((file) => inside(file));
  if (!paths.includes("config.json")) return words.noconfig;
  if (!paths.some((path) => path.endsWith(".safetensors"))) {
    return paths.some((path) => /\.(bin|pt|pth|pkl|ckpt)$/.test(path)) ? words.pickle : words.noweights;
  }
  const large = files.find((file) => wanted(inside(file)) && file.size > Number(words.max));
  return large ? `${large.name}: ${words.large}` : "";
}

function choose(list) {
  const files = [...list];
  if (!files.length) return;
  chosen = files.filter((file) => wanted(inside(file)));
  const folder = files[0].webkitRelativePath.split("/")[0];
  if (folder && !part("name").value) part("name").value = folder.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const left = files.filter((file) => !chosen.includes(file)).map((file) => inside(file));
  part("skipped").textContent = left.length ? `${words.skipped} ${left.slice(0, 8).join(", ")}${left.length > 8 ? ", …" : ""}` : "";
  part("problem").textContent = problem(files);
  const body = part("chosen").querySelector("tbody");
  body.replaceChildren(...chosen.map(row));
  part("chosen").hidden = !chosen.length;
  button.disabled = !chosen.length || part("problem").textContent !== "";
}

function row(file) {
  const line = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.className = "mono";
  name.textContent = inside(file);
  const bytes = document.createElement("td");
  bytes.className = "num";
  bytes.textContent = size(file.size);
  line.append(name, bytes, document.createElement("td"));
  return line;
}

// fetch tells nothing of an upload on its way; this does.
function send(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("purpose", "model");
    body.append("file", file, file.name);
    request.open("POST", "/v1/files");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => progress(Math.min(event.loaded, file.size)));
    request.addEventListener("error", () => reject(new Error(words.lost)));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response) resolve(request.response.id);
      else reject(new Error(`${file.name}: ${request.response?.error?.message ?? request.status}`));
    });
    request.send(body);
  });
}

async function make(files) {
  const name = part("name").value.trim();
  const response = await fetch("/api/v1/models", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, files }),
  }).catch(() => {
    throw new Error(words.lost);
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? String(response.status));
  return answer.id;
}

async function upload() {
  const all = chosen.reduce((sum, file) => sum + file.size, 0);
  const lines = part("chosen").querySelectorAll("tbody tr");
  sent = [];
  const files = sent;
  let before = 0;
  bar.max = all;
  for (const [at, file] of chosen.entries()) {
    const mark = lines[at].lastElementChild;
    const file_id = await send(file, (done) => {
      bar.value = before + done;
      told.textContent = `${words.sending} ${size(before + done)} / ${size(all)}`;
      mark.textContent = `${Math.floor((done / Math.max(file.size, 1)) * 100)} %`;
    });
    mark.textContent = "✓";
    before += file.size;
    files.push({ path: inside(file), file_id });
  }
  told.textContent = words.making;
  location.assign(`/models/${await make(files)}`);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.disabled || !form.reportValidity()) return;
  button.disabled = true;
  part("sent").hidden = false;
  part("problem").textContent = "";
  try {
    await upload();
  } catch (error) {
    part("problem").textContent = error.message;
    part("sent").hidden = true;
    button.disabled = false;
    // There is no model: what was uploaded for it is of no use.
    for (const { file_id } of sent) fetch(`/v1/files/${file_id}`, { method: "DELETE" });
    sent = [];
  }
});
for (const id of ["folder", "files"]) part(id).addEventListener("change", (event) => choose(event.target.files));
const zone = part("zone");
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("over");
});
zone.addEventListener("dragleave", () => zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  choose(event.dataTransfer.files);
});
