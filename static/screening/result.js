// Copies the summary as text; without a script, or where the clipboard is out of reach, the links open it instead.

const told = document.querySelector("[data-copied]");

for (const link of document.querySelectorAll("[data-copy]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !navigator.clipboard) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href);
      if (!response.ok || response.redirected) throw new Error("no summary");
      await navigator.clipboard.writeText(await response.text());
      told.textContent = "Copied. Paste it into the chart.";
    } catch {
      location.assign(link.href);
    }
  });
}
