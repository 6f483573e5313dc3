// Reads and writes folders as maps from path to content.

import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Reads every file below the folder; paths use `/`. */
export async function readTree(folder, prefix = "") {
  const tree = new Map();
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      for (const [inner, content] of await readTree(folder, path)) tree.set(inner, content);
    } else {
      tree.set(path, await readFile(join(folder, path)));
    }
  }
  return tree;
}

/** Makes the folder hold exactly these files. Refuses a folder that is not an earlier build. */
export async function writeTree(folder, tree) {
  await clear(folder);
  for (const [path, content] of tree) {
    const target = join(folder, ...path.split("/"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

async function clear(folder) {
  const entries = await readdir(folder).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  const marker = await stat(join(folder, "version.json")).catch(() => undefined);
  if (marker === undefined) throw new Error(`${folder} is not empty and holds no version.json, so it is not an earlier build`);
  await rm(folder, { recursive: true });
}
