// The brand kit: a chosen logo is kept at once, and the sample shows every change before it is saved.
const SVG = "http://www.w3.org/2000/svg";
const COLOR = /^#[0-9a-f]{6}$/i;
const DARK_INK_FROM = 0.32; // as jobs.portal.brand has it
const [BADGE_CONTRAST, DARKER] = [4.5, 0.96]; // as generation.palette has them

const form = document.querySelector("[data-kit]");
const sample = form.querySelector("[data-sample]");
const file = form.elements.logo;
const told = form.querySelector("[data-logo-told]");
const errors = form.querySelector("[data-logo-errors]");

const partsOf = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

function luminance(parts) {
  const [r, g, b] = parts.map((part) => (part / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function badgeGround(color) {
  let parts = partsOf(color);
  while (1.05 / (luminance(parts) + 0.05) < BADGE_CONTRAST) parts = parts.map((part) => part * DARKER);
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function paint(part, color) {
  const shape = sample.querySelector(`[data-${part}]`);
  const shown = COLOR.test(color) ? color : (shape.dataset.neutral ?? shape.dataset.house);
  shape.setAttribute("fill", part === "accent" ? badgeGround(shown) : shown);
  if (part === "ground") sample.dataset.ink = luminance(partsOf(shown)) > DARK_INK_FROM ? "dark" : "light";
}

function follow(field) {
  const text = field.querySelector("input");
  const picker = field.querySelector("[data-picker]");
  const swatches = field.querySelector("[data-swatches]");
  const show = () => {
    const color = text.value.trim().toLowerCase();
    paint(field.dataset.colorField, color);
    if (COLOR.test(color)) picker.value = color;
    for (const swatch of swatches.children) {
      swatch.setAttribute("aria-pressed", String(swatch.dataset.color === color));
    }
  };
  const take = (color) => {
    text.value = color;
    show();
  };
  picker.hidden = text.matches(":disabled");
  text.addEventListener("input", show);
  picker.addEventListener("input", () => take(picker.value));
  swatches.addEventListener("click", (event) => {
    const swatch = event.target.closest("[data-color]");
    if (swatch) take(swatch.dataset.color);
  });
  show();
  return show;
}

function swatchOf(color) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "swatch" });
  button.dataset.color = color;
  button.setAttribute("aria-label", color);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const dot = document.createElementNS(SVG, "circle");
  for (const [name, value] of [["cx", 12], ["cy", 12], ["r", 11.5], ["fill", color]]) dot.setAttribute(name, value);
  svg.append(dot);
  button.append(svg);
  return button;
}

const shows = [...form.querySelectorAll("[data-color-field]")].map(follow);

form.elements.default_font.addEventListener("change", (event) => {
  const address = `${form.dataset.specimen}?font=${encodeURIComponent(event.target.value)}`;
  sample.querySelector("[data-words]").setAttribute("href", address);
});

function complain(message) {
  const line = Object.assign(document.createElement("p"), { className: "errorlist", textContent: message });
  line.setAttribute("role", "alert");
  errors.replaceChildren(line);
}

async function keep() {
  if (!file.files.length) return;
  errors.replaceChildren();
  told.textContent = told.dataset.sending;
  const body = new FormData();
  body.append("logo", file.files[0]);
  file.value = ""; // sent on its own: not a second time with the form
  let answer;
  let kept = null;
  try {
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" };
    answer = await fetch(form.dataset.upload, { method: "POST", body, headers });
    kept = await answer.json();
  } catch {
    kept = null;
  }
  told.textContent = "";
  if (!answer?.ok || !kept) {
    complain(kept?.error?.message ?? form.dataset.offline);
    return;
  }
  told.textContent = told.dataset.done;
  const picture = form.querySelector("[data-logo-picture]");
  picture.src = kept.url;
  picture.hidden = false;
  form.querySelector("[data-logo-none]")?.remove();
  if (form.elements.remove_logo) form.elements.remove_logo.checked = false;
  sample.querySelector("[data-logo]").setAttribute("href", kept.url);
  for (const swatches of form.querySelectorAll("[data-swatches]")) swatches.replaceChildren(...kept.colors.map(swatchOf));
  for (const show of shows) show();
}

file.addEventListener("change", keep);
keep(); // chosen on a slow line, before this script was there
