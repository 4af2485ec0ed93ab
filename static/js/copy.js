// Copies what stands beside a button. Without the clipboard, as over plain HTTP, the button stays away.
const textOf = (source) => (source.value ?? source.textContent);

for (const source of document.querySelectorAll("input[data-copied]")) {
  source.addEventListener("focus", () => source.select());
}
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const name = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(textOf(button.parentElement.querySelector("[data-copied]")));
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = name; }, 2000);
    });
  }
}
