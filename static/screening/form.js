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

// One sending at a time; coming back to the page by the browser's own button allows it again.
const button = form.querySelector(".submit-bar .btn");
let sent = false;

form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
  button.setAttribute("aria-disabled", "true");
});

window.addEventListener("pageshow", () => {
  sent = false;
  button.removeAttribute("aria-disabled");
});
