"use strict";
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const changes = Array.from(document.querySelectorAll("details.change"));
  // Outputs, deferred changes, actions to run and drift have no action and no risk to choose: they are searched alone.
  const others = Array.from(document.querySelectorAll("main .other:not(.change)"));
  const roots = Array.from(document.querySelectorAll("section.root"));
  const boxes = Array.from(form.querySelectorAll("fieldset input"));
  const texts = new Map();
  const query = document.getElementById("query");
  const shown = document.getElementById("shown");
  const keysOn = document.getElementById("keys");
  const text = (change) => {
    if (!texts.has(change)) texts.set(change, change.textContent.toLowerCase());
    return texts.get(change);
  };
  const chosen = (name) => {
    return new Set(boxes.filter((box) => box.name === name && box.checked).map((box) => box.value));
  };
  const apply = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = chosen("action");
    const risks = chosen("risk");
    let count = 0;
    for (const change of changes) {
      const fits = actions.has(change.dataset.action) && change.dataset.risk.split(" ").some((risk) => risks.has(risk))
        && words.every((word) => text(change).includes(word));
      change.hidden = !fits;
      if (fits) count += 1;
    }
    let rest = 0;
    for (const other of others) {
      other.hidden = !words.every((word) => text(other).includes(word));
      if (!other.hidden) rest += 1;
    }
    // A root of which nothing is left is not in the way, unless nothing is looked for.
    const narrowed = words.length > 0 || boxes.some((box) => !box.checked);
    for (const root of roots) root.hidden = narrowed && !root.querySelector("details.change:not([hidden]),.other:not([hidden])");
    const more = others.length > 0 ? `, and ${rest} of ${others.length} others` : "";
    shown.textContent = `${count} of ${changes.length} shown${more}`;
  };
  const visible = () => [...changes, ...others].filter((change) => !change.hidden && change.tagName === "DETAILS");
  const setAll = (open) => visible().forEach((change) => { change.open = open; });
  const step = (by) => {
    const all = visible();
    if (all.length === 0) return;
    const at = all.findIndex((change) => change.contains(document.activeElement));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next.querySelector("summary").focus();
  };
  // A link can hold what is looked for: #q=WORDS&action=destroy,replace&risk=data-loss&open=all
  const wanted = new URLSearchParams(location.hash.slice(1));
  const choose = (name) => {
    if (!wanted.has(name)) return;
    const values = wanted.get(name).split(",");
    form.querySelectorAll(`input[name=${name}]`).forEach((box) => { box.checked = values.includes(box.value); });
  };
  query.value = wanted.get("q") || "";
  ["action", "risk"].forEach(choose);
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  // Reading thousands of changes takes a moment: the last of several keys counts.
  let waiting;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  document.getElementById("expand").addEventListener("click", () => setAll(true));
  document.getElementById("collapse").addEventListener("click", () => setAll(false));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
    if (event.target === query) {
      if (event.key === "Escape") { query.value = ""; query.blur(); apply(); }
      return;
    }
    if (event.target.closest("button, input, a")) return;
    const keys = { "/": () => query.focus(), j: () => step(1), k: () => step(-1), e: () => setAll(true), c: () => setAll(false) };
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  // On paper nothing can be opened.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = visible().filter((change) => !change.open);
    closed.forEach((change) => { change.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((change) => { change.open = false; }));
  apply();
  if (wanted.get("open") === "all") setAll(true);
})();
