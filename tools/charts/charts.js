// The charts of the console's pages: every element with data-chart is drawn from the JSON element that it names.
// There is a table with the same beside each, so that nothing is lost without scripts, and a screen reader reads that.
import { SankeyChart } from "echarts/charts";
import { AriaComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { shownFlow } from "./flow.js";

use([SankeyChart, TooltipComponent, AriaComponent, SVGRenderer]);

const NARROW = 640; // pixels, below which names are cut to what is free beside their station; its tip has the whole
const FAINT = 0.35; // opacity of links, and of the nodes that they go through
const COLOURS = { begin: "#1d3557", lead: "#8f1d14", share: "#b5651d", assist: "#4f7a94", folded: "#6b6b6b" };

function sankey(box, data) {
  // No HTML tooltips and no style elements: the pages' policy lets in no styles but the style sheet's.
  const chart = init(box, null, { renderer: "svg" });
  const unfolded = new Set();
  const draw = () => {
    const { nodes, links } = shownFlow(data, unfolded);
    const levels = Math.max(...nodes.map(node => node.depth)) + 1;
    const beside = box.clientWidth < NARROW ? box.clientWidth / levels - 22 : 140;
    const colour = id => COLOURS[nodes.find(node => node.id === id).mark];
    const widest = Math.max(...Object.values(countBy(nodes, node => node.depth)), 1);
    box.style.height = `${Math.min(Math.max(220, widest * 34 + 40), 4000)}px`;
    chart.resize({ animation: { duration: 0 } });
    chart.setOption(
      {
        animation: false,
        aria: { enabled: true, label: { description: data.description } },
        tooltip: { renderMode: "richText", confine: true, formatter: ({ data }) => data.tip },
        series: {
          type: "sankey",
          left: 8,
          right: beside + 10,
          top: 12,
          bottom: 12,
          nodeGap: 17,
          nodeWidth: 14,
          draggable: false,
          layoutIterations: 32,
          emphasis: { focus: "trajectory" },
          label: { color: "#1a1a1a", fontSize: 13, width: beside, overflow: "truncate" },
          lineStyle: { color: "source", opacity: FAINT, curveness: 0.5 },
          data: nodes.map(node => ({
            name: node.id,
            depth: node.depth,
            tip: node.tip,
            itemStyle: node.via ? { color: colour(node.via), opacity: FAINT } : { color: COLOURS[node.mark] },
            label: { show: !node.via, formatter: () => node.name },
          })),
          links,
        },
      },
      true,
    );
  };
  chart.on("click", ({ dataType, name }) => {
    const node = dataType === "node" && data.nodes.find(one => one.id === name);
    if (!node) return;
    if (node.folds) unfolded.add(node.id);
    else if (node.href) location.assign(node.href);
    draw();
  });
  const again = document.querySelector(`[data-folds="${box.id}"]`);
  if (again) {
    again.hidden = !data.nodes.some(node => node.folds);
    again.addEventListener("click", () => {
      const all = data.nodes.filter(node => node.folds);
      const open = unfolded.size < all.length;
      unfolded.clear();
      if (open) all.forEach(node => unfolded.add(node.id));
      draw();
    });
  }
  for (const button of document.querySelectorAll(`[data-flow-file][data-of="${box.id}"]`)) {
    button.hidden = false;
    button.addEventListener("click", () => keep(box.querySelector("svg"), button.dataset.flowFile, button.dataset.name));
  }
  draw();
  new ResizeObserver(() => box.clientWidth !== chart.getWidth() && draw()).observe(box);
}

// The picture as it is drawn now, as a file.
function keep(svg, format, name) {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const drawn = new XMLSerializer().serializeToString(copy);
  if (format === "svg") return save(new Blob([drawn], { type: "image/svg+xml" }), `${name}.svg`);
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(blob => save(blob, `${name}.png`), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn)}`;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function countBy(all, key) {
  const counts = {};
  for (const one of all) counts[key(one)] = (counts[key(one)] ?? 0) + 1;
  return counts;
}

for (const box of document.querySelectorAll("[data-chart]")) {
  box.closest("figure").hidden = false;
  sankey(box, JSON.parse(document.getElementById(box.dataset.chart).textContent));
}
