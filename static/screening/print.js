// Shows the print button. Without scripts, the menu of the browser prints the same page.

const button = document.querySelector("[data-print]");

button.hidden = false;
button.addEventListener("click", () => window.print());
