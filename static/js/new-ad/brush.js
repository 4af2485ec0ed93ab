// The mask brush: strokes over the cut-out, at a screen's size. Only the strokes are sent; the server lays them over the
// matte at the photo's own size, so an old phone never holds the whole photo and what was not painted stays as it was.
import { request } from "./api.js";

const NEAR = 24; // CSS pixels that a first finger may move before a second one makes it a pinch
const STEP = 12; // pixels an arrow key moves the brush
const ZOOM = { most: 12, step: 1.25 };

const dialog = document.querySelector("[data-brush]");
const find = (name) => dialog.querySelector(`[data-brush-${name}]`);
const view = find("canvas");
const told = find("told");
const size = find("size");
const surface = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

const load = (url) => {
  const image = Object.assign(new Image(), { src: url });
  return image.decode().then(() => image);
};

let photo, cut, kept, paint; // the photo, its cut-out, the cut-out as brushed, the photo as what a stroke paints with
let strokes = [];
let undone = [];
let look = { scale: 1, x: 0, y: 0 }; // photo to screen, in CSS pixels
let fitted = 1;
let cursor = null; // of the keyboard and the mouse, in the photo's pixels
let stroke = null;
let pinch = null;
let frame = 0;
const fingers = new Map();

const tool = () => dialog.querySelector("[name=brush-tool]:checked").value;

function lay(context, each, colours) {
  context.save();
  context.globalCompositeOperation = colours[each.tool].how;
  context.strokeStyle = colours[each.tool].with;
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = each.width;
  context.beginPath();
  const [[x, y], ...rest] = each.points;
  context.moveTo(x, y);
  context.lineTo(x + 0.01, y); // a tap is a dot: a line without any length would not be drawn
  for (const point of rest) context.lineTo(...point);
  context.stroke();
  context.restore();
}

const onCutout = () => ({ keep: { how: "source-over", with: paint }, erase: { how: "destination-out", with: "#000" } });
const onStrokes = { keep: { how: "source-over", with: "#fff" }, erase: { how: "source-over", with: "#000" } };

function rebuild() {
  const context = kept.getContext("2d");
  context.clearRect(0, 0, kept.width, kept.height);
  if (cut) context.drawImage(cut, 0, 0, kept.width, kept.height);
  for (const each of strokes) lay(context, each, onCutout());
  ready();
}

function ready() {
  find("undo").disabled = !strokes.length;
  find("redo").disabled = !undone.length;
  find("save").disabled = !strokes.length;
  draw();
}

function draw() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    if (!kept) return; // closed meanwhile
    const context = view.getContext("2d");
    const dense = view.width / view.clientWidth;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.setTransform(dense * look.scale, 0, 0, dense * look.scale, dense * look.x, dense * look.y);
    context.globalAlpha = 0.22;
    context.drawImage(photo, 0, 0, kept.width, kept.height);
    context.globalAlpha = 1;
    context.fillStyle = "rgb(70 90 210 / 22%)"; // a dark ground is told from a dark product
    context.fillRect(0, 0, kept.width, kept.height);
    context.drawImage(kept, 0, 0);
    if (cursor && tool() !== "hand") ring(context);
  });
}

function ring(context) {
  for (const [colour, width] of [["#000", 3], ["#fff", 1.5]]) {
    context.beginPath();
    context.arc(...cursor, reach() / 2, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width / look.scale;
    context.stroke();
  }
}

const reach = () => size.valueAsNumber / look.scale; // the brush is as wide on the screen at every zoom

function place(event) {
  const { left, top } = view.getBoundingClientRect();
  return [(event.clientX - left - look.x) / look.scale, (event.clientY - top - look.y) / look.scale];
}

function fit() {
  fitted = Math.min(view.clientWidth / kept.width, view.clientHeight / kept.height) * 0.96;
  look = { scale: fitted, x: (view.clientWidth - kept.width * fitted) / 2, y: (view.clientHeight - kept.height * fitted) / 2 };
  draw();
}

// Turned, or the browser's bars came or went: what was zoomed in on stays.
function resize() {
  const whole = look.scale === fitted;
  const dense = Math.min(devicePixelRatio, 2);
  view.width = view.clientWidth * dense;
  view.height = view.clientHeight * dense;
  if (whole) fit();
  else draw();
}

function zoom(factor, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const scale = Math.min(Math.max(look.scale * factor, fitted / 2), fitted * ZOOM.most);
  const by = scale / look.scale;
  look = { scale, x: x - (x - look.x) * by, y: y - (y - look.y) * by };
  draw();
}

function begin(point) {
  stroke = { tool: tool(), width: reach(), points: [point] };
  strokes.push(stroke);
  undone = [];
  lay(kept.getContext("2d"), stroke, onCutout());
  ready();
}

function extend(point) {
  const from = stroke.points.at(-1);
  stroke.points.push(point);
  lay(kept.getContext("2d"), { ...stroke, points: [from, point] }, onCutout());
  draw();
}

function undo() {
  if (!strokes.length) return;
  undone.push(strokes.pop());
  rebuild();
}

function redo() {
  if (!undone.length) return;
  strokes.push(undone.pop());
  rebuild();
}

function spread() {
  const [a, b] = [...fingers.values()];
  const { left, top } = view.getBoundingClientRect();
  return { apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2 - left, y: (a.clientY + b.clientY) / 2 - top };
}

function down(event) {
  view.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
  if (fingers.size === 2) {
    const first = stroke?.points ?? [];
    const moved = first.length && Math.hypot(first.at(-1)[0] - first[0][0], first.at(-1)[1] - first[0][1]) * look.scale;
    if (stroke && moved < NEAR) {
      strokes.pop(); // the first finger of a pinch, not a stroke
      rebuild();
    }
    stroke = null;
    pinch = spread();
  } else if (fingers.size === 1 && event.button !== 1 && tool() !== "hand") begin(place(event));
}

function move(event) {
  const before = fingers.get(event.pointerId);
  cursor = event.pointerType === "touch" ? null : place(event);
  if (!before) return draw();
  fingers.set(event.pointerId, event);
  if (pinch && fingers.size === 2) {
    const now = spread();
    look.x += now.x - pinch.x;
    look.y += now.y - pinch.y;
    zoom(now.apart / pinch.apart, now.x, now.y);
    pinch = now;
  } else if (stroke) {
    for (const each of event.getCoalescedEvents?.() ?? []) extend(place(each));
    extend(place(event));
  } else if (!pinch) {
    look.x += event.clientX - before.clientX;
    look.y += event.clientY - before.clientY;
    draw();
  }
}

function up(event) {
  fingers.delete(event.pointerId);
  stroke = null;
  if (!fingers.size) pinch = null;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function key(event) {
  const letter = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
    event.preventDefault();
    return letter === "y" || event.shiftKey ? redo() : undo();
  }
  if (event.target !== view) return undefined;
  cursor ??= [kept.width / 2, kept.height / 2];
  if (ARROWS[event.key]) {
    const [x, y] = ARROWS[event.key].map((way) => (way * STEP) / look.scale);
    cursor = [cursor[0] + x, cursor[1] + y];
  } else if (event.key === " " && tool() !== "hand") {
    if (!event.repeat) begin(cursor);
    stroke = null;
  } else if (event.key === "+" || event.key === "=") zoom(ZOOM.step);
  else if (event.key === "-") zoom(1 / ZOOM.step);
  else return undefined;
  event.preventDefault();
  return draw();
}

const png = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));

// The photo as the server has it now, and what was brushed, to be shown until the server's own picture is asked for.
async function store(url) {
  const sheet = surface(kept.width, kept.height);
  for (const each of strokes) lay(sheet.getContext("2d"), each, onStrokes);
  const body = new FormData();
  body.append("brush", await png(sheet), "brush.png");
  const stored = await request(url, { method: "PUT", body });
  return { ...stored, shown_url: URL.createObjectURL(await png(kept)) };
}

async function open(shown) {
  strokes = [];
  undone = [];
  cursor = null;
  kept = null;
  find("save").disabled = true;
  told.textContent = dialog.dataset.loading;
  find("leave").hidden = true;
  dialog.showModal();
  const [whole, part] = await Promise.all([load(shown.screen_url), shown.matte_screen_url ? load(shown.matte_screen_url) : null]);
  if (!dialog.open) return; // left while it loaded
  [photo, cut] = [whole, part];
  kept = surface(photo.naturalWidth, photo.naturalHeight);
  paint = kept.getContext("2d").createPattern(photo, "no-repeat");
  told.textContent = "";
  dialog.querySelector(`[name=brush-tool][value=${cut ? "erase" : "keep"}]`).checked = true;
  rebuild();
  look.scale = fitted;
  resize();
  view.focus({ focusVisible: false });
}

const leave = () => {
  if (!strokes.length) return dialog.close();
  find("leave").hidden = false;
  return find("stay").focus();
};

// Opens the brush over a photo; resolves with the photo as it was stored, or with nothing when it was left.
export function brush(shown, url) {
  return new Promise((resolve) => {
    let stored = null;
    const save = async () => {
      find("save").disabled = true;
      told.textContent = dialog.dataset.saving;
      try {
        stored = await store(url);
        dialog.close();
      } catch (error) {
        told.textContent = error.message;
        find("save").disabled = false;
      }
    };
    const watched = new ResizeObserver(() => kept && resize());
    watched.observe(view);
    find("save").onclick = save;
    dialog.onclose = () => {
      watched.disconnect();
      photo = cut = kept = paint = null; // a phone's memory is small
      fingers.clear();
      resolve(stored);
    };
    open(shown).catch(() => {
      told.textContent = dialog.dataset.unreadable;
    });
  });
}

view.addEventListener("pointerdown", (event) => kept && down(event));
view.addEventListener("pointermove", (event) => kept && move(event));
for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, up);
view.addEventListener("pointerleave", () => {
  cursor = null;
  if (kept) draw();
});
view.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    if (kept) zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  },
  { passive: false },
);
// of the document: a button that was just switched off has lost the keyboard to it
document.addEventListener("keydown", (event) => kept && key(event));
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  leave();
});
find("close").addEventListener("click", leave);
find("drop").addEventListener("click", () => dialog.close());
find("stay").addEventListener("click", () => {
  find("leave").hidden = true;
  view.focus();
});
find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("in").addEventListener("click", () => zoom(ZOOM.step));
find("out").addEventListener("click", () => zoom(1 / ZOOM.step));
find("fit").addEventListener("click", fit);
