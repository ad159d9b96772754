// Copies the summary as text. Without scripts, or without access to the clipboard, the links open it.

const status = document.querySelector("[data-copied]");

for (const link of document.querySelectorAll("[data-copy]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href);
      if (!response.ok || response.redirected) throw new Error("no summary");
      await navigator.clipboard.writeText(await response.text());
      status.textContent = status.dataset.copied;
    } catch {
      location.assign(link.href);
    }
  });
}
