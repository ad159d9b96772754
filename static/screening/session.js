// Warns before the session ends, renews it while somebody types, and leaves the page when it has ended. Without scripts
// the server does the same, without a warning: the next request leads to the sign-in page, and a form is stored.

const region = document.querySelector("[data-session]");
const { left: leftUrl, stay: stayUrl, signIn: signInUrl } = region.dataset;
const language = document.documentElement.lang;
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const WARNING_MS = Number(region.dataset.warning) * 1000;
const MINUTE_MS = 60_000;
const SHORTEST_WAIT_MS = 250;

let endsAt = performance.timeOrigin + Number(region.dataset.seconds) * 1000; // this script is loaded later
let mayStay = true;
let renewedAt = performance.timeOrigin;
let shown = ""; // the name of the template that is shown
let focusedBefore = null;
let timer;

// Showing ------------------------------------------------------------------------------------------------------------

function timeOfDay(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

function duration(milliseconds) {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const [count, unit] = seconds > 90 ? [Math.round(seconds / 60), "minute"] : [seconds, "second"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** Show a template of the page in a new alert, which screen readers announce. The focus stays where it is. */
function show(name, left = 0) {
  const content = document.querySelector(`[data-session-${name}]`).content.cloneNode(true);
  for (const each of content.querySelectorAll("[data-at]")) each.textContent = timeOfDay(endsAt);
  for (const each of content.querySelectorAll("[data-in]")) each.textContent = duration(left);
  content.querySelector("[data-session-stay]")?.addEventListener("click", staySignedIn);
  const alert = document.createElement("div");
  alert.setAttribute("role", "alert");
  alert.append(content);
  const hadFocus = region.contains(document.activeElement);
  region.replaceChildren(alert);
  if (hadFocus) (region.querySelector("button") ?? focusedBefore)?.focus();
  shown = name;
}

function hide() {
  if (region.contains(document.activeElement)) focusedBefore?.focus();
  region.replaceChildren();
  shown = "";
}

region.addEventListener("focusin", (event) => {
  if (!region.contains(event.relatedTarget)) focusedBefore = event.relatedTarget;
});

// The time that is left ----------------------------------------------------------------------------------------------

async function request(url, options) {
  const response = await fetch(url, { redirect: "manual", cache: "no-store", ...options });
  if (!response.ok) throw new Error("no answer");
  const left = await response.json();
  endsAt = Date.now() + left.seconds * 1000;
  mayStay = left.may_stay;
}

/** Ask the server how long the session lasts, because another tab may have renewed it. Asking does not renew it. */
export async function ask() {
  clearTimeout(timer);
  try {
    await request(leftUrl);
  } catch {
    // Without an answer, the time that is known here counts.
  }
  update();
}

async function renew() {
  renewedAt = Date.now();
  try {
    await request(stayUrl, { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token }) });
    update();
  } catch {
    await ask();
  }
}

async function staySignedIn() {
  await renew();
  if (shown === "") show("renewed");
}

/** Show what the time that is left asks for, and ask the server again when that changes. */
function update() {
  clearTimeout(timer);
  if (shown === "ended") return;
  const left = endsAt - Date.now();
  if (left <= 0) {
    end();
  } else if (left <= WARNING_MS + SHORTEST_WAIT_MS) {
    show(mayStay ? "idle" : "longest", left);
    timer = setTimeout(ask, Math.max(SHORTEST_WAIT_MS, left > MINUTE_MS ? left - MINUTE_MS : left));
  } else {
    if (shown !== "renewed") hide();
    timer = setTimeout(ask, left - WARNING_MS);
  }
}

// The end ------------------------------------------------------------------------------------------------------------

function isChanged(control) {
  if (control.type === "hidden") return false;
  if (control.type === "file") return control.files.length > 0;
  if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.options) {
    const first = Math.max(0, [...control.options].findIndex((each) => each.defaultSelected));
    return control.selectedIndex !== first;
  }
  return "defaultValue" in control && control.value !== control.defaultValue;
}

/** Return true if the page holds something that was typed and can be stored: also a form that came back. */
function holdsInput() {
  const forms = [...document.forms].filter((form) => form.elements.form_owner);
  return forms.length > 0 && ("sent" in region.dataset || forms.some((form) => [...form.elements].some(isChanged)));
}

/** Leave the page, so that nobody reads about a patient on an unattended screen; but stay where something was typed. */
function end() {
  if (holdsInput()) {
    show("ended");
  } else {
    shown = "ended";
    location.replace(`${signInUrl}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
}

// Use of the page ----------------------------------------------------------------------------------------------------

/** Wait until it is time to warn; if it is already, ask the server first. */
function begin() {
  if (endsAt - Date.now() <= WARNING_MS) ask();
  else update();
}

/** Typing and choosing is use of the session: it is renewed at most once a minute, and at once after a warning. */
export function onUse() {
  if (shown === "renewed") hide();
  if (mayStay && shown !== "ended" && Date.now() - renewedAt >= MINUTE_MS) renew();
}

document.addEventListener("input", onUse);
document.addEventListener("keydown", onUse);
document.addEventListener("visibilitychange", () => { if (!document.hidden) begin(); });
begin();
