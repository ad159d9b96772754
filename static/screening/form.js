// Enhancements of the screening form. The form works without them: CSS alone shows the details of an answer.

const KEYS = { y: "yes", n: "no", u: "unknown" };

const form = document.querySelector("[data-screening-form]");
const announcer = document.querySelector("[data-speaks]");

document.querySelector("[data-focus]")?.focus();

/** Return true when the focused element uses letter keys itself: a text field or a select. */
function takesLetters(element) {
  return element.matches("input:not([type=radio], [type=checkbox]), select, textarea");
}

/** Return the text that an answer reveals, to be announced by screen readers. */
function revealedText(rule, answer) {
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
  if (question) announcer.textContent = revealedText(question.closest(".rule"), event.target.value);
});

// Show the note on a dose outside the low range at once. The result shows it too.
const dose = form.elements.dose_mg;
const doseNote = form.querySelector("[data-dose-note]");

function updateDoseNote() {
  const mg = Number(dose.value.trim() || NaN);
  doseNote.hidden = !(mg < Number(doseNote.dataset.low) || mg > Number(doseNote.dataset.high));
}

dose.addEventListener("input", updateDoseNote);
updateDoseNote();

// Show the note on an unlikely number or birth date at once. A note from the server stays until the value changes.
for (const note of form.querySelectorAll("[data-above], [data-years]")) {
  const control = note.closest(".field").querySelector("input");
  const { above, years } = note.dataset;

  const isUnlikely = (value) =>
    above
      ? Number(value || NaN) > Number(above)
      : Number(value.match(/\b\d{4}\b/)?.[0]) < new Date().getFullYear() - Number(years);
  const update = () => { note.hidden = !isUnlikely(control.value.trim()); };

  control.addEventListener("input", update);
  if (note.hidden) update();
}

// Submit once, even on a double click. Submitting is possible again after a pause (the request may have been stopped),
// and after the browser's Back button. A form that is submitted twice still makes only one record.
const PAUSE_MS = 3000;
const button = form.querySelector(".submit-bar .btn");
let submitted = false;

function setSubmitted(value) {
  submitted = value;
  if (value) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

form.addEventListener("submit", (event) => {
  if (submitted) event.preventDefault();
  else setTimeout(setSubmitted, PAUSE_MS, false);
  setSubmitted(true);
});

window.addEventListener("pageshow", () => setSubmitted(false));

// Check the medication list while it is entered. The server returns what to show; the text itself is not changed.
// Without scripts the button submits the form to check the list. Recording the form reads the list in any case.
const LIST_PAUSE_MS = 400;
const MAX_SUBMITTED_LENGTH = 800_000; // the server refuses larger requests unread, and the entries would be lost
const INVISIBLE = /\p{Cf}/gu;

function checkWhileTyping(panel) {
  const box = panel.querySelector("textarea");
  const places = [...box.form.querySelectorAll("[data-listed]")];
  const found = panel.querySelector("[data-listed=found]");
  const unchecked = panel.querySelector("[data-list-unchecked]").content;
  const tooLong = panel.querySelector("[data-list-too-long]").content;

  let pause, request;

  /** Fill each place from the response; empty the places that it does not mention. */
  function show(parts, announcement) {
    for (const place of places) {
      const part = parts.querySelector(`[data-listed="${place.dataset.listed}"]`);
      place.replaceChildren(...(part?.childNodes ?? []));
    }
    announcer.textContent = announcement;
  }

  /** Show a message from a template of the page instead of a result. */
  function showMessage(template) {
    const message = template.cloneNode(true);
    const count = message.querySelector("span");
    if (count) count.textContent = length().toLocaleString(document.documentElement.lang);
    show(new DocumentFragment(), message.textContent);
    found.replaceChildren(message);
  }

  function length() {
    return [...box.value.replace(INVISIBLE, "").trimEnd()].length;
  }

  /** Return the sentence on a conflict between the answer no and the list, or nothing. */
  function conflict() {
    const heading = box.form.querySelector(".more-no h3");
    return heading?.closest(".rule").querySelector(".rule-answer [value=no]:checked") ? ` ${heading.textContent}.` : "";
  }

  async function fetchResult(signal) {
    const token = box.form.elements.csrfmiddlewaretoken.value;
    const body = new URLSearchParams({ medications: box.value, csrfmiddlewaretoken: token });
    const response = await fetch(panel.dataset.listCheck, { method: "POST", body, signal, redirect: "error" });
    if (!response.ok && response.status !== 422) throw new Error("not checked");
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  /** Check the current text; abort an older request. */
  async function check() {
    clearTimeout(pause);
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    if (!box.value.trim()) return show(new DocumentFragment(), "");
    if (length() > Number(panel.dataset.listLongest)) return showMessage(tooLong);
    try {
      const parts = await fetchResult(signal);
      if (signal.aborted) return;
      show(parts, parts.querySelector("[data-says]").textContent);
      announcer.textContent += conflict();
    } catch {
      if (!signal.aborted) showMessage(unchecked);
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(check, LIST_PAUSE_MS);
  });

  panel.querySelector("[data-list-button]").addEventListener("click", (event) => {
    event.preventDefault();
    announcer.textContent = "";
    check();
  });

  box.form.addEventListener("submit", (event) => {
    if (box.value.length <= MAX_SUBMITTED_LENGTH) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    showMessage(tooLong);
    box.focus();
  }, { capture: true });
}

const list = form.querySelector("[data-list-check]");
if (list) checkWhileTyping(list);
