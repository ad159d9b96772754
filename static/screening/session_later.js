// Loads what warns before the session ends once it is needed: when somebody types, or when the end is near.

const { script, style, seconds, warning } = document.querySelector("[data-session]").dataset;
const USES = ["input", "keydown"];
let loading = null;

async function load() {
  if (!loading) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
    loading = import(script);
  }
  return loading;
}

async function onFirstUse() {
  for (const use of USES) document.removeEventListener(use, onFirstUse);
  (await load()).onUse();
}

for (const use of USES) document.addEventListener(use, onFirstUse);
setTimeout(load, Math.max(0, seconds - warning) * 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) load(); });
window.addEventListener("pageshow", async (event) => { if (event.persisted) (await load()).ask(); });
