// Shows the buttons that need passkeys, and says on the page when one did not work: the scripts of allauth only say so
// in the console.
const canUsePasskeys = "PublicKeyCredential" in window;
for (const each of document.querySelectorAll(canUsePasskeys ? "[data-passkey]" : "[data-no-passkey]")) {
  each.hidden = false;
}
for (const each of document.querySelectorAll("[data-without-script]")) {
  each.hidden = true;
}
document.addEventListener("allauth.error", event => {
  event.preventDefault();
  const status = document.getElementById("passkey-status");
  status.textContent = status.dataset.words;
});
