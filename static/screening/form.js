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
