// The new ad's page. Each part stands in a module of its own; the brush comes when it is opened.
import { form } from "./new-ad/api.js";
import * as draft from "./new-ad/draft.js";
import * as hints from "./new-ad/hints.js";
import * as photo from "./new-ad/photo.js";
import * as picks from "./new-ad/picks.js";
import * as preview from "./new-ad/preview.js";
import * as prices from "./new-ad/prices.js";
import * as words from "./new-ad/words.js";

const submit = form.querySelector("[data-submit]");
const submitName = submit.textContent;

form.addEventListener("submit", async (event) => {
  if (photo.uploading) {
    event.preventDefault();
    submit.disabled = true;
    submit.textContent = form.querySelector("[data-status]").dataset.uploading;
    await photo.uploading;
    submit.disabled = false;
    submit.textContent = submitName;
    if (form.elements.photo_id.value) form.requestSubmit();
    return;
  }
  if (!form.elements.photo_id.value) {
    event.preventDefault();
    photo.fail(new Error(form.dataset.noPhoto));
    form.querySelector("[data-drop]").scrollIntoView({ block: "center" });
    return;
  }
  submit.disabled = true;
  submit.textContent = submit.dataset.busy;
});
window.addEventListener("pageshow", () => {
  // back from the job's page: the form is as it was left
  submit.disabled = false;
  submit.textContent = submitName;
});

draft.start(); // first: the others start from what it fills in
for (const part of [picks, prices, words, hints, preview, photo]) part.start();
const problem = form.querySelector(".errorlist");
if (problem) problem.scrollIntoView({ block: "center" });
form.dataset.ready = ""; // everything answers now
