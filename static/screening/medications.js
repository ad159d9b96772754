// Checks the medication list while it is typed. What it shows comes from the server, and the typed text is left alone.
// Without it the button sends the form to be checked; and in any case the list is read when the form is recorded.

const PAUSE_MS = 400;
const TOO_MUCH_TO_SEND = 800_000; // a form with so long a list would be refused before it is read, and be lost
const SHOWS_NOTHING = /\p{Cf}/gu;

const panel = document.querySelector("[data-list]");
const box = panel.querySelector("textarea");
const speaks = document.querySelector("[data-speaks]");
const slots = [...box.form.querySelectorAll("[data-listed]")];
const found = panel.querySelector("[data-listed=found]");
const unchecked = panel.querySelector("[data-list-unchecked]").content;
const tooLong = panel.querySelector("[data-list-too-long]").content;

let pause, request;

/** Put what the list says into its places; a place that it says nothing to becomes empty. */
function show(parts, spoken) {
  for (const slot of slots) {
    const part = parts.querySelector(`[data-listed="${slot.dataset.listed}"]`);
    slot.replaceChildren(...(part?.childNodes ?? []));
  }
  speaks.textContent = spoken;
}

/** Show a sentence of the page itself instead of a result. */
function tell(template) {
  const words = template.cloneNode(true);
  const count = words.querySelector("span");
  if (count) count.textContent = length().toLocaleString("en");
  show(new DocumentFragment(), words.textContent);
  found.replaceChildren(words);
}

function length() {
  return [...box.value.replace(SHOWS_NOTHING, "").trimEnd()].length;
}

/** The words with which an answer no is told to conflict with the list, where that is so. */
function conflict() {
  const told = box.form.querySelector(".more-no h3");
  return told?.closest(".rule").querySelector(".rule-answer [value=no]:checked") ? ` ${told.textContent}.` : "";
}

async function ask(signal) {
  const token = box.form.elements.csrfmiddlewaretoken.value;
  const body = new URLSearchParams({ medications: box.value, csrfmiddlewaretoken: token });
  const answer = await fetch(panel.dataset.listCheck, { method: "POST", body, signal, redirect: "error" });
  if (!answer.ok && answer.status !== 422) throw new Error("not checked");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Check what is typed now; an older request is given up. */
async function check() {
  clearTimeout(pause);
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  if (!box.value.trim()) return show(new DocumentFragment(), "");
  if (length() > Number(panel.dataset.listLongest)) return tell(tooLong);
  try {
    const parts = await ask(signal);
    if (signal.aborted) return;
    show(parts, parts.querySelector("[data-says]").textContent);
    speaks.textContent += conflict();
  } catch {
    if (!signal.aborted) tell(unchecked);
  }
}

box.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(check, PAUSE_MS);
});

panel.querySelector("[data-list-button]").addEventListener("click", (event) => {
  event.preventDefault();
  speaks.textContent = "";
  check();
});

box.form.addEventListener("submit", (event) => {
  if (box.value.length <= TOO_MUCH_TO_SEND) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  tell(tooLong);
  box.focus();
}, { capture: true });
