// j / k walk through a queue, Enter opens (the link has the focus, so the browser does that), / goes to the search,
// ? shows the keys. Single keys can be switched off (they disturb people who speak to their computer).
(function () {
  "use strict";
  var STORE = "jiuye-shortcuts";
  function enabled() {
    try {
      return localStorage.getItem(STORE) !== "off";
    } catch (error) {
      return true;
    }
  }
  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }
  function links() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-queue] [data-queue-link]"));
  }
  function move(step) {
    var all = links();
    if (!all.length) return;
    var here = all.indexOf(document.activeElement);
    if (here < 0) {
      here = all.findIndex(function (link) {
        return link.closest("tr").classList.contains("queue-current");
      });
      if (here < 0) here = step > 0 ? -1 : all.length;
    }
    var next = Math.min(all.length - 1, Math.max(0, here + step));
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  }
  // Enter with nothing chosen opens the most urgent one; beside an open case it does nothing.
  function openFirst(target) {
    var all = links();
    if (target !== document.body || !all.length || document.querySelector("[data-queue] .queue-current")) return false;
    all[0].click();
    return true;
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !enabled()) return;
    if (event.key === "Enter") {
      if (!openFirst(event.target)) return;
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "/") {
      var search = document.querySelector("input[type=search], [data-search]");
      if (!search) return;
      search.focus();
    } else if (event.key === "?") {
      var help = document.querySelector("[data-shortcuts]");
      if (!help) return;
      help.open = !help.open;
      help.scrollIntoView({ block: "nearest" });
    } else {
      var hit = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
      if (!hit) return;
      hit.focus();
      // A signature is never given by a single key: its button only gets the focus.
      if (/^(A|SUMMARY|BUTTON)$/.test(hit.tagName) && !hit.hasAttribute("data-key-focus")) hit.click();
    }
    event.preventDefault();
  });
  // A click anywhere on a row opens it, unless text is being selected.
  document.addEventListener("click", function (event) {
    var row = event.target.closest("[data-queue] tbody tr");
    if (!row || event.target.closest("a, button, input, label, summary") || String(window.getSelection())) return;
    var link = row.querySelector("[data-queue-link]");
    if (link) link.click();
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-shortcuts-on]").forEach(function (box) {
      box.checked = enabled();
      box.addEventListener("change", function () {
        try {
          localStorage.setItem(STORE, box.checked ? "on" : "off");
        } catch (error) {
          /* private window: the choice lasts for this page only */
        }
      });
    });
  });
})();
