// Enhancements of the pages that edit the draft. The pages work without them: a button adds a row to a list and keeps
// everything that was entered, and a row has a field for its place.

const form = document.querySelector("[data-edit-form]");

document.querySelector("[data-focus]")?.focus();

// Lists: add, move and remove rows in place.
for (const list of form?.querySelectorAll("[data-list]") ?? []) {
  const rows = list.querySelector("[data-rows]");
  const total = form.elements[`${list.dataset.list}-TOTAL_FORMS`];
  const blank = list.querySelector("template");

  /** Return the input of a row whose name ends like this. */
  const input = (row, name) => row.querySelector(`[name$="-${name}"]`);

  /** Number the places of all rows in their order on the page. */
  function renumber() {
    [...rows.children].forEach((row, index) => { input(row, "ORDER").value = index + 1; });
    form.dispatchEvent(new Event("input"));
  }

  /** Give a row the buttons that move it, in place of the field for its place. */
  function addButtons(row) {
    const place = input(row, "ORDER").closest(".place");
    const buttons = document.createElement("div");
    buttons.className = "actions";
    for (const [words, move] of [
      [list.dataset.moveUp, () => row.previousElementSibling?.before(row)],
      [list.dataset.moveDown, () => row.nextElementSibling?.after(row)],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-small";
      button.textContent = words;
      button.addEventListener("click", () => {
        move();
        renumber();
        button.focus();
      });
      buttons.append(button);
    }
    place.hidden = true;
    place.before(buttons);
  }

  function add() {
    const row = blank.content.firstElementChild.cloneNode(true);
    const index = total.value;
    for (const element of row.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("__prefix__")) element.setAttribute(name, value.replaceAll("__prefix__", index));
      }
    }
    row.querySelector("[data-row-number], legend").append(`${Number(index) + 1}`);
    rows.append(row);
    total.value = Number(index) + 1;
    addButtons(row);
    renumber();
    row.querySelector("input:not([type=hidden]), select, textarea").focus();
  }

  for (const row of rows.children) addButtons(row);
  const button = list.querySelector("[data-add-row]");
  button.type = "button";
  button.addEventListener("click", add);
}

// A link to a field in a closed row opens the row.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target?.closest("details:not([open])");
  if (!closed) return;
  closed.open = true;
  target.focus();
}

window.addEventListener("hashchange", openTarget);
openTarget();

// Warn of changes that are not saved. A page with errors or conflicts has some from the start.
let unsaved = Boolean(document.querySelector("main .errors"));

form?.addEventListener("input", () => { unsaved = true; });
form?.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("pageshow", (event) => { if (event.persisted) unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
