// A finished ad in a channel's format, or in all of them: asked for, waited for while workers draw, then downloaded.

const JSON_PLEASE = { headers: { Accept: "application/json" } };
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/**
 * Ask until it is no longer being drawn; `onWait` sees each answer on the way. On object storage what is drawn answers
 * with a redirect there, which a script does not follow.
 */
async function drawn(address, options, onWait) {
  for (;;) {
    const answer = await fetch(address, { redirect: "manual", ...options });
    if (answer.status !== 202) return answer;
    await onWait?.(answer);
    await wait(Number(answer.headers.get("Retry-After")));
  }
}

async function downloadOne(link, words, say) {
  const name = link.querySelector("span").textContent;
  say(`${name}: ${words.drawing}`);
  const answer = await drawn(link.href);
  const isDrawn = answer.ok || answer.type === "opaqueredirect";
  if (isDrawn) location.assign(link.href); // now an attachment, which leaves the page where it is
  say(isDrawn ? `${name}: ${words.ready}` : (await answer.json()).detail);
}

async function downloadAll(link, words, say) {
  const bar = link.closest("[data-downloads]").querySelector("[data-counted]");
  const count = ({ ready, total }) => {
    bar.hidden = false;
    bar.max = total;
    bar.value = ready;
    say(filled(words.counting, { ready, total }));
  };
  try {
    say(words.drawing);
    const answer = await drawn(link.href, JSON_PLEASE, async (step) => count(await step.json()));
    const told = await answer.json();
    if (answer.ok) location.assign(link.href);
    const without = told.failed?.length ? ` ${words.leftOut}: ${told.failed.join(", ")}` : "";
    say(answer.ok ? words.ready + without : told.detail);
  } finally {
    bar.hidden = true;
  }
}

async function download(link, work) {
  const box = link.closest("[data-downloads]");
  const told = box.querySelector("[data-told], [data-said]");
  const say = (text) => {
    told.textContent = text;
  };
  link.setAttribute("aria-busy", "true");
  try {
    await work(link, box.dataset, say);
  } catch {
    say(box.dataset.lost);
  }
  link.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-export], [data-zip]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy") !== "true") download(link, link.matches("[data-zip]") ? downloadAll : downloadOne);
});
