// Cards of ads: those being made move by themselves, new ones appear, what was found and the next page are htmx's.
import { openSocket } from "./socket.js";

const UNDO_MS = 60_000;
const STARTED = /^(pending|running)$/;
const grid = () => document.querySelector("[data-cards]");
const seen = new Map();
const asked = new Set();
const card = (id) => grid()?.querySelector(`[data-job="${CSS.escape(id)}"]`);

function show(row) {
  seen.set(row.job_id, row.sequence);
  const found = card(row.job_id);
  if (!found) {
    if (STARTED.test(row.status)) add(row);
    return;
  }
  const bar = found.querySelector("[data-progress]");
  if (!bar) {
    if (STARTED.test(row.status)) renew(row.job_id); // tried again
    return;
  }
  bar.value = row.progress_percent;
  const badge = found.querySelector("[data-badge]");
  const name = grid().dataset[row.status];
  if (name && badge.textContent !== name) {
    badge.textContent = name;
    badge.className = `badge badge-${row.status}`;
  }
}

const timeOf = (made) => Date.parse(made.querySelector("time").dateTime);
const newest = document.querySelector("[data-newest] .card");
const openedAt = newest ? timeOf(newest) : 0;

/** An ad ordered since, in another tab or by a program. Older ones come with their page. */
async function add({ job_id: id, created_at: at }) {
  const place = document.querySelector("[data-newest]");
  if (!place || asked.has(id) || Date.parse(at) < openedAt) return;
  asked.add(id);
  const answer = await fetch(`/ads/${id}/card/`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) {
    asked.delete(id);
    return;
  }
  const parsed = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
  const made = document.adoptNode(parsed.querySelector("li"));
  if (card(id) || timeOf(made) < openedAt) return;
  place.insertBefore(made, [...place.querySelectorAll(".card")].find((other) => timeOf(other) <= timeOf(made)));
}

async function renew(id) {
  const found = card(id);
  if (!found) return;
  await window.htmx.ajax("GET", found.dataset.card, { target: found, swap: "outerHTML" });
  const word = document.querySelector("[data-done]");
  const made = card(id);
  if (word && made && !made.querySelector("[data-progress]")) word.textContent = word.dataset.done.replace("{title}", made.dataset.title);
}

/** What was being made on the page but is no longer among the active jobs has ended while we were away. */
function renewEnded(rows) {
  const active = new Set(rows.map((row) => row.job_id));
  for (const bar of grid()?.querySelectorAll("[data-progress]") ?? []) {
    const id = bar.closest("[data-job]").dataset.job;
    if (!active.has(id)) renew(id);
  }
}

if (grid()) {
  openSocket("/ws/shop/", {
    onMessage: (message) => {
      if (seen.has(message.job_id)) seen.set(message.job_id, message.sequence);
      if (message.type === "snapshot") {
        seen.clear();
        [...message.jobs].reverse().forEach(show);
        renewEnded(message.jobs);
      } else if (message.type === "progress") show(message);
      else if (message.type === "finished" || (message.type === "artifact" && message.kind === "step1_result")) {
        if (message.type === "finished") seen.delete(message.job_id);
        renew(message.job_id);
      } else if (message.type === "preview") showPreview(message);
    },
    sequence: () => [...seen.values()].reduce((sum, number) => sum + number, 0),
  });
}

/** The picture coming into being, on the card that is there for it. */
function showPreview({ job_id: id, url }) {
  const place = card(id)?.querySelector(".card-picture");
  if (!place?.querySelector("[data-progress]")) return;
  const loaded = new Image();
  loaded.alt = "";
  loaded.onload = () => (place.querySelector("img:not(.card-back)") ?? place.querySelector(".card-blank"))?.replaceWith(loaded);
  loaded.src = url;
}

// The next page: whoever pressed its button goes on with the first ad that came.
let waiting = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const more = event.target.closest(".more");
  waiting = more?.contains(document.activeElement) ? more.previousElementSibling : null;
});
document.addEventListener("htmx:afterSettle", () => {
  waiting?.nextElementSibling?.querySelector("a")?.focus();
  waiting = null;
});

const undo = document.querySelector("[data-undo]");
if (undo) setTimeout(() => undo.remove(), UNDO_MS);
