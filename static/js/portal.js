// What every page has: menus that close, counters, buttons that do not fire twice.
document.documentElement.classList.add("scripted");

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function count(box) {
  const input = box.querySelector("textarea");
  const output = box.querySelector("[data-count]");
  const used = [...input.value].length;
  output.hidden = false;
  output.textContent = `${used}/${input.maxLength}`;
  output.classList.toggle("full", used >= input.maxLength);
}
const countAll = () => document.querySelectorAll("[data-counter]").forEach(count);
document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-counter]");
  if (box) count(box);
  else countAll(); // a script may have filled them
});
document.addEventListener("htmx:afterSwap", countAll);
countAll();

// Back at a form that was sent, whose answer may have been lost: its order keeps its key, though the page came anew.
// A page that was reloaded orders anew. (See jobs/portal/orders.py.)
const [{ type }] = performance.getEntriesByType("navigation");
const { orders = {}, ...state } = history.state ?? {};
if (type !== "back_forward") history.replaceState(state, "");
else {
  for (const key of document.querySelectorAll('input[name="order"]')) key.value = orders[key.form.getAttribute("action")] ?? key.value;
}
document.addEventListener("submit", ({ target }) => {
  const key = target.querySelector('input[name="order"]');
  if (!key) return;
  const sent = { ...history.state?.orders, [target.getAttribute("action")]: key.value };
  history.replaceState({ ...history.state, orders: sent }, "");
});
