// A likeness of the ad while it is chosen: the scene's small picture, the cut-out stood in it, the words in their font.
// The engine's own picture has the light and the shadows; this one has only the places and the shapes.
import { form, picked } from "./api.js";

const LARGEST = 640; // pixels of the cut-out's canvas
const WIDE = 1.5; // width over height from where words stand beside the product
const SHARE = { words: 0.88, beside: 0.46, tall: 0.3, besideTall: 0.56, small: 0.14, besideSmall: 0.3 };

const box = form.querySelector("[data-preview]");
const frame = box.querySelector("[data-frame]");
const scene = box.querySelector("[data-preview-scene]");
const canvas = box.querySelector("[data-preview-product]");
const words = box.querySelector("[data-preview-words]");
const small = box.querySelector("[data-preview-small]");
const ghost = box.querySelector("[data-ghost]");
const fonts = new Map();
let drawing = 0;

const said = () => form.elements.text_content.value.trimEnd();
const shown = () => said() || (ghost.hidden ? "" : box.dataset.sample); // what an ad without a photo could look like

const isWide = () => Number(frame.style.getPropertyValue("--shape")) > WIDE;
const percent = (share) => `${(100 * share).toFixed(2)}%`;

function covered() {
  const [top, right, bottom, left] = picked("format").dataset.covered.split(" ").map((part) => Number(part) / 100);
  return { top, right, bottom, left };
}

function drawFrame() {
  const { width, height } = picked("format").dataset;
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.setProperty("--shape", width / height);
  const hidden = covered();
  for (const edge of box.querySelectorAll("[data-covered]")) {
    const share = hidden[edge.dataset.covered];
    edge.hidden = !share;
    edge.style.setProperty("--share", percent(share));
  }
}

function drawScene() {
  const input = picked("scene");
  const url = input.dataset.scene ?? input.closest(".tile").querySelector("img").src;
  if (scene.getAttribute("src") !== url) scene.src = url;
  frame.dataset.ink = input.dataset.ink;
}

// Where the product stands: its foot and the room it may fill, as shares of the frame.
function room() {
  const hidden = covered();
  const words = shown();
  const free = 1 - hidden.top - hidden.bottom;
  if (isWide() && words) return { x: 0.72, foot: 0.1, width: 0.4, height: 0.76 };
  const below = picked("text_position").value === "bottom" && words;
  const low = (below ? 0.42 : 0.1) + (small.hidden ? 0 : SHARE.small / 2);
  return { x: 0.5, foot: hidden.bottom + free * low, width: 0.66, height: free * (words ? 0.5 : 0.64) };
}

function seat() {
  const place = room();
  const shape = Number(frame.style.getPropertyValue("--shape"));
  const product = canvas.width / canvas.height / shape; // width over height, in shares of the frame
  const height = Math.min(place.height, place.width / product);
  for (const [what, width] of [[canvas, height * product], [ghost, height / shape]]) {
    Object.assign(what.style, { left: percent(place.x - width / 2), bottom: percent(place.foot), width: percent(width), height: percent(height) });
  }
}

function fit(share, tall) {
  const [width, height] = [frame.clientWidth * share, frame.clientHeight * tall];
  let [low, high] = [4, frame.clientHeight / 2];
  while (high - low > 0.5) {
    const size = (low + high) / 2;
    words.style.fontSize = `${size}px`;
    if (words.scrollHeight <= height && words.scrollWidth <= width + 1) low = size;
    else high = size;
  }
  words.style.fontSize = `${low}px`;
}

// The style that was picked, else the one that suits the scene.
function style() {
  const input = picked("text_style");
  return (input.value ? input : form.querySelector(`[name=text_style][value="${picked("scene").dataset.suits}"]`)).dataset;
}

function drawWords() {
  const look = style();
  const [light, middle, dark] = look.swatch.split(" ");
  words.textContent = shown();
  words.classList.toggle("sample", !said());
  words.dataset.look = look.look;
  for (const [name, value] of Object.entries({ light, middle, dark })) words.style.setProperty(`--${name}`, value);
  const [hidden, wide] = [covered(), isWide()];
  const low = small.hidden ? 0 : wide ? SHARE.besideSmall : SHARE.small;
  const free = 1 - hidden.top - hidden.bottom;
  const share = wide ? SHARE.beside : SHARE.words;
  words.style.width = percent(share);
  words.style.left = percent(wide ? 0.04 : (1 - share) / 2);
  words.classList.toggle("behind", picked("composition_mode").value === "behind");
  words.classList.toggle("blend", picked("composition_mode").value === "blend");
  const tall = wide ? SHARE.besideTall - low / 2 : free * SHARE.tall;
  fit(share, tall);
  const height = words.scrollHeight / frame.clientHeight;
  const at = wide ? "center" : picked("text_position").value;
  const top = { center: hidden.top + (free - (wide ? low : 0) - height) / 2, bottom: 1 - hidden.bottom - free * (0.05 + low) - height }[at];
  words.style.top = percent(top ?? hidden.top + free * 0.05);
}

function drawSmall() {
  const { subline, price_before: before, price_now: now } = form.elements;
  const crossed = Object.assign(document.createElement("s"), { textContent: before.value });
  const price = Object.assign(document.createElement("b"), { textContent: now.value });
  small.replaceChildren(...(subline.value ? [subline.value, document.createElement("br")] : []), crossed, " ", price);
  small.hidden = !(subline.value || before.value || now.value);
  const share = isWide() ? SHARE.beside : SHARE.words;
  small.style.width = percent(share);
  small.style.left = percent(isWide() ? 0.04 : (1 - share) / 2);
  small.style.bottom = percent(covered().bottom + (isWide() ? 0.08 : 0.02));
}

// Fetched as data, so that a page's policy need not allow fonts; each once, when it is first wanted.
async function setFont() {
  const path = form.elements.font_name.value || form.dataset.usualFont;
  if (!fonts.has(path)) {
    fonts.set(
      path,
      fetch(form.dataset.fonts.replace(/F$/, path))
        .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(answer)))
        .then((data) => new FontFace(`headline ${path}`, data).load())
        .then((face) => document.fonts.add(face))
        .catch(() => fonts.delete(path)), // tried again with the next choice
    );
  }
  frame.style.fontFamily = `"headline ${path}", var(--font)`;
  await fonts.get(path);
  draw();
}

function draw() {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => {
    drawFrame();
    drawScene();
    drawSmall();
    drawWords();
    seat();
  });
}

function bounds(image) {
  const size = 128;
  const surface = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const probe = surface.getContext("2d", { willReadFrequently: true });
  probe.drawImage(image, 0, 0, size, size);
  const { data } = probe.getImageData(0, 0, size, size);
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (let at = 0; at < size * size; at++) {
    if (data[4 * at + 3] < 32) continue;
    const [x, y] = [at % size, Math.floor(at / size)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return right ? { x: left / size, y: top / size, width: (right - left) / size, height: (bottom - top) / size } : null;
}

async function setProduct(photo) {
  const url = photo.shown_url ?? photo.matte_screen_url ?? photo.screen_url;
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const part = bounds(image);
  if (!part) return;
  const [width, height] = [part.width * image.naturalWidth, part.height * image.naturalHeight];
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  canvas.width = Math.max(1, width * scale);
  canvas.height = Math.max(1, height * scale);
  const source = [part.x * image.naturalWidth, part.y * image.naturalHeight, width, height];
  canvas.getContext("2d").drawImage(image, ...source, 0, 0, canvas.width, canvas.height);
  canvas.hidden = false;
  canvas.classList.toggle("uncut", !photo.matte_screen_url);
  ghost.hidden = true;
  draw();
}

export function start() {
  form.addEventListener("input", draw);
  form.addEventListener("photo", ({ detail }) => setProduct(detail).catch(() => {})); // the likeness stays as it was
  form.elements.font_name.addEventListener("change", setFont);
  const headline = form.elements.text_content;
  headline.addEventListener("focus", setFont, { once: true });
  new ResizeObserver(draw).observe(frame);
  if (headline.value || form.elements.font_name.value || document.activeElement === headline) setFont();
  draw();
}
