// The editor of a text of law: numbers beside the lines, checked while one types, a click on a complaint goes to the word.
// Without this file the buttons of the form do the same with a new page.
(function () {
  "use strict";
  var WAIT_MS = 1200; // after the last key
  var form = document.querySelector("[data-editor]");
  if (!form) return;
  var text = form.querySelector("[data-editor-text]");
  var numbers = form.querySelector("[data-editor-numbers]");
  var status = form.querySelector("[data-editor-status]");
  var timer = 0;
  var running = null;
  var sent = text.value; // as the server last saw it
  var saving = false;

  function wrong() {
    var found = {};
    document.querySelectorAll("#checked [data-word]").forEach(function (link) {
      found[place(link).line] = true;
    });
    return found;
  }

  function number() {
    var bad = wrong();
    var lines = text.value.split("\n").length;
    numbers.textContent = "";
    for (var n = 1; n <= lines; n++) {
      var one = document.createElement(bad[n] ? "b" : "span");
      one.textContent = n + "\n";
      numbers.appendChild(one);
    }
    numbers.style.height = text.offsetHeight + "px";
    numbers.scrollTop = text.scrollTop;
  }

  function place(link) {
    var parts = /^L(\d+)C(\d+)W(\d+)$/.exec(link.getAttribute("data-word") || "");
    return parts ? { line: +parts[1], column: +parts[2], width: +parts[3] } : null;
  }

  // The server counts characters, the field counts UTF-16: the same but for rare signs.
  function units(line, characters) {
    return Array.from(line).slice(0, characters).join("").length;
  }

  function go(where) {
    var lines = text.value.split("\n");
    var before = lines.slice(0, where.line - 1).join("\n").length + (where.line > 1 ? 1 : 0);
    var line = lines[where.line - 1] || "";
    var start = before + units(line, where.column - 1);
    var end = before + units(line, where.column - 1 + where.width);
    text.setSelectionRange(end, end);
    text.blur(); // browsers bring the cursor into sight, sideways too, when the field gets the focus
    text.focus();
    text.setSelectionRange(start, end);
    var height = text.scrollHeight / Math.max(lines.length, 1);
    text.scrollTop = Math.max(0, (where.line - 4) * height);
    var top = text.getBoundingClientRect().top;
    if (top < 0 || top > window.innerHeight / 2) text.scrollIntoView({ block: "start" });
  }

  function check(then) {
    clearTimeout(timer);
    if (running) running.abort();
    running = new AbortController();
    var typed = text.value;
    var data = new FormData(form);
    fetch(form.dataset.check, { method: "POST", body: data, credentials: "same-origin", signal: running.signal })
      .then(function (answer) {
        if (!answer.ok) throw new Error("not checked");
        return answer.text();
      })
      .then(function (html) {
        running = null;
        sent = typed;
        var fresh = new DOMParser().parseFromString(html, "text/html").getElementById("checked");
        var old = document.getElementById("checked");
        var listing = old.querySelector("[data-listing]");
        var at = listing ? listing.scrollTop : 0;
        old.replaceWith(document.adoptNode(fresh));
        listing = document.querySelector("#checked [data-listing]");
        if (listing) listing.scrollTop = at;
        var any = document.querySelector("#checked [data-word], #checked .problem-list");
        if (any) text.setAttribute("aria-invalid", "true");
        else text.removeAttribute("aria-invalid");
        text.setAttribute("aria-describedby", "checked-title");
        status.textContent = document.getElementById("checked-title").textContent.trim();
        number();
        if (then) then();
      })
      .catch(function (error) {
        if (error.name === "AbortError") return;
        running = null;
        if (then) form.requestSubmit(form.querySelector("[data-editor-check]")); // let the server make a page of it
      });
  }

  numbers.hidden = false;
  number();
  text.addEventListener("scroll", function () {
    numbers.scrollTop = text.scrollTop;
  });
  text.addEventListener("input", function () {
    number();
    clearTimeout(timer);
    timer = setTimeout(function () {
      if (text.value !== sent) check();
    }, WAIT_MS);
  });
  if ("ResizeObserver" in window) new ResizeObserver(number).observe(text);

  var asking = false;
  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || !button.hasAttribute("data-editor-check")) {
      saving = true;
      return;
    }
    if (asking) return; // the way without us
    event.preventDefault();
    event.stopImmediatePropagation();
    asking = true;
    check(function () {
      asking = false;
      var first = document.querySelector("#checked .problem-list a");
      (first || document.getElementById("checked-title")).focus();
    });
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("#checked [data-word], [data-error-summary] a[href^='#L']");
    if (!link) return;
    if (!link.hasAttribute("data-word")) link.setAttribute("data-word", link.getAttribute("href").slice(1));
    var where = place(link);
    if (!where) return;
    event.preventDefault();
    var mark = document.getElementById(link.getAttribute("data-word"));
    if (mark) mark.scrollIntoView({ block: "center", inline: "nearest" });
    go(where);
  });

  // Whoever leaves with something unsaved is asked first.
  var opened = form.hasAttribute("data-unsaved") ? null : text.value;
  window.addEventListener("beforeunload", function (event) {
    if (!saving && text.value !== opened) event.preventDefault();
  });
})();
