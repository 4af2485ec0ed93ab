// What is posted with an ad: copied field by field, and written anew for a product or with other words.
import { copy } from "./clipboard.js";

const DONE_MS = 2000;

async function copyBeside(button) {
  const box = button.closest("[data-post]");
  const said = box.querySelector("[data-post-said]");
  const name = button.querySelector("span");
  if (!(await copy(document.getElementById(button.getAttribute("aria-controls"))))) {
    said.textContent = box.dataset.select;
    return;
  }
  said.textContent = box.dataset.copied;
  name.dataset.name ??= name.textContent;
  name.textContent = box.dataset.done;
  setTimeout(() => {
    name.textContent = name.dataset.name;
    said.textContent = "";
  }, DONE_MS);
}

async function write(form, submitter) {
  const { waiting, lost } = form.closest("[data-post]").dataset;
  const say = (text) => {
    document.querySelector("[data-post-said]").textContent = text;
  };
  const body = new FormData(form, submitter);
  say(waiting);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if ((!answer.ok && answer.status !== 422) || answer.redirected) {
      location.reload();
      return;
    }
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const section = document.adoptNode(parsed.querySelector("[data-post]"));
    document.querySelector("[data-post]").replaceWith(section);
    section.querySelector("[data-post-form] [name=product]").focus({ preventScroll: true });
  } catch {
    say(lost);
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-post-copy]");
  if (button) copyBeside(button);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-post-form]")) return;
  event.preventDefault();
  if (event.target.getAttribute("aria-busy") !== "true") write(event.target, event.submitter);
});
