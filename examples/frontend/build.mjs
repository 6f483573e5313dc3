// Builds the site into `dist/`: `node build.mjs [OUTPUT]`.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { render } from "./site.mjs";
import { readTree, writeTree } from "./tree.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { version } = JSON.parse(await readFile(here("package.json"), "utf8"));
const site = render(await readTree(here("src")), version);
const output = process.argv[2] ?? here("dist");

await writeTree(output, site);
for (const [path, content] of site) {
  console.log(`${String(content.length).padStart(7)}  ${path}`);
}
