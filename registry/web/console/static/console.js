"use strict";
// Which columns a table shows: the boxes that are ticked, written into the one field that the form sends.
document.addEventListener("change", event => {
  const box = event.target;
  if (!box.matches("[data-column]")) return;
  const form = box.closest("form");
  const boxes = [...form.querySelectorAll("[data-column]")];
  form.querySelector("[data-columns]").value = boxes.filter(one => one.checked).map(one => one.dataset.column).join(",");
});
// A picture as PNG: its SVG drawn on a canvas, twice as large. Without scripts the link gives the SVG.
document.addEventListener("click", event => {
  const link = event.target.closest("[data-png]");
  if (!link) return;
  event.preventDefault();
  const svg = link.closest("figure").querySelector("svg");
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * svg.viewBox.baseVal.width;
    canvas.height = 2 * svg.viewBox.baseVal.height;
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(blob => {
      const made = document.createElement("a");
      made.href = URL.createObjectURL(blob);
      made.download = link.dataset.png + ".png";
      made.click();
      setTimeout(() => URL.revokeObjectURL(made.href), 1000);
    }, "image/png");
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(svg));
});
