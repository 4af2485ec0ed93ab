// What was begun, kept in this browser for each shop until its ad is ordered or begun anew. The photo stays on the
// server; its number is part of the draft.
import { changed, form } from "./api.js";

const KEY = `adstudio:draft:${form.dataset.shop}`;
const WAIT_MS = 300;
let waiting = 0;
let over = false;

// The ad's own fields; the other hidden ones are the server's.
const kept = () =>
  [...form.elements].filter(({ name, type }) => name && type !== "file" && (type !== "hidden" || name === "photo_id"));

function isDefault(radio) {
  const all = [...form.querySelectorAll(`input[name="${radio.name}"]`)];
  return radio === (all.find((each) => !each.value) ?? all[0]);
}

// What was chosen otherwise than a new page has it. A page that the server filled counts as chosen all over.
function chosen(each) {
  if (each.type === "radio") return each.checked && !isDefault(each) && each.value;
  if (each.type === "checkbox") return (form.dataset.draft === "kept" || each.checked !== each.defaultChecked) && [each.checked];
  return each.value;
}

// Written or chosen otherwise than the server sent it: by a merchant who was quicker than this script, or by the
// browser, which fills a reloaded page with what was there. It is newer than any draft.
function isTouched(each) {
  if (each.type === "radio") return [...form.elements[each.name]].some((one) => one.checked !== one.defaultChecked);
  if (each.type === "checkbox") return each.checked !== each.defaultChecked;
  if (each.type === "select-one") return each.selectedOptions[0] !== ([...each.options].find((one) => one.defaultSelected) ?? each.options[0]);
  return each.type !== "hidden" && each.value !== each.defaultValue;
}

function read() {
  const values = {};
  for (const each of kept()) {
    const value = chosen(each);
    if (value) values[each.name] = value;
  }
  return values;
}

// Private windows and full disks refuse: then there is no draft, and nothing else is the worse for it.
function storage(work) {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

function save() {
  clearTimeout(waiting);
  waiting = 0;
  if (over) return;
  const values = read();
  const empty = Object.keys(values).length === 0;
  storage((store) => (empty ? store.removeItem(KEY) : store.setItem(KEY, JSON.stringify(values))));
  form.querySelector("[data-restart]").hidden = empty;
}

function fill(values, touched) {
  for (const each of kept()) {
    if (!(each.name in values) || touched.has(each)) continue;
    if (each.type === "radio") each.checked = each.value === values[each.name];
    else if (each.type === "checkbox") [each.checked] = values[each.name];
    else each.value = values[each.name];
  }
  for (const fold of form.querySelectorAll("details")) {
    fold.open ||= [...fold.querySelectorAll("input, textarea")].some((each) => each.value);
  }
}

export function start() {
  const stored = storage((store) => {
    if (form.dataset.draft === "over") store.removeItem(KEY);
    return JSON.parse(store.getItem(KEY));
  });
  const touched = new Set(kept().filter(isTouched));
  if (stored && form.dataset.draft === "shown") {
    fill(stored, touched);
    changed();
    const told = form.querySelector("[data-resumed]");
    told.textContent = told.dataset.text;
  }
  const restart = form.querySelector("[data-restart]");
  restart.hidden = Object.keys(read()).length === 0;
  restart.addEventListener("click", () => {
    over = true;
    storage((store) => store.removeItem(KEY));
    location.replace(form.getAttribute("action"));
  });
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, WAIT_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("photo", later);
  window.addEventListener("pagehide", () => waiting && save());
  const [{ type }] = performance.getEntriesByType("navigation");
  if (touched.size && type !== "back_forward") later(); // back from an ad that was ordered: no draft
}
