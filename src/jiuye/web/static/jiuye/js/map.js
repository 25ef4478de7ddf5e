// The map and its tables point at the same place: what is under the pointer or the focus is marked in both.
// Arrow keys go to the nearest area in that direction; Tab and Enter work without script, the areas are links.
(function () {
  "use strict";
  function mark(code, on) {
    document.querySelectorAll('[data-code="' + CSS.escape(code) + '"]').forEach(function (twin) {
      twin.classList.toggle("twin", on);
    });
  }
  ["mouseover", "focusin", "mouseout", "focusout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var place = event.target.closest && event.target.closest("[data-code]");
      if (place) mark(place.dataset.code, name === "mouseover" || name === "focusin");
    });
  });
  function middle(area) {
    var box = area.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  }
  var WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", function (event) {
    var way = WAYS[event.key];
    var here = event.target.closest && event.target.closest("[data-map] a.map-area");
    if (!way || !here) return;
    var from = middle(here);
    var best = null;
    var bestCost = Infinity;
    here.closest("[data-map]").querySelectorAll("a.map-area").forEach(function (area) {
      if (area === here) return;
      var to = middle(area);
      var along = (to[0] - from[0]) * way[0] + (to[1] - from[1]) * way[1];
      var across = Math.abs((to[0] - from[0]) * way[1]) + Math.abs((to[1] - from[1]) * way[0]);
      if (along > 1 && along + 2 * across < bestCost) {
        bestCost = along + 2 * across;
        best = area;
      }
    });
    if (best) {
      event.preventDefault();
      best.focus();
    }
  });
})();
