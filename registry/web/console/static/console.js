"use strict";
// Which columns a table shows: the boxes that are ticked, written into the one field that the form sends.
document.addEventListener("change", event => {
  const box = event.target;
  if (!box.matches("[data-column]")) return;
  const form = box.closest("form");
  const boxes = [...form.querySelectorAll("[data-column]")];
  form.querySelector("[data-columns]").value = boxes.filter(one => one.checked).map(one => one.dataset.column).join(",");
});
// A picture as PNG: its SVG file, with its heading, drawn on a canvas, twice as large. Without scripts the link gives the SVG.
document.addEventListener("click", async event => {
  const link = event.target.closest("[data-png]");
  if (!link) return;
  event.preventDefault();
  const drawn = await (await fetch(link.href)).text();
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.naturalWidth;
    canvas.height = 2 * image.naturalHeight;
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
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(drawn);
});
// What was entered in boxes of a table for a form stays entered when the table is loaded again, with other rows.
const entered = new Map();
document.addEventListener("htmx:beforeSwap", event => {
  const section = event.detail.target.closest("section.table");
  const boxes = section ? [...section.querySelectorAll("input[form], select[form]")] : [];
  if (boxes.length) entered.set(section.id, boxes.map(box => [box.getAttribute("form"), box.name, box.type === "checkbox" && !box.checked ? "" : box.value]));
});
document.addEventListener("htmx:afterSettle", () => {
  for (const [id, fields] of entered) {
    const section = document.getElementById(id);
    const boxes = new Map([...section.querySelectorAll("input[form], select[form]")].map(box => [box.name, box]));
    for (const [form, name, value] of fields) {
      let box = boxes.get(name);
      if (!box) {
        if (!value) continue;
        box = section.appendChild(document.createElement("input"));
        box.type = "hidden";
        box.name = name;
        box.setAttribute("form", form);
      }
      if (box.type === "checkbox") box.checked = Boolean(value);
      else if (box.type === "hidden" && !value) box.remove();
      else box.value = value;
    }
  }
  entered.clear();
});
// A table that fits is as long as it is, and its head stays at the top of the window; only a wider one has a frame to scroll in.
const framed = () => {
  for (const frame of document.querySelectorAll(".scroll")) {
    frame.classList.remove("fits", "wide");
    frame.classList.add(frame.scrollWidth > frame.clientWidth ? "wide" : "fits");
  }
};
addEventListener("load", framed);
addEventListener("resize", framed);
document.addEventListener("htmx:afterSettle", framed);
