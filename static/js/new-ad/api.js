// Requests as the page's own session; what is refused comes back as an Error with the sentence to show.
export const form = document.querySelector("#ad-form");

function refusal(status, body) {
  const error = new Error(body?.error?.message ?? form.dataset.offline);
  error.status = status;
  return error;
}

export const token = () => form.elements.csrfmiddlewaretoken.value;

export async function request(url, options = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": token(), ...options.headers };
  let answer;
  try {
    answer = await fetch(url, { ...options, headers });
  } catch {
    throw refusal(0);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(answer.status, body);
  return body;
}

export const post = (url, body) =>
  request(url, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

// fetch cannot tell how much of a photo has been sent.
export function send(url, body, onProgress) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", url);
    call.responseType = "json";
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("X-CSRFToken", token());
    call.upload.onprogress = (event) => event.lengthComputable && onProgress((100 * event.loaded) / event.total);
    call.onload = () => (call.status < 300 ? resolve(call.response) : reject(refusal(call.status, call.response)));
    call.onerror = () => reject(refusal(0));
    call.send(body);
  });
}

// Fields were set by a script: the preview and the draft look again.
export const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));

export const picked = (name) => form.querySelector(`input[name="${name}"]:checked`);

export function pick(name, value) {
  const input = [...form.querySelectorAll(`input[name="${name}"]`)].find((each) => each.value === value);
  if (input) input.checked = true;
}
