// What-if: a slider beside every number. The number field stays the field that is sent; without this file it is all there is.
(function () {
  "use strict";
  document.querySelectorAll("[data-try] input[data-slide]").forEach(function (box) {
    var slide = document.createElement("input");
    slide.type = "range";
    slide.className = "slide";
    slide.min = box.min;
    slide.max = box.max;
    slide.step = box.step;
    slide.value = box.value === "" ? box.min : box.value;
    slide.setAttribute("aria-label", box.dataset.slide);
    slide.addEventListener("input", function () {
      box.value = slide.value;
    });
    box.addEventListener("input", function () {
      if (box.value !== "") slide.value = box.value;
    });
    box.closest(".try-number").appendChild(slide);
  });
})();
