// The gallery's cards of ads that are being made.
import { openSocket } from "./socket.js";

const grid = document.querySelector("[data-cards]");
const seen = new Map();
const card = (id) => grid.querySelector(`[data-job="${CSS.escape(id)}"]`);

function show(row) {
  seen.set(row.job_id, row.sequence);
  const found = card(row.job_id);
  const bar = found?.querySelector("[data-progress]");
  if (!bar) return;
  bar.value = row.progress_percent;
  const badge = found.querySelector("[data-badge]");
  const name = grid.dataset[row.status];
  if (name && badge.textContent !== name) {
    badge.textContent = name;
    badge.className = `badge badge-${row.status}`;
  }
}

function renew(id) {
  const found = card(id);
  if (found) window.htmx.ajax("GET", found.dataset.card, { target: found, swap: "outerHTML" });
}

/** What was being made on the page but is no longer among the active jobs has ended while we were away. */
function renewEnded(rows) {
  const active = new Set(rows.map((row) => row.job_id));
  for (const bar of grid.querySelectorAll("[data-progress]")) {
    const id = bar.closest("[data-job]").dataset.job;
    if (!active.has(id)) renew(id);
  }
}

if (grid) {
  openSocket("/ws/shop/", {
    onMessage: (message) => {
      if (message.type === "snapshot") {
        message.jobs.forEach(show);
        renewEnded(message.jobs);
      } else if (message.type === "progress") show(message);
      else if (message.type === "finished" || (message.type === "artifact" && message.kind === "step1_result")) renew(message.job_id);
    },
    sequence: () => Math.max(0, ...seen.values()),
  });
}
