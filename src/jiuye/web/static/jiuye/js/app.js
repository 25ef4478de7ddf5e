// Small helps on every page. Everything works without them.
(function () {
  "use strict";
  var words = function (key) {
    var box = document.getElementById("words");
    return (box && box.dataset[key]) || "";
  };

  // A form is sent once. The fields stay as they are; the button says that it is working.
  // The server refuses a second copy by itself (idempotency key), this only spares people the doubt.
  var RELEASE_MS = 15000; // a download or a lost connection leaves the page open: let people try again
  function release(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    form.querySelectorAll("[data-held]").forEach(function (button) {
      button.disabled = false;
      var label = button.querySelector("span") || button;
      if (button.dataset.held !== "1") label.textContent = button.dataset.held;
      delete button.dataset.held;
    });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-no-guard")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (!navigator.onLine) {
      // the browser's own error page would take the answers with it
      event.preventDefault();
      offline();
      document.querySelector("[data-offline]").scrollIntoView({ block: "nearest" });
      return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    var pressed = event.submitter;
    setTimeout(function () {
      // after the browser has taken the values, so that the pressed button's own value is sent too
      form.querySelectorAll("button:not([type=button]):not([type=reset]), input[type=submit]").forEach(function (button) {
        if (button.disabled) return;
        button.disabled = true;
        button.dataset.held = "1";
        if (button === pressed && button.classList.contains("button")) {
          var label = button.querySelector("span") || button;
          button.dataset.held = label.textContent;
          label.textContent = button.dataset.busy || words("busy") || label.textContent;
        }
      });
    }, 0);
    setTimeout(function () {
      if (document.contains(form)) release(form);
    }, RELEASE_MS);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form");
    if (form) release(form);
  });

  // <form data-autosave="URL"> keeps a draft: posted after a change, again when the network is back.
  // Words go to [data-autosave-status] inside the form. The answer is 204 and shows nothing.
  function autosave(form) {
    var status = form.querySelector("[data-autosave-status]");
    var timer = 0;
    var dirty = false;
    function say(key, time) {
      if (status) status.textContent = words(key) + (time ? " " + time : "");
    }
    function save() {
      if (form.dataset.sent) return;
      dirty = false;
      say("saving");
      fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), credentials: "same-origin" })
        .then(function (answer) {
          if (answer.status !== 204) throw new Error("not saved");
          say("saved", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }));
        })
        .catch(function () {
          dirty = true;
          say("unsaved");
        });
    }
    form.addEventListener("change", function () {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(save, 600);
    });
    window.addEventListener("online", function () {
      if (dirty) save();
    });
  }
  function offline() {
    document.querySelectorAll("[data-offline]").forEach(function (banner) {
      banner.hidden = navigator.onLine;
    });
  }
  window.addEventListener("online", offline);
  window.addEventListener("offline", offline);

  // Read aloud (elder mode): the text of the page in the voice of the browser, if it has one.
  function readAloud(button) {
    if (!("speechSynthesis" in window)) return;
    var label = button.querySelector("span");
    var start = label.textContent;
    button.hidden = false;
    button.addEventListener("click", function () {
      if (speechSynthesis.speaking) {
        speechSynthesis.cancel();
        return;
      }
      var speech = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
      speech.lang = { "zh-hans": "zh-CN", "zh-hant": "zh-HK" }[document.documentElement.lang] || document.documentElement.lang;
      speech.rate = 0.9;
      speech.onend = speech.onerror = function () {
        label.textContent = start;
      };
      label.textContent = button.dataset.stop;
      speechSynthesis.speak(speech);
    });
    window.addEventListener("pagehide", function () {
      speechSynthesis.cancel();
    });
  }

  // <form data-progress>: a long upload says how many lines it carries while the server checks them.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var box = form.querySelector("[data-progress-box]");
    var input = form.querySelector("input[type=file]");
    if (event.defaultPrevented || !form.hasAttribute("data-progress") || !box || !input || !input.files[0]) return;
    var text = box.querySelector("[data-progress-words]");
    input.files[0].slice(0).text().then(function (content) {
      var lines = content.split("\n").filter(function (line) { return line.trim(); }).length - 1;
      text.textContent = text.dataset.words.replace("{n}", Math.max(lines, 0).toLocaleString());
      box.hidden = false;
    });
  });

  // Paper shows what is folded on the screen.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("main details:not([open])").forEach(function (fold) {
      fold.open = true;
      fold.dataset.printed = "1";
    });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-printed]").forEach(function (fold) {
      fold.open = false;
      delete fold.dataset.printed;
    });
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-autosave]").forEach(autosave);
    document.querySelectorAll("[data-read-aloud]").forEach(readAloud);
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.hidden = false;
    });
    offline();
    var errors = document.querySelector("[data-error-summary]");
    if (!errors) return;
    // a fragment left in the address (from the skip link) must not take the focus away
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    errors.focus();
    // nor away from somebody who has gone on before the page was complete
    var moved = false;
    ["keydown", "pointerdown"].forEach(function (name) {
      document.addEventListener(name, function () { moved = true; }, { once: true, capture: true });
    });
    window.addEventListener("load", function () {
      if (!moved) errors.focus();
    });
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var errors = event.target.querySelector && event.target.querySelector("[data-error-summary]");
    if (errors) errors.focus();
  });
})();
