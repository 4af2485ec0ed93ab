// The team's page: offers to save a role once another one is chosen.
for (const select of document.querySelectorAll("[data-role]")) {
  const button = select.form.querySelector("button");
  const was = select.value;
  button.hidden = true;
  select.addEventListener("change", () => {
    button.hidden = select.value === was;
  });
}
