// The page's event stream, and small comforts: copy, file drop, the "/" key. Every page works without it.
// The server sends `fragment` events: {target, put, html}. A stream that is lost says so and catches up.

const main = document.querySelector("main[data-live]");
const note = document.getElementById("stream-note");
let source = null;
let last = null;
let wait = 1000;
let timer = 0;
let ended = false;

function say(state) {
  if (!note) return;
  note.className = state;
  note.textContent = state ? note.dataset[state] : "";
  if (state === "back") setTimeout(() => note.className === "back" && say(""), 3000);
}

function address() {
  const url = new URL(main.dataset.live, location.href);
  if (last !== null) url.searchParams.set("after", last);
  return url;
}

function open() {
  clearTimeout(timer);
  if (source || ended || document.hidden) return;
  source = new EventSource(address());
  source.addEventListener("open", () => {
    wait = 1000;
    if (note?.className === "lost") say("back");
  });
  source.addEventListener("fragment", (event) => {
    if (event.lastEventId) last = event.lastEventId;
    patch(JSON.parse(event.data));
  });
  source.addEventListener("end", () => {
    ended = true;
    close();
  });
  source.addEventListener("error", () => {
    say("lost");
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, 30000);
  });
}

function close() {
  source?.close();
  source = null;
}

function patch({ target, put, html }) {
  const old = document.getElementById(target);
  if (!old) return;
  const fresh = document.createRange().createContextualFragment(html);
  if (put === "append") return append(old, fresh);
  const opened = [...old.querySelectorAll("details")].map((one) => one.open);
  const focused = [...old.querySelectorAll("a,button,input,summary,[tabindex]")].indexOf(document.activeElement);
  old.replaceWith(fresh);
  const now = document.getElementById(target);
  now?.querySelectorAll("details").forEach((one, i) => opened[i] && (one.open = true));
  if (focused >= 0) now?.querySelectorAll("a,button,input,summary,[tabindex]")[focused]?.focus({ preventScroll: true });
  comforts(now ?? document);
  document.dispatchEvent(new Event("patched"));
}

function append(old, fresh) {
  const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  old.append(fresh);
  while (old.children.length > Number(old.dataset.keep ?? 400)) old.firstElementChild.remove();
  if (atEnd) old.scrollTop = old.scrollHeight;
}

function comforts(root) {
  for (const button of root.querySelectorAll("button.copy[hidden]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
      const before = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => (button.textContent = before), 1500);
    });
  }
}

function fileDrop(zone) {
  const input = zone.querySelector("input[type=file]");
  const chosen = zone.querySelector(".chosen");
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
  input.addEventListener("change", () => {
    const large = input.files[0]?.size > Number(zone.dataset.max);
    chosen.textContent = large ? chosen.dataset.large : "";
    chosen.classList.toggle("error", large);
  });
}

// A link to something folded opens it.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") target.open = true;
}

comforts(document);
unfold();
addEventListener("hashchange", unfold);
document.querySelectorAll(".drop[data-max]").forEach(fileDrop);
document.querySelectorAll("form[data-auto] select").forEach((one) => one.addEventListener("change", () => one.form.requestSubmit()));
document.querySelectorAll("#log").forEach((log) => (log.scrollTop = log.scrollHeight));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.menu[open], details.confirm[open]").forEach((one) => (one.open = false));
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  const search = document.getElementById("q");
  if (search) {
    event.preventDefault();
    search.focus();
  }
});
if (main) {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
