// The switch of languages, the print button and, in published files, the choices. Without this script everything is
// still there to read: the first language is shown, and the switch works through the address.
(() => {
  "use strict";
  const root = document.documentElement;
  const anchors = { "#tieng-viet": "vi", "#english": "en" };
  const names = { vi: "#tieng-viet", en: "#english" };
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  function remembered() {
    try {
      return sessionStorage.getItem("cx-language");
    } catch {
      return null; // a browser may refuse to remember, above all for files
    }
  }

  function speak(language) {
    if (!(language in names)) return;
    root.lang = language;
    document.title = root.getAttribute("data-title-" + language) || document.title;
    try {
      sessionStorage.setItem("cx-language", language);
    } catch {
      // nothing is lost: the links below carry the language too
    }
    dress();
    count();
  }

  function dress() {
    for (const link of all("a[data-language]")) {
      if (link.dataset.language === root.lang) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const link of all("a[data-keeps-language]")) {
      link.setAttribute("href", link.getAttribute("href").split("#")[0] + names[root.lang]);
    }
    for (const button of all("button[data-print]")) button.hidden = false;
  }

  // Choices

  function choice() {
    const chosen = {};
    for (const select of all("select[data-filter]")) {
      if (Number(select.value) >= 0) chosen[select.dataset.filter] = Number(select.value);
    }
    return chosen;
  }

  function choose(changed) {
    for (const select of all("select[data-filter]")) {
      if (select.dataset.filter === changed.dataset.filter) select.value = changed.value;
    }
    const wanted = Object.entries(choice()).map(([name, place]) => name + "-" + place);
    for (const card of all(".cx-card")) {
      card.hidden = !wanted.every((name) => card.classList.contains(name));
    }
    count();
  }

  function count() {
    for (const told of all("[data-count]")) {
      const cards = all(".cx-card");
      const shown = cards.filter((card) => !card.hidden).length;
      told.textContent = told
        .getAttribute("data-" + root.lang)
        .replace("{shown}", shown)
        .replace("{of}", cards.length);
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target && target.closest("a[data-language]");
    if (link) {
      event.preventDefault();
      speak(link.dataset.language);
    } else if (target && target.closest("button[data-print]")) {
      window.print();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches("select[data-filter]")) choose(event.target);
  });
  window.addEventListener("hashchange", () => speak(anchors[location.hash]));

  // On paper every folded part is open, and folded again afterwards.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all(".cx details:not([open])");
    for (const part of opened) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });

  function start() {
    root.setAttribute("data-live", "");
    for (const part of all("[data-filters]")) part.hidden = false;
    speak(anchors[location.hash] || remembered() || root.lang);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
