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
    const flow = shownFlow(data, unfolded);
    const levels = Math.max(...flow.nodes.map(node => node.depth)) + 1;
    const beside = box.clientWidth < NARROW ? box.clientWidth / levels - 22 : 140;
    box.style.height = `${heightOf(flow)}px`;
    chart.resize({ animation: { duration: 0 } });
    chart.setOption(options(data, flow, { right: beside + 10, label: { width: beside, overflow: "truncate" } }), true);
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
    button.addEventListener("click", () => {
      keep(picture(data, shownFlow(data, unfolded)), button.dataset.flowFile, button.dataset.name);
    });
  }
  draw();
  new ResizeObserver(() => box.clientWidth !== chart.getWidth() && draw()).observe(box);
}

function heightOf({ nodes }) {
  const widest = Math.max(...Object.values(countBy(nodes, node => node.depth)), 1);
  return Math.min(Math.max(220, widest * 34 + 40), 4000);
}

function options(data, { nodes, links }, { right, label }) {
  const colour = id => COLOURS[nodes.find(node => node.id === id).mark];
  return {
    animation: false,
    aria: { enabled: true, label: { description: data.description } },
    tooltip: { renderMode: "richText", confine: true, formatter: ({ data }) => data.tip },
    series: {
      type: "sankey",
      left: 8,
      right,
      top: 12,
      bottom: 12,
      nodeGap: 17,
      nodeWidth: 14,
      draggable: false,
      layoutIterations: 32,
      emphasis: { focus: "trajectory" },
      label: { color: "#1a1a1a", fontSize: 13, ...label },
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
  };
}

// What is unfolded now, drawn anew for a file: whole names, and above it the title, the territory and day, the legend.
function picture(data, flow) {
  const context = document.createElement("canvas").getContext("2d");
  const wide = (text, size) => {
    context.font = `${size}px sans-serif`;
    return Math.ceil(context.measureText(text).width);
  };
  const longest = Math.max(...flow.nodes.map(node => wide(node.name, 13)));
  const levels = Math.max(...flow.nodes.map(node => node.depth)) + 1;
  const marks = data.legend.filter(([mark]) => flow.nodes.some(node => node.mark === mark));
  const legend = marks.reduce((x, [, text]) => x + wide(text, 12) + 40, 8);
  const heads = data.heading.map((text, row) => wide(text, row ? 12 : 16) + 16);
  const width = Math.max(levels * (longest + 50), legend, ...heads);
  const [top, height] = [76, heightOf(flow)];
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(options(data, flow, { right: longest + 20, label: {} }));
  const drawn = chart.renderToSVGString();
  chart.dispose();
  let x = 8;
  const written = data.heading.map(
    (text, row) =>
      `<text x="8" y="${24 + row * 20}" font-size="${row ? 12 : 16}"${row ? "" : ' font-weight="bold"'}>${plain(text)}</text>`,
  );
  for (const [mark, text] of marks) {
    written.push(`<rect x="${x}" y="56" width="14" height="12" fill="${COLOURS[mark]}"/>`);
    written.push(`<text x="${x + 19}" y="66" font-size="12">${plain(text)}</text>`);
    x += wide(text, 12) + 40;
  }
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + height}" font-family="sans-serif">` +
    `<rect width="100%" height="100%" fill="#fff"/>${written.join("")}<g transform="translate(0 ${top})">${drawn}</g></svg>`;
  return { svg, width, height: top + height };
}

function plain(text) {
  return text.replace(/[&<>]/g, letter => `&#${letter.charCodeAt(0)};`);
}

function keep({ svg: drawn, width, height }, format, name) {
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
