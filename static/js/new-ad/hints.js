// What could be put right in the words, asked for once they rest for a moment. Hints never hold the form back: without an
// answer there are none.
import { changed, form, picked, request } from "./api.js";

const REST_MS = 600;
const SHOWN = 3;
const FIELDS = ["text_content", "subline", "price_before", "price_now"];

const box = form.querySelector("[data-hints]");
const list = box.querySelector("[data-hints-list]");
const more = box.querySelector("[data-hints-more]");
const notice = box.querySelector("[data-hints-notice]");
const said = box.querySelector("[data-hints-said]");
const kept = new Set(); // what the merchant wants to stay as it is
let asked = "";
let waiting = 0;
let call = null;
let all = false;

const keyOf = (hint) => `${hint.kind} ${hint.rule ?? ""} ${hint.text}`;

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function button(className, text, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function current() {
  const words = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
  return { ...words, font_name: form.elements.font_name.value || form.dataset.usualFont, format: picked("format").value };
}

// Places are counted in characters of the composed text without the spaces around it.
function put(hint, text) {
  const field = form.elements[hint.field];
  const value = field.value.normalize("NFC");
  const start = value.length - value.trimStart().length;
  const letters = [...value.slice(start)];
  if (letters.slice(hint.start, hint.end).join("") !== hint.text) return;
  letters.splice(hint.start, hint.end - hint.start, text);
  field.value = value.slice(0, start) + letters.join("");
  changed();
  ask();
  box.focus({ preventScroll: true });
}

function takeFont(path) {
  form.elements.font_name.value = path;
  form.elements.font_name.dispatchEvent(new Event("change", { bubbles: true }));
  changed();
  ask();
}

function heading(hint) {
  const words = element("p", "hint-words");
  const title = { law: box.dataset.law, length: box.dataset.length, glyphs: box.dataset.glyphs }[hint.kind];
  const where = hint.field === "subline" ? box.dataset.subline : hint.field.startsWith("price") ? box.dataset.price : "";
  if (title || where) words.append(element("span", "hint-where", [where, title].filter(Boolean).join(" · ")));
  if (hint.kind === "length") return words;
  if (hint.suggestions.length) words.append(element("s", "", hint.text), ` → ${hint.suggestions[0]}`);
  else words.append(hint.text);
  return words;
}

// The first way to put it right stands beside the words; others, and fonts, below.
function fix(hint, text, name) {
  const made = button("hint-fix", name, () => put(hint, text));
  made.setAttribute("aria-label", `${box.dataset.fix}: ${hint.text} → ${text}`);
  return made;
}

function others(hint) {
  const row = element("div", "hint-others");
  for (const text of hint.suggestions.slice(1)) row.append(fix(hint, text, text));
  for (const font of hint.fonts) row.append(button("hint-fix", font.name, () => takeFont(font.path)));
  return row;
}

function reason(hint) {
  const made = element("div", "hint-why");
  made.append(element("p", "", hint.why));
  if (hint.kind !== "law") return made;
  const safer = element("p", "");
  safer.append(element("b", "", box.dataset.safer), hint.safer);
  made.append(safer, element("p", "", hint.law));
  return made;
}

function unfold(made, open) {
  made.querySelector("[aria-expanded]").setAttribute("aria-expanded", open);
  made.querySelector(".hint-why").hidden = !open;
}

function item(hint) {
  const made = element("li", "hint-item");
  Object.assign(made.dataset, { level: hint.level, kind: hint.kind, key: keyOf(hint) });
  const close = button("hint-close", "×", () => {
    kept.add(keyOf(hint));
    made.remove();
    tally();
    box.focus({ preventScroll: true });
  });
  close.setAttribute("aria-label", `${box.dataset.keep}: ${hint.text}`);
  close.title = box.dataset.keep;
  const act = element("div", "hint-act");
  if (hint.suggestions.length) act.append(fix(hint, hint.suggestions[0], box.dataset.fix));
  made.append(heading(hint), act, reason(hint));
  if (hint.kind === "law") {
    const why = button("hint-fix", box.dataset.why, () => unfold(made, why.getAttribute("aria-expanded") !== "true"));
    act.append(why);
    why.setAttribute("aria-expanded", false);
    unfold(made, false);
  }
  act.append(close);
  if (hint.suggestions.length > 1 || hint.fonts.length) made.append(others(hint));
  return made;
}

// The first few are shown; how many more there are is told.
function tally() {
  const items = [...list.children];
  items.forEach((each, index) => (each.hidden = !all && index >= SHOWN));
  const rest = all ? 0 : Math.max(0, items.length - SHOWN);
  more.hidden = !rest;
  more.textContent = box.dataset.more.replace("{n}", rest);
  notice.hidden = !list.querySelector("[data-kind=law]");
  box.hidden = !items.length;
  said.textContent = items.length ? box.dataset.found.replace("{n}", items.length) : "";
}

function show({ hints, notice: told }) {
  const open = new Set([...list.children].filter((each) => each.querySelector('[aria-expanded="true"]')).map((each) => each.dataset.key));
  notice.textContent = told ?? "";
  list.replaceChildren(...hints.filter((hint) => !kept.has(keyOf(hint))).map(item));
  for (const each of list.children) if (open.has(each.dataset.key)) unfold(each, true); // the reader is not interrupted
  tally();
}

async function ask() {
  clearTimeout(waiting);
  call?.abort();
  const words = current();
  asked = JSON.stringify(words);
  if (!FIELDS.some((name) => words[name])) return show({ hints: [] });
  const mine = (call = new AbortController());
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await request(box.dataset.url, { method: "POST", body: asked, headers, signal: mine.signal });
    if (!mine.signal.aborted) show(answer);
  } catch {
    if (!mine.signal.aborted) show({ hints: [] });
  }
}

function later() {
  if (JSON.stringify(current()) === asked) return;
  call?.abort();
  clearTimeout(waiting);
  waiting = setTimeout(ask, REST_MS);
}

export function start() {
  form.addEventListener("input", later);
  more.addEventListener("click", () => {
    all = true;
    tally();
    list.children[SHOWN].querySelector("button").focus();
  });
  later();
}
