// Writes what the console's pages load out of npm: charts.js (ECharts as far as it is used, with charts.js here) and
// htmx.js, unchanged, each with its licence, into registry/web/console/static.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url);
const to = new URL("../../registry/web/console/static/", here);
const packaged = name => new URL(`node_modules/${name}`, here);
const versions = JSON.parse(await readFile(new URL("package-lock.json", here))).packages;
const version = name => versions[`node_modules/${name}`].version;

await build({
  entryPoints: [new URL("charts.js", here).pathname],
  outfile: new URL("charts.js", to).pathname,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2018",
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  banner: {
    js:
      `/* Apache ECharts ${version("echarts")}, zrender ${version("zrender")}, tslib ${version("tslib")}: ` +
      "charts.LICENSE, charts.NOTICE beside this file. Built by `make charts`. */",
  },
});
const licences = await Promise.all(
  [
    ["echarts", "LICENSE"],
    ["echarts", "licenses/LICENSE-d3"],
    ["zrender", "LICENSE"],
    ["tslib", "LICENSE.txt"],
  ].map(async ([name, file]) => `${name} ${version(name)}\n\n${await readFile(packaged(`${name}/${file}`), "utf8")}`),
);
await writeFile(new URL("charts.LICENSE", to), licences.join(`\n${"=".repeat(80)}\n\n`));
await writeFile(new URL("charts.NOTICE", to), await readFile(packaged("echarts/NOTICE")));
await writeFile(new URL("htmx.js", to), await readFile(packaged("htmx.org/dist/htmx.min.js")));
