// The real sources of the site, for every test file.

import { fileURLToPath } from "node:url";

import { readTree } from "../tree.mjs";

export const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

export const sources = () => readTree(path("src"));
