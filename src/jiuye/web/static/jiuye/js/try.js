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
  // The result names what can't be read; the field says so too.
  document.addEventListener("htmx:afterSettle", function () {
    var form = document.querySelector("[data-try]");
    if (!form) return;
    form.querySelectorAll("[aria-invalid]").forEach(function (box) {
      box.removeAttribute("aria-invalid");
      box.closest(".field").classList.remove("field-wrong");
      box.setAttribute("aria-describedby", box.id + "-now");
    });
    document.querySelectorAll("#try-result [data-wrong]").forEach(function (told) {
      var box = document.getElementById(told.dataset.wrong);
      if (!box) return;
      box.setAttribute("aria-invalid", "true");
      box.closest(".field").classList.add("field-wrong");
      box.setAttribute("aria-describedby", told.id + " " + box.id + "-now");
    });
  });
})();
