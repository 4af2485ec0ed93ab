// A finished ad in a channel's format: asked for, waited for while a worker draws it, then downloaded.

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function drawn(address) {
  for (;;) {
    const answer = await fetch(address);
    if (answer.status !== 202) return answer;
    await wait(Number(answer.headers.get("Retry-After")));
  }
}

async function download(link) {
  const words = link.closest("[data-channels]").dataset;
  const told = link.closest("[data-channels]").querySelector("[data-told]");
  const name = link.firstElementChild.textContent;
  link.setAttribute("aria-busy", "true");
  told.textContent = `${name}: ${words.drawing}`;
  try {
    const answer = await drawn(link.href);
    if (answer.ok) location.assign(link.href); // now an attachment, which leaves the page where it is
    told.textContent = answer.ok ? `${name}: ${words.ready}` : (await answer.json()).detail;
  } catch {
    told.textContent = words.lost;
  }
  link.removeAttribute("aria-busy");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-export]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-busy") !== "true") download(link);
});
