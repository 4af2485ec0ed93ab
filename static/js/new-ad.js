// The photo of a new ad: dropped, chosen, pasted or taken, uploaded at once, cut out while the merchant types.
const POLL_MS = 700;

const form = document.querySelector("#ad-form");
const drop = form.querySelector("[data-drop]");
const picture = form.querySelector("[data-picture]");
const status = form.querySelector("[data-status]");
const errors = form.querySelector("[data-photo-errors]");
const photoId = form.elements.photo_id;
const chosen = form.elements.photo;
const again = form.querySelector("[data-again]");
const submit = form.querySelector("[data-submit]");
let turn = 0; // a later photo makes the answers about an earlier one void
let uploading = null;

function show(state) {
  drop.dataset.state = state;
  again.hidden = true;
  drop.querySelector(".drop-empty").hidden = state !== "empty";
  drop.querySelector("[data-shown]").hidden = state === "empty";
  status.textContent = status.dataset[state] ?? "";
}

function offer(photo) {
  again.hidden = !photo.other_method;
}

function fail(message) {
  const list = Object.assign(document.createElement("ul"), { className: "errorlist" });
  list.setAttribute("role", "alert");
  list.append(Object.assign(document.createElement("li"), { textContent: message }));
  errors.replaceChildren(list);
  drop.classList.add("has-error");
}

function clearError() {
  errors.replaceChildren();
  drop.classList.remove("has-error");
}

async function request(url, options) {
  let answer;
  try {
    answer = await fetch(url, { ...options, headers: { Accept: "application/json", ...options?.headers } });
  } catch {
    throw new Error(form.dataset.offline);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.error?.message ?? form.dataset.offline);
  return body;
}

async function watch(photo, mine) {
  for (;;) {
    if (mine !== turn) return;
    if (photo.matte_state === "ready") {
      picture.src = photo.matte_url ?? photo.url;
      show(photo.unsure ? "unsure" : "ready");
      offer(photo);
      return;
    }
    if (photo.matte_state === "failed") {
      show("failed");
      offer(photo);
      return;
    }
    show("pending");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    photo = await request(`${form.dataset.photos}/${photo.photo_id}`).catch(() => photo);
  }
}

async function upload(file) {
  const mine = ++turn;
  clearError();
  photoId.value = "";
  if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  show("uploading");
  const body = new FormData();
  body.append("file", file);
  try {
    const photo = await request(form.dataset.photos, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (mine !== turn) return;
    photoId.value = photo.photo_id;
    watch(photo, mine);
  } catch (error) {
    if (mine !== turn) return;
    show("empty");
    fail(error.message);
  }
}

async function cutOutAgain() {
  const mine = ++turn;
  clearError();
  show("pending");
  try {
    const photo = await request(`${form.dataset.photos}/${photoId.value}/cutout`, {
      method: "POST",
      body: "{}",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (mine === turn) watch(photo, mine);
  } catch (error) {
    if (mine !== turn) return;
    show("unsure");
    fail(error.message);
  }
}

function take(file) {
  if (!file) return;
  uploading = upload(file).finally(() => {
    uploading = null;
  });
}

for (const input of [chosen, document.querySelector("#camera")]) {
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // uploaded on its own: not sent a second time with the form
  });
}
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", (event) => {
  if (!drop.contains(event.relatedTarget)) drop.classList.remove("over");
});
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((entry) => entry.type.startsWith("image/"));
  if (!file) return;
  event.preventDefault();
  take(file);
});
again.addEventListener("click", cutOutAgain);
form.addEventListener("submit", async (event) => {
  if (uploading) {
    event.preventDefault();
    submit.disabled = true;
    await uploading;
    submit.disabled = false;
    if (photoId.value) form.requestSubmit();
    return;
  }
  if (!photoId.value) {
    event.preventDefault();
    fail(form.dataset.noPhoto);
    drop.scrollIntoView({ block: "center", behavior: "smooth" });
    return;
  }
  submit.disabled = true;
  submit.textContent = submit.dataset.busy;
});
const submitName = submit.textContent;
window.addEventListener("pageshow", () => {
  // back from the job's page: the form is as it was left
  submit.disabled = false;
  submit.textContent = submitName;
});

if (chosen.files.length) {
  // chosen before this script was there
  take(chosen.files[0]);
  chosen.value = "";
} else if (photoId.value) {
  const mine = ++turn;
  request(`${form.dataset.photos}/${photoId.value}`)
    .then((photo) => {
      picture.src = photo.url;
      return watch(photo, mine);
    })
    .catch(() => {
      photoId.value = "";
    });
}
