// A conversation over /v1/chat/completions, streamed; a classifier answers over /v1/classify with scores.
// The session's cookie goes along: the server takes it from its own pages only.

const part = (id) => document.getElementById(id);
const form = part("talk");
const words = form?.dataset ?? {};
const numbers = ["temperature", "top_p", "max_tokens", "seed"];
const SVG = "http://www.w3.org/2000/svg";
let turns = [];
let running = null;

const classifies = () => part("model").selectedOptions[0]?.dataset.kind === "classifier";

function request(messages) {
  const body = { model: part("model").value, messages };
  for (const name of numbers) if (part(name).value !== "") body[name] = Number(part(name).value);
  return body;
}

function messages() {
  const system = part("system").value.trim();
  return [...(system && !classifies() ? [{ role: "system", content: system }] : []), ...turns];
}

// The drawer's samples show the conversation as it stands.
function samples() {
  const [curl, python] = document.querySelectorAll(".drawer .code code");
  if (!python) return;
  const asked = turns.length ? messages() : [...messages(), { role: "user", content: part("message").value || "…" }];
  const { model, ...rest } = request(asked);
  const base = words.base;
  const shell = JSON.stringify({ model, ...rest }, null, 2).replaceAll("'", "'\\''");
  curl.textContent = `curl ${base}/v1/chat/completions \\\n  -H "Authorization: Bearer $HANOK_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '${shell}'`;
  const lines = Object.entries(rest).map(([name, value]) => `    ${name}=${JSON.stringify(value)},`);
  python.textContent = `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${base}/v1", api_key=os.environ["HANOK_KEY"])\nanswer = client.chat.completions.create(\n    model=${JSON.stringify(model)},\n${lines.join("\n")}\n)\nprint(answer.choices[0].message.content)`;
}

function bubble(role, who, text) {
  const item = document.createElement("li");
  item.className = role;
  const name = document.createElement("strong");
  name.textContent = who;
  const body = document.createElement("p");
  body.textContent = text;
  item.append(name, body);
  part("turns").append(item);
  part("hint").hidden = true;
  item.scrollIntoView({ block: "nearest" });
  return body;
}

async function refusal(response) {
  const answer = await response.json().catch(() => ({}));
  return new Error(answer.error?.message ?? `${response.status} ${response.statusText}`);
}

function post(path, body, signal) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}

function figures(usage, began, ended, reason) {
  if (!usage) return;
  const told = [`${words.read} ${usage.prompt_tokens}`, `${words.written} ${usage.completion_tokens}`];
  const seconds = (ended - began) / 1000;
  if (usage.completion_tokens > 1 && seconds > 0) told.push(`${((usage.completion_tokens - 1) / seconds).toFixed(1)} ${words.rate}`);
  if (reason === "length") told.push(words.length);
  part("usage").textContent = told.join(" · ");
}

async function talk(body, signal) {
  const response = await post("/v1/chat/completions", { ...request(messages()), stream: true, stream_options: { include_usage: true } }, signal);
  if (!response.ok) throw await refusal(response);
  let usage = null;
  let reason = null;
  let began = 0;
  let ended = 0;
  let whole = false;
  for await (const data of events(response)) {
    if (data === "[DONE]") {
      whole = true;
      break;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) throw new Error(chunk.error.message);
    usage = chunk.usage ?? usage;
    const choice = chunk.choices?.[0];
    reason = choice?.finish_reason ?? reason;
    const text = choice?.delta?.content;
    if (!text) continue;
    ended = performance.now();
    began ||= ended;
    body.textContent += text;
    body.parentElement.scrollIntoView({ block: "end" });
  }
  if (!whole) throw new Error(words.lost);
  figures(usage, began, ended, reason);
}

async function classify(body, text, signal) {
  const response = await post("/v1/classify", { model: part("model").value, input: text }, signal);
  if (!response.ok) throw await refusal(response);
  const answer = await response.json();
  const { label, scores } = answer.data[0];
  body.textContent = label;
  body.after(bars(scores));
  part("usage").textContent = `${words.read} ${answer.usage.prompt_tokens}`;
}

function bars(scores) {
  const table = document.createElement("table");
  table.className = "bars";
  const caption = table.createCaption();
  caption.className = "sr";
  caption.textContent = words.scores;
  const body = table.createTBody();
  for (const { label, score } of scores.slice(0, 10)) {
    const row = body.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = label;
    row.append(head);
    const number = row.insertCell();
    number.className = "num";
    number.textContent = `${(score * 100).toFixed(1)} %`;
    const cell = row.insertCell();
    cell.className = "fill";
    const svg = cell.appendChild(document.createElementNS(SVG, "svg"));
    svg.setAttribute("class", "bar");
    svg.setAttribute("aria-hidden", "true");
    const rect = svg.appendChild(document.createElementNS(SVG, "rect"));
    rect.setAttribute("width", `${score * 100}%`);
    rect.setAttribute("height", "100%");
    rect.setAttribute("rx", "2");
  }
  return table;
}

function busy(on) {
  part("send").disabled = on;
  part("stop").hidden = !on;
  part("turns").setAttribute("aria-busy", String(on));
}

async function ask() {
  const text = part("message").value.trim();
  if (!text || running || !form.reportValidity()) return;
  running = new AbortController();
  part("problem").textContent = "";
  part("usage").textContent = "";
  turns.push({ role: "user", content: text });
  const question = bubble("user", words.you, text);
  const body = bubble("assistant", part("model").value, "");
  body.parentElement.classList.add("writing");
  part("message").value = "";
  busy(true);
  try {
    await (classifies() ? classify(body, text, running.signal) : talk(body, running.signal));
  } catch (error) {
    if (error.name === "AbortError") part("usage").textContent = words.stopped;
    else part("problem").textContent = error instanceof TypeError ? words.lost : error.message;
  }
  body.parentElement.classList.remove("writing");
  if (body.textContent) turns.push({ role: "assistant", content: body.textContent });
  else {
    // Nothing was answered: the question goes back to where it was typed.
    turns.pop();
    question.parentElement.remove();
    body.parentElement.remove();
    part("message").value = text;
  }
  running = null;
  busy(false);
  samples();
  part("message").focus();
}

function reset() {
  running?.abort();
  turns = [];
  part("turns").replaceChildren();
  part("hint").hidden = false;
  part("usage").textContent = "";
  part("problem").textContent = "";
  samples();
  part("message").focus();
}

function chosen() {
  part("sampling").hidden = classifies();
  part("classifier-help").hidden = !classifies();
  samples();
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  part("message").addEventListener("keydown", (event) => {
    // Enter that ends a Korean syllable is not yet a sent message.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && running?.abort());
  part("stop").addEventListener("click", () => running?.abort());
  part("reset").addEventListener("click", reset);
  part("model").addEventListener("change", chosen);
  form.addEventListener("input", samples);
  chosen();
}
