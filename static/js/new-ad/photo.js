// The photo: dropped, chosen, pasted or taken, uploaded at once, cut out while the merchant fills the form.
import { form, post, request, send } from "./api.js";

const POLL_MS = 700;
const LARGEST = 32 * 1024 * 1024;

const drop = form.querySelector("[data-drop]");
const picture = form.querySelector("[data-picture]");
const status = form.querySelector("[data-status]");
const bar = form.querySelector("[data-upload]");
const errors = form.querySelector("[data-photo-errors]");
const again = form.querySelector("[data-again]");
const refine = form.querySelector("[data-refine]");
const photoId = form.elements.photo_id;
let turn = 0; // a later photo makes the answers about an earlier one void
let current = null; // the photo as the server last told of it
export let uploading = null;

function show(state) {
  drop.dataset.state = state;
  drop.querySelector(".drop-empty").hidden = state !== "empty";
  drop.querySelector("[data-shown]").hidden = state === "empty";
  bar.hidden = state !== "uploading";
  const settled = ["ready", "unsure", "failed", "brushed"].includes(state);
  again.hidden = !(settled && current?.other_method);
  refine.hidden = !settled;
  status.textContent = status.dataset[state] ?? "";
}

function draw(url) {
  if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
  picture.hidden = false;
  picture.src = url;
}
picture.addEventListener("error", () => {
  // this browser can't show it (HEIC, often): the server's own picture follows
  picture.hidden = true;
});

export function fail(error) {
  const line = Object.assign(document.createElement("p"), { className: "errorlist", textContent: error.message });
  if (error.status === 401) {
    const way = { href: form.dataset.signIn, textContent: form.dataset.signInText };
    line.append(" ", Object.assign(document.createElement("a"), way));
  }
  line.setAttribute("role", "alert");
  errors.replaceChildren(line);
  drop.classList.add("has-error");
}

function clearError() {
  errors.replaceChildren();
  drop.classList.remove("has-error");
}

const tell = (photo) => form.dispatchEvent(new CustomEvent("photo", { detail: photo }));

function settle({ shown_url: brushed, ...photo }, state) {
  current = photo;
  photoId.value = photo.photo_id;
  draw(brushed ?? photo.matte_screen_url ?? photo.screen_url);
  show(state ?? (photo.matte_state === "failed" ? "failed" : photo.unsure ? "unsure" : "ready"));
  tell({ ...photo, shown_url: brushed });
}

async function watch(photo, mine) {
  while (mine === turn) {
    if (photo.matte_state !== "pending") return settle(photo);
    current = photo;
    show("pending");
    if (picture.hidden) draw(photo.screen_url);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    photo = await request(`${form.dataset.photos}/${photo.photo_id}`).catch(() => photo);
  }
}

async function upload(file) {
  clearError();
  if (file.size > LARGEST) return fail(new Error(form.dataset.tooLarge));
  const mine = ++turn;
  const before = current;
  photoId.value = "";
  bar.value = 0;
  show("uploading");
  draw(URL.createObjectURL(file));
  const body = new FormData();
  body.append("file", file);
  try {
    const photo = await send(form.dataset.photos, body, (percent) => mine === turn && (bar.value = percent));
    if (mine !== turn) return;
    photoId.value = photo.photo_id;
    current = photo;
    tell(photo);
    watch(photo, mine);
  } catch (error) {
    if (mine !== turn) return;
    if (before) watch(before, mine);
    else show("empty");
    photoId.value = before?.photo_id ?? "";
    fail(error);
  }
}

async function cutOutAgain() {
  const mine = ++turn;
  const before = drop.dataset.state;
  clearError();
  show("pending");
  try {
    const photo = await post(`${form.dataset.photos}/${photoId.value}/cutout`, {});
    if (mine === turn) watch(photo, mine);
  } catch (error) {
    if (mine !== turn) return;
    show(before);
    fail(error);
  }
}

function take(file) {
  if (!file) return;
  uploading = upload(file).finally(() => {
    uploading = null;
  });
}

async function openBrush() {
  clearError();
  try {
    const { brush } = await import("./brush.js");
    const photo = await brush(current, `${form.dataset.photos}/${current.photo_id}/matte`);
    if (photo?.photo_id === photoId.value) settle(photo, "brushed");
  } catch {
    fail(new Error(form.dataset.offline)); // the brush's own script did not come
  }
}

// The photo that the page or a draft names; one that is gone leaves the rest of the form as it is.
function resume() {
  const mine = ++turn;
  request(`${form.dataset.photos}/${photoId.value}`)
    .then((photo) => {
      draw(photo.screen_url);
      return watch(photo, mine);
    })
    .catch((error) => {
      if (mine !== turn) return;
      if (error.status === 404) photoId.value = "";
      fail(error);
    });
}

export function start() {
  const inputs = [form.elements.photo, document.querySelector("#camera")];
  for (const input of inputs) {
    input.addEventListener("change", () => {
      take(input.files[0]);
      input.value = ""; // uploaded on its own: not sent a second time with the form
    });
  }
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) drop.classList.remove("over");
  });
  form.addEventListener("drop", (event) => {
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    drop.classList.remove("over");
    take(file);
  });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((entry) => entry.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  again.addEventListener("click", cutOutAgain);
  refine.addEventListener("click", openBrush);
  const early = inputs.find((input) => input.files.length); // chosen or taken before this script was there
  if (early) {
    take(early.files[0]);
    early.value = "";
  } else if (photoId.value) resume();
}
