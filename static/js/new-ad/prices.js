// Prices as they will stand in the ad: digits get their commas and the currency when the field is left.
import { changed, form } from "./api.js";

const box = form.querySelector("[data-prices]");
const amount = (text) => Number(text.replace(/\D/g, ""));

export function asMoney(text) {
  const bare = text.trim().replaceAll(",", "");
  return /^\d{1,9}$/.test(bare) ? form.dataset.money.replace("{n}", Number(bare).toLocaleString("en-US")) : text.trim();
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
  form.addEventListener("input", tellSaving);
  tellSaving();
}
