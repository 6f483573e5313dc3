// Tells the reader when a newer release is out, and switches between the light and the dark theme.

/**
 * Says how the page that is open relates to the release that is served.
 *
 * @param {string} open the version of the open page
 * @param {string | undefined} served the version in version.json; undefined when it could not be read
 * @returns {{ text: string, state: "current" | "outdated" | "unknown" }}
 */
export function compare(open, served) {
  if (typeof served !== "string" || served === "") {
    return { text: `You are reading version ${open}.`, state: "unknown" };
  }
  return served === open
    ? { text: `Version ${open} is the newest release.`, state: "current" }
    : { text: `Version ${served} is out. Reload to see it.`, state: "outdated" };
}

/**
 * Names the other theme.
 *
 * @param {string} theme
 * @returns {"light" | "dark"}
 */
export function opposite(theme) {
  return theme === "dark" ? "light" : "dark";
}

async function servedVersion() {
  try {
    const answer = await fetch("/version.json", { cache: "no-store" });
    return answer.ok ? (await answer.json()).version : undefined;
  } catch {
    return undefined;
  }
}

async function refreshStatus() {
  const open = document.querySelector('meta[name="version"]').content;
  const { text, state } = compare(open, await servedVersion());
  const status = document.getElementById("status");
  status.textContent = text;
  status.dataset.state = state;
}

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage may be switched off; the theme then lasts until the page is left.
  }
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  button.textContent = opposite(theme) === "dark" ? "Dark theme" : "Light theme";
  button.hidden = false;
}

function start() {
  const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  applyTheme(remembered() ?? preferred);
  document.getElementById("theme").addEventListener("click", () => {
    const theme = opposite(document.documentElement.dataset.theme);
    applyTheme(theme);
    remember(theme);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refreshStatus();
  });
  refreshStatus();
}

if (typeof document !== "undefined") start();
