// Turns the sources into the files of the site. Pure: the same sources and version give the same bytes.

import { createHash } from "node:crypto";

const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** The sources that get their content's hash into their name, with the word that stands for them in templates. */
const HASHED = new Map([
  ["app.js", "app"],
  ["style.css", "style"],
]);

const TEMPLATE = /\.(html|webmanifest)$/;

/**
 * Renders the site.
 *
 * @param {Map<string, Buffer>} sources content by path relative to the source folder, `/` as separator
 * @param {string} version a semantic version
 * @returns {Map<string, Buffer>} content by path relative to the site's root, sorted by path
 */
export function render(sources, version) {
  if (!SEMVER.test(version)) {
    throw new Error(`version ${JSON.stringify(version)} in package.json is not a semantic version`);
  }
  const { files, names } = hashAssets(sources);
  const words = { version, ...names };
  for (const [path, content] of sources) {
    if (HASHED.has(path)) continue;
    files.set(path, TEMPLATE.test(path) ? fill(path, content, words) : content);
  }
  files.set("version.json", json({ version, assets: Object.values(names).sort() }));
  return new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function hashAssets(sources) {
  const files = new Map();
  const names = {};
  for (const [path, word] of HASHED) {
    const content = sources.get(path);
    if (content === undefined) throw new Error(`source file ${path} is missing`);
    const name = `assets/${withHash(path, content)}`;
    files.set(name, content);
    names[word] = `/${name}`;
  }
  return { files, names };
}

function withHash(path, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const dot = path.lastIndexOf(".");
  return `${path.slice(0, dot)}.${hash}${path.slice(dot)}`;
}

function fill(path, content, words) {
  const text = content.toString("utf8").replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, word) => {
    if (!Object.hasOwn(words, word)) throw new Error(`${path} uses {{${word}}}; known: ${Object.keys(words).join(", ")}`);
    return words[word];
  });
  return Buffer.from(text, "utf8");
}

function json(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`, "utf8");
}
