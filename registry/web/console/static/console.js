"use strict";
// Which columns a table shows: the boxes that are ticked, written into the one field that the form sends.
document.addEventListener("change", event => {
  const box = event.target;
  if (!box.matches("[data-column]")) return;
  const form = box.closest("form");
  const boxes = [...form.querySelectorAll("[data-column]")];
  form.querySelector("[data-columns]").value = boxes.filter(one => one.checked).map(one => one.dataset.column).join(",");
});
