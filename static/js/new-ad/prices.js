// Prices as they will stand in the ad: digits get their commas and the currency when the field is left.
import { changed, form } from "./api.js";

const box = form.querySelector("[data-prices]");

// The amount, where the text is one: "1+1" and "하나 더" stay words.
const amount = (text) => Number(/^₩?\s*(\d{1,9})\s*원?$/.exec(text.trim().replaceAll(",", ""))?.[1] ?? NaN);

function asMoney(text) {
  const found = amount(text);
  return Number.isNaN(found) ? text.trim() : form.dataset.money.replace("{n}", found.toLocaleString("en-US"));
}

function tellSaving() {
  const [before, now] = [amount(form.elements.price_before.value), amount(form.elements.price_now.value)];
  const percent = Math.round(100 * (1 - now / before));
  const told = box.querySelector("[data-saved]");
  told.textContent = now > 0 && percent > 0 ? box.dataset.saving.replace("{n}", percent) : "";
}

export function start() {
  const fields = [form.elements.price_before, form.elements.price_now];
  const format = () => fields.forEach((field) => (field.value = asMoney(field.value)));
  for (const field of fields) {
    field.addEventListener("change", () => {
      format();
      changed();
    });
  }
  form.addEventListener("submit", format);
  if (!fields.includes(document.activeElement)) format(); // written and left before this script was there
  form.addEventListener("input", tellSaving);
  tellSaving();
}
