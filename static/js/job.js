// One ad while it is made: progress, previews, the end. Without a socket it asks the API.
import { openSocket } from "./socket.js";

const POLL_MS = 2000;
const IN_MINUTES = 90; // seconds from which on a time is told in minutes
const ACTIVE = new Set(["pending", "running"]);
const STEPS = ["step1_background", "step2_text_asset", "step3_composite"];
const ON_STAGE = new Set(["step1_result", "final_result"]);

const root = () => document.querySelector("#job");
const find = (name) => root().querySelector(`[data-${name}]`);
let sequence = Number(root().dataset.sequence);
let over = !ACTIVE.has(root().dataset.status);
let stopSocket = () => {};
let polling = 0;

function say(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function timeLeft(row) {
  const words = root().dataset;
  if (row.eta_seconds >= IN_MINUTES) return words.minutesText.replace("{n}", Math.round(row.eta_seconds / 60));
  return words.etaText.replace("{n}", row.eta_seconds);
}

function remaining(row) {
  const words = root().dataset;
  if (row.status === "pending" && row.queue_position) {
    const place = row.queue_position === 1 ? words.nextText : words.queueText.replace("{n}", row.queue_position - 1);
    return row.eta_seconds && !find("nobody") ? `${place} · ${timeLeft(row)}` : place;
  }
  if (row.status !== "running") return "";
  return row.eta_seconds ? timeLeft(row) : words.almostText;
}

function showProgress(row) {
  say(find("message"), row.message);
  say(find("percent"), String(row.progress_percent));
  say(find("eta"), remaining(row));
  find("progress").value = row.progress_percent;
  const now = STEPS.indexOf(row.current_step);
  STEPS.forEach((step, index) => {
    const state = index < now ? "done" : index === now && row.status === "running" ? "now" : "next";
    root().querySelector(`[data-step="${step}"]`).dataset.state = state;
  });
  if (row.status === "running" && root().dataset.status === "pending") {
    root().dataset.status = "running";
    find("nobody")?.remove();
    const badge = find("badge");
    badge.className = "badge badge-running";
    say(badge, badge.dataset.running);
  }
}

function showPicture(url) {
  const picture = find("stage");
  if (picture.getAttribute("src") === url) return;
  const loaded = new Image();
  loaded.onload = () => {
    picture.src = url;
    picture.hidden = false;
    for (const blank of root().querySelectorAll("[data-blank]")) blank.remove();
  };
  loaded.src = url;
}

function showPiece(kind, url) {
  const pieces = find("pieces");
  const name = pieces.getAttribute(`data-${kind}`);
  if (!name || pieces.querySelector(`[data-kind="${kind}"]`)) return;
  const item = document.createElement("li");
  item.dataset.kind = kind;
  const link = Object.assign(document.createElement("a"), { href: url, className: "checker", ariaLabel: name });
  link.append(Object.assign(new Image(160, 160), { src: url, alt: "" }));
  item.append(link, Object.assign(document.createElement("span"), { textContent: name }));
  pieces.querySelector("ul").append(item);
  pieces.hidden = false;
}

function finish() {
  if (over) return;
  over = true;
  stopSocket();
  clearInterval(polling);
  showEnd();
}

/** The page of the finished ad in place of this one; asked for again while the server is away. */
async function showEnd() {
  const answer = await fetch(root().dataset.page, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status >= 500) {
    setTimeout(showEnd, POLL_MS);
    return;
  }
  if (!answer.ok || answer.redirected) {
    location.reload();
    return;
  }
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  root().replaceWith(document.adoptNode(parsed.querySelector("#job")));
  window.htmx.process(root());
  say(document.querySelector("[data-announce]"), find("badge").textContent);
}

function showRow(row) {
  if (!ACTIVE.has(row.status)) {
    finish();
    return;
  }
  showProgress(row);
  for (const [kind, url] of Object.entries(row.urls ?? {})) showPiece(kind, url);
  const best = row.urls?.step1_result ?? row.urls?.preview;
  if (best) showPicture(best);
}

function onMessage(message) {
  clearInterval(polling);
  polling = 0;
  if (over) return;
  const row = message.job ?? message;
  if (message.type !== "snapshot" && row.sequence < sequence) return;
  sequence = row.sequence ?? sequence;
  if (message.type === "snapshot") showRow(message.job);
  else if (message.type === "progress") showProgress(message);
  else if (message.type === "preview") showPicture(message.url);
  else if (message.type === "artifact") {
    if (message.kind === "step1_result") poll().catch(() => {}); // the cut-out came with it, without a word of its own
    else showPiece(message.kind, message.url);
    if (ON_STAGE.has(message.kind)) showPicture(message.url);
  } else if (message.type === "finished") finish();
}

async function poll() {
  const answer = await fetch(`/api/jobs/${root().dataset.job}?images=none`, { headers: { Accept: "application/json" } });
  if (answer.status === 401 || answer.status === 404) location.reload();
  else if (answer.ok && !over) showRow(await answer.json());
}

if (!over) {
  stopSocket = openSocket(`/ws/jobs/${root().dataset.job}/`, {
    onMessage,
    onRefused: () => location.reload(),
    onLost: () => {
      polling ||= setInterval(() => poll().catch(() => {}), POLL_MS);
    },
    sequence: () => sequence,
  });
}
