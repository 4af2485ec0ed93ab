// A finished ad: compared with its photo, sent on by the phone's own share sheet, shown by a link.
import { copy } from "./clipboard.js";

// Before and after ------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-compare-button]");
  if (!button) return;
  const box = document.querySelector("[data-stage-box]");
  const range = box.querySelector("[data-compare]");
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  range.hidden = !on;
  box.querySelector(".compare-photo").hidden = !on;
  box.classList.toggle("comparing", on);
  if (!on) return;
  divide(range);
  range.focus();
});

function divide(range) {
  range.closest("[data-stage-box]").style.setProperty("--divide", range.value / 100);
  range.setAttribute("aria-valuetext", range.dataset.say.replace("{n}", range.value));
}
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-compare]")) divide(event.target);
});

// The share sheet -------------------------------------------------------------------------------------------
const files = new Map();

function fileOf(button) {
  const address = button.dataset.shareFile;
  if (!files.has(address)) {
    const made = fetch(address).then(async (answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      const picture = await answer.blob();
      return new File([picture], button.dataset.name, { type: picture.type });
    });
    made.catch(() => files.delete(address));
    files.set(address, made);
  }
  return files.get(address);
}

function canShareFiles() {
  const probe = new File(["x"], "ad.png", { type: "image/png" });
  return Boolean(navigator.canShare?.({ files: [probe] }));
}

async function share(button) {
  const said = button.closest("[data-downloads]").querySelector("[data-said]");
  try {
    await navigator.share({ files: [await fileOf(button)] });
    said.textContent = "";
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.name === "NotAllowedError") said.textContent = button.dataset.again; // the press is too long ago
    else if (error instanceof TypeError) said.textContent = button.dataset.lost;
    else location.assign(button.dataset.downloadUrl);
  }
}

const SHARE = "[data-share-file]";
if (canShareFiles()) {
  document.documentElement.classList.add("can-share");
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const button = event.target.closest?.(SHARE);
      if (button) fileOf(button).catch(() => {});
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest(SHARE);
    if (button) share(button);
  });
}

// A link for people without an account ----------------------------------------------------------------------
async function changeLink(form) {
  const words = form.closest("[data-share]").dataset;
  const say = (text) => {
    document.querySelector("[data-share-said]").textContent = text;
  };
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok || answer.redirected) {
      location.reload();
      return;
    }
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const section = document.adoptNode(parsed.querySelector("[data-share]"));
    document.querySelector("[data-share]").replaceWith(section);
    const address = section.querySelector("[data-address]");
    if (address) say((await copy(address)) ? words.copied : words.select);
    section.querySelector("button").focus();
  } catch {
    say(words.lost);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-share-form]")) return;
  event.preventDefault();
  changeLink(event.target);
});

// What a link leads to is opened ----------------------------------------------------------------------------
function openFold() {
  const fold = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (fold instanceof HTMLDetailsElement) fold.open = true;
}
window.addEventListener("hashchange", openFold);
openFold();
