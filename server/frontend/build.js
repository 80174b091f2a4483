// Puts what pages need from npm into one folder: the editor as one script, and the coastline as one path.

import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { feature } from "topojson-client";

const target = new URL("../shimoda/web/static/built/", import.meta.url);
// Places here are drawn closely, so the coast keeps a fiftieth of a degree; elsewhere a half will do.
const near = { west: 110, east: 165, south: 25, north: 62 };
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
  `<svg xmlns="http://www.w3.org/2000/svg"><defs><path id="land" d="${path}"/></defs></svg>\n`,
);

const licences = [];
for await (const file of glob("node_modules/{@*/,}*/LICENSE")) {
  licences.push(`${file.replace("node_modules/", "")}\n\n${await readFile(file, "utf-8")}`);
}
await writeFile(new URL("licences.txt", target), licences.sort().join("\n\n"));

function draw(ring) {
  const points = ring.map(place).filter((point, at, all) => at === 0 || point !== all[at - 1]);
  return points.length > 3 ? `M${points.slice(0, -1).join("L")}Z` : "";
}

// The same projection as web/drawings.py: Mercator, in degrees, y downwards.
function place([longitude, latitude]) {
  const { west, east, south, north } = near;
  const isNear = longitude > west && longitude < east && latitude > south && latitude < north;
  const step = isNear ? 50 : 2;
  const round = (value) => Math.round(value * step) / step;
  const radians = (Math.max(latitude, southernmost) * Math.PI) / 180;
  const y = (Math.log(Math.tan(Math.PI / 4 + radians / 2)) * 180) / Math.PI;
  return `${round(longitude)} ${round(-y)}`;
}
