// Puts what pages need from npm into one folder: the editor as one script, and the coastline as one path.

import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { feature } from "topojson-client";

const target = new URL("../shimoda/web/static/built/", import.meta.url);
// Places here are drawn closely, so the coast keeps a fiftieth of a degree; elsewhere a half will do.
const near = { west: 110, east: 165, south: 25, north: 62 };
const finest = 50;
const southernmost = -72;

await mkdir(target, { recursive: true });
await build({
  entryPoints: ["editor.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  outfile: new URL("editor.js", target).pathname,
});

const atlas = JSON.parse(await readFile("node_modules/world-atlas/land-50m.json", "utf-8"));
const polygons = feature(atlas, atlas.objects.land).features.flatMap((one) => one.geometry.coordinates);
const path = polygons.flatMap((rings) => rings.map(draw)).join("");
await writeFile(
  new URL("land.svg", target),
  `<svg xmlns="http://www.w3.org/2000/svg"><defs><path id="land" transform="scale(${1 / finest})" d="${path}"/></defs></svg>\n`,
);

const licences = [];
for await (const file of glob("node_modules/{@*/,}*/LICENSE")) {
  licences.push(`${file.replace("node_modules/", "")}\n\n${await readFile(file, "utf-8")}`);
}
await writeFile(new URL("licences.txt", target), licences.sort().join("\n\n"));

// Lines are relative and in whole steps: the drawing comes with pages that should be light.
function draw(ring) {
  const points = ring.map(place).filter(([x, y], at, all) => at === 0 || x !== all[at - 1][0] || y !== all[at - 1][1]);
  if (points.length <= 3) return "";
  const steps = points.slice(1, -1).flatMap(([x, y], at) => [x - points[at][0], y - points[at][1]]);
  return `M${points[0].join(" ")}l${steps.join(" ").replaceAll(" -", "-")}z`;
}

// The same projection as web/drawings.py: Mercator, y downwards; in steps of a degree's 50th near the islands, half a degree elsewhere.
function place([longitude, latitude]) {
  const { west, east, south, north } = near;
  const isNear = longitude > west && longitude < east && latitude > south && latitude < north;
  const step = isNear ? 1 : finest / 2;
  const round = (value) => Math.round((value * finest) / step) * step;
  const radians = (Math.max(latitude, southernmost) * Math.PI) / 180;
  const y = (Math.log(Math.tan(Math.PI / 4 + radians / 2)) * 180) / Math.PI;
  return [round(longitude), round(-y)];
}
