// Grids of pictures: found by words in both languages, folded on a phone.
import { form } from "./api.js";

function search(box, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const tiles = [...box.querySelectorAll(".tile")];
  for (const tile of tiles) {
    const known = tile.querySelector("input").dataset.words ?? "";
    tile.hidden = wanted.some((word) => !known.includes(word));
  }
  box.classList.toggle("searching", wanted.length > 0);
  const found = tiles.some((tile) => !tile.hidden);
  box.querySelector("[data-found]").textContent = found ? "" : box.dataset.none;
}

export function start() {
  for (const box of form.querySelectorAll("[data-picks]")) {
    const find = box.querySelector("[data-find]");
    find.addEventListener("input", (event) => {
      event.stopPropagation(); // no field of the ad
      search(box, find.value);
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    if (find.value) search(box, find.value); // written before this script was there
    const more = box.querySelector("[data-more]");
    more.addEventListener("click", () => {
      box.classList.add("open");
      more.setAttribute("aria-expanded", "true");
      more.hidden = true;
      box.querySelectorAll(".tile input")[8]?.focus({ preventScroll: true });
    });
  }
}
