// The build command, run as CI runs it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { readTree } from "../tree.mjs";
import { path } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "frontend-"));
after(() => rmSync(folder, { recursive: true }));

const build = (output) => execFileSync(process.execPath, [path("build.mjs"), output], { cwd: folder, encoding: "utf8" });

test("writes the version of package.json, twice the same bytes, and drops stale files", async () => {
  const output = join(folder, "site");
  build(output);
  const first = await readTree(output);
  writeFileSync(join(output, "stale.html"), "old");
  build(output);
  assert.deepEqual(await readTree(output), first);
  const { version } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  assert.equal(JSON.parse(first.get("version.json")).version, version);
});

test("does not delete a folder that is no earlier build", async () => {
  const output = join(folder, "precious");
  build(output);
  rmSync(join(output, "version.json"));
  const run = spawnSync(process.execPath, [path("build.mjs"), output], { encoding: "utf8" });
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /is not an earlier build/);
  assert.ok((await readTree(output)).has("index.html"));
});
