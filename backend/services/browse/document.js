"use strict";
(() => {
  const search = document.getElementById("search");
  const none = document.getElementById("none");
  const entries = [...document.querySelectorAll("nav li")];
  search.hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      const text = `${entry.dataset.words} ${entry.textContent.toLowerCase()}`;
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) shown += 1;
    }
    none.hidden = shown > 0;
  });
})();
