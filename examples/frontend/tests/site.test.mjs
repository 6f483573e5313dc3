// What the site consists of.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { render } from "../site.mjs";
import { sources } from "./support.mjs";

const site = render(await sources(), "1.2.3");
const text = (path) => site.get(path).toString("utf8");
const matching = (pattern) => [...site.keys()].filter((path) => pattern.test(path));

test("has exactly the expected files", () => {
  const paths = [...site.keys()].map((path) => path.replace(/\.[0-9a-f]{16}\./, ".HASH."));
  assert.deepEqual(paths, [
    ".well-known/security.txt",
    "404.html",
    "assets/app.HASH.js",
    "assets/style.HASH.css",
    "favicon.svg",
    "index.html",
    "robots.txt",
    "site.webmanifest",
    "version.json",
  ]);
});

test("names assets by the hash of their content", () => {
  const assets = matching(/^assets\//);
  assert.equal(assets.length, 2);
  for (const path of assets) {
    const hash = createHash("sha256").update(site.get(path)).digest("hex").slice(0, 16);
    assert.ok(path.includes(`.${hash}.`), path);
  }
});

test("shows the version on every page and in version.json", () => {
  assert.match(text("index.html"), /Version <strong id="version">1\.2\.3<\/strong>/);
  assert.match(text("404.html"), /version 1\.2\.3/);
  assert.equal(JSON.parse(text("version.json")).version, "1.2.3");
});

test("a version bump changes the pages but no asset", () => {
  const assets = (map) => [...map.keys()].filter((path) => path.startsWith("assets/"));
  return sources().then((tree) => {
    const next = render(tree, "1.2.4");
    assert.deepEqual(assets(next), assets(site));
    assert.notDeepEqual(next.get("index.html"), site.get("index.html"));
  });
});

test("a changed script gets another name, and pages follow it", async () => {
  const tree = await sources();
  tree.set("app.js", Buffer.concat([tree.get("app.js"), Buffer.from("\n// changed\n")]));
  const [before] = matching(/app\./);
  const next = render(tree, "1.2.3");
  assert.ok(!next.has(before));
  assert.ok(!next.get("index.html").includes(before));
});

test("every local reference on a page exists", () => {
  for (const page of matching(/\.(html|webmanifest)$/)) {
    const references = [...text(page).matchAll(/(?:href|src)"?[=:]\s*"(\/[^"]*)"/g)].map(([, path]) => path);
    assert.ok(references.length > 0, page);
    for (const reference of references) {
      const target = reference === "/" ? "index.html" : reference.slice(1);
      assert.ok(site.has(target), `${page} refers to ${reference}`);
    }
  }
});

test("loads nothing from elsewhere and has no inline code, so a strict content policy fits", () => {
  for (const page of matching(/\.html$/)) {
    assert.doesNotMatch(text(page), /(?:src|href)="(?:https?:)?\/\//);
    assert.doesNotMatch(text(page), /<style|style="|\son\w+="|<script(?![^>]*\ssrc=)/);
  }
});

test("leaves no template word behind", () => {
  for (const page of matching(/\.(html|webmanifest|json)$/)) assert.doesNotMatch(text(page), /\{\{|\}\}/);
});

test("security.txt has the two required fields", () => {
  assert.match(text(".well-known/security.txt"), /^Contact: https:\/\/\S+$/m);
  assert.match(text(".well-known/security.txt"), /^Expires: \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/m);
});

test("refuses a version that is none", async () => {
  const tree = await sources();
  for (const version of ["", "1.0", "<script>", "1.0.0\n"]) {
    assert.throws(() => render(tree, version), /is not a semantic version/);
  }
});

test("names the file and the unknown word of a template", async () => {
  const tree = await sources();
  tree.set("index.html", Buffer.from("{{verison}}"));
  assert.throws(() => render(tree, "1.0.0"), /index\.html uses \{\{verison\}\}; known: version, app, style/);
});

test("names a missing source", async () => {
  const tree = await sources();
  tree.delete("style.css");
  assert.throws(() => render(tree, "1.0.0"), /source file style\.css is missing/);
});
