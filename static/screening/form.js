// Comfort for the screening form. Everything works without it: answers open what belongs to them by style alone.

const KEYS = { y: "yes", n: "no", u: "unknown" };

const form = document.querySelector("[data-screening-form]");
const speaks = document.querySelector("[data-speaks]");

document.querySelector("[data-focus]")?.focus();

/** Whether letters typed here belong to what is focused: a text, or a list that jumps by letters. */
function takesLetters(element) {
  return element.matches("input:not([type=radio], [type=checkbox]), select, textarea");
}

/** The words that an answer opens, for those who do not see them appear. */
function wordsOf(rule, answer) {
  const head = rule.querySelector(`.more-${answer} [data-spoken]`);
  return head ? head.innerText.trim().replace(/([^.])\s*\n\s*/g, "$1. ").replace(/\s+/g, " ") : "";
}

form.addEventListener("keydown", (event) => {
  const answer = KEYS[event.key?.toLowerCase()];
  const question = event.target.closest(".rule-answer");
  if (!answer || !question || event.ctrlKey || event.altKey || event.metaKey || takesLetters(event.target)) return;
  const choice = question.querySelector(`input[value="${answer}"]`);
  event.preventDefault();
  choice.focus();
  if (!choice.checked) choice.click();
});

form.addEventListener("change", (event) => {
  const question = event.target.closest(".rule-answer");
  if (question) speaks.textContent = wordsOf(question.closest(".rule"), event.target.value);
});

// A dose outside the low range is told at once; the result tells it too.
const dose = form.elements.dose_mg;
const doseNote = form.querySelector("[data-dose-note]");

function tellDose() {
  const mg = Number(dose.value.trim() || NaN);
  doseNote.hidden = !(mg < Number(doseNote.dataset.low) || mg > Number(doseNote.dataset.high));
}

dose.addEventListener("input", tellDose);
tellDose();

// So is a number or a birth date that is likelier a slip. What the server shows of what was sent stays until it is changed.
for (const note of form.querySelectorAll("[data-above], [data-years]")) {
  const control = note.closest(".field").querySelector("input");
  const { above, years } = note.dataset;

  const isUnlikely = (typed) =>
    above
      ? Number(typed || NaN) > Number(above)
      : Number(typed.match(/\b\d{4}\b/)?.[0]) < new Date().getFullYear() - Number(years);
  const tell = () => { note.hidden = !isUnlikely(control.value.trim()); };

  control.addEventListener("input", tell);
  if (note.hidden) tell();
}

// One sending at a time: a double click is one. It is allowed again after a while, for a sending that was stopped, and
// when the browser's own button leads back here; what is sent twice lands on one record all the same.
const PAUSE_MS = 3000;
const button = form.querySelector(".submit-bar .btn");
let sent = false;

function setSent(value) {
  sent = value;
  if (value) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  else setTimeout(setSent, PAUSE_MS, false);
  setSent(true);
});

window.addEventListener("pageshow", () => setSent(false));

// The medication list is checked while it is typed. What is shown comes from the server, and the typed text is left alone.
// Without a script the button sends the form to be checked; and in any case the list is read when the form is recorded.
const LIST_PAUSE_MS = 400;
const TOO_MUCH_TO_SEND = 800_000; // a form with so long a list would be refused before it is read, and be lost
const SHOWS_NOTHING = /\p{Cf}/gu;

function checkWhileTyping(panel) {
  const box = panel.querySelector("textarea");
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
    pause = setTimeout(check, LIST_PAUSE_MS);
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
}

const list = form.querySelector("[data-list-check]");
if (list) checkWhileTyping(list);
