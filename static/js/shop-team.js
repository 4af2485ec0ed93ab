// The team's page: copies an invitation's link, offers to save a role once another one is chosen.
const copy = document.querySelector("[data-copy]");
const link = document.querySelector("[data-link]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.value);
    copy.textContent = copy.dataset.done;
  });
}
link?.addEventListener("focus", () => link.select());

for (const select of document.querySelectorAll("[data-role]")) {
  const button = select.form.querySelector("button");
  const was = select.value;
  button.hidden = true;
  select.addEventListener("change", () => {
    button.hidden = select.value === was;
  });
}
