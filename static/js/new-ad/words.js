// Help with words: headlines to tap, and a wish that becomes a scene, a style and prompts.
import { changed, form, pick, picked, post } from "./api.js";

const PROMPTS = ["bg_prompt", "text_model_prompt", "bg_negative_prompt"];
const CHOICES = ["scene", "text_style"];

function element(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function chipOf(line, pressed = false) {
  const chip = element("button", "chip-button", line);
  chip.type = "button";
  chip.setAttribute("aria-pressed", pressed);
  return chip;
}

function putInto(name, line) {
  const field = form.elements[name];
  field.value = line;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function suggestions() {
  const box = form.querySelector("[data-copy]");
  const told = box.querySelector("[data-told]");
  const product = box.querySelector("[data-product]");
  const open = box.querySelector("[data-copy-open]");
  const chips = box.querySelector("[data-suggestions]");
  const small = box.querySelector("[data-subline]");
  const more = box.querySelector("[data-copy-more]");
  let seed = 0;

  function show(answer) {
    const { text_content: headline, subline } = form.elements;
    chips.replaceChildren(...answer.headlines.map((line) => chipOf(line, line === headline.value)));
    small.querySelector("button")?.remove();
    small.append(chipOf(answer.subline, answer.subline === subline.value));
    small.hidden = more.hidden = false;
  }

  async function ask(wanted) {
    if (!product.value.trim()) {
      told.textContent = told.dataset.nothing;
      product.focus();
      return;
    }
    told.textContent = told.dataset.waiting;
    more.disabled = true;
    try {
      show(await post(box.dataset.url, { product: product.value, seed: wanted }));
      seed = wanted;
      told.textContent = told.dataset.found;
    } catch (error) {
      told.textContent = error.message;
    }
    more.disabled = false;
  }
  open.addEventListener("click", () => {
    const shown = open.getAttribute("aria-expanded") !== "true";
    open.setAttribute("aria-expanded", shown);
    box.querySelector(".copy-box").hidden = !shown;
    if (shown) product.focus();
  });
  box.querySelector("[data-copy-ask]").addEventListener("click", () => ask(0));
  more.addEventListener("click", () => ask(seed + 1));
  product.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    ask(0);
  });
  chips.addEventListener("click", ({ target }) => {
    if (!target.matches("button")) return;
    putInto("text_content", target.textContent);
    for (const chip of chips.children) chip.setAttribute("aria-pressed", chip === target);
  });
  small.addEventListener("click", ({ target }) => {
    if (!target.matches("button")) return;
    const taken = target.getAttribute("aria-pressed") !== "true";
    putInto("subline", taken ? target.textContent : "");
    target.setAttribute("aria-pressed", taken);
    form.elements.subline.closest("details").open ||= taken;
  });
}

const snapshot = () =>
  Object.fromEntries([...PROMPTS.map((name) => [name, form.elements[name].value]), ...CHOICES.map((name) => [name, picked(name)?.value ?? ""])]);

function put(values) {
  for (const name of PROMPTS) form.elements[name].value = values[name];
  for (const name of CHOICES) pick(name, values[name]);
  changed();
}

function nameOf(name, value, automatic) {
  if (!value) return automatic;
  return [...form.querySelectorAll(`input[name="${name}"]`)].find((each) => each.value === value)?.dataset.name ?? value;
}

const labelOf = (name) =>
  (form.elements[name].labels?.[0] ?? picked(name).closest("fieldset").querySelector("legend")).textContent;

function wish() {
  const box = form.querySelector("[data-wish]");
  const told = box.querySelector("[data-changes]");
  const undo = box.querySelector("[data-undo-wish]");
  const button = box.querySelector("[data-optimise]");
  let before = null;

  function describe(wanted, after, why) {
    const lines = CHOICES.filter((name) => before[name] !== after[name]).map((name) => {
      const [old, now] = [before, after].map((values) => nameOf(name, values[name], told.dataset.automatic));
      return `${labelOf(name)}: ${old} → ${now}`;
    });
    for (const name of PROMPTS) {
      if (before[name] !== after[name]) lines.push(`${labelOf(name)}: ${told.dataset.written}`);
    }
    const reason = element("p", "reason", why);
    if (!lines.length) return told.replaceChildren(element("p", "", told.dataset.same), reason);
    const list = element("ul", "", "");
    list.append(...lines.map((line) => element("li", "", line)));
    told.replaceChildren(element("p", "", told.dataset.why.replace("{wish}", wanted)), list, reason);
  }

  button.addEventListener("click", async () => {
    const wanted = form.elements.bg_prompt.value.trim();
    if (!wanted) {
      told.textContent = told.dataset.nothing;
      form.elements.bg_prompt.focus();
      return;
    }
    button.disabled = true;
    told.textContent = told.dataset.waiting;
    try {
      const { text_content: headline, photo_id: photo } = form.elements;
      const asked = { prompt: wanted, text_content: headline.value, photo_id: photo.value };
      const answer = await post(box.dataset.url, asked);
      before = snapshot();
      const after = Object.fromEntries([...PROMPTS, ...CHOICES].map((name) => [name, answer[name]]));
      put(after);
      describe(wanted, snapshot(), answer.why);
      undo.hidden = false;
    } catch (error) {
      told.textContent = error.message;
    }
    button.disabled = false;
  });
  undo.addEventListener("click", () => {
    put(before);
    undo.hidden = true;
    told.textContent = told.dataset.undone;
    button.focus();
  });
}

export function start() {
  suggestions();
  wish();
}
