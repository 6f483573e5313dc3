// The decisions of the script, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { compare, opposite } from "../src/app.js";

test("says so when the open page is the newest release", () => {
  assert.deepEqual(compare("1.0.0", "1.0.0"), { text: "Version 1.0.0 is the newest release.", state: "current" });
});

test("offers the reload when another release is served", () => {
  assert.deepEqual(compare("1.0.0", "1.1.0"), { text: "Version 1.1.0 is out. Reload to see it.", state: "outdated" });
});

test("claims nothing when the served version is unknown", () => {
  for (const served of [undefined, "", null, 7]) assert.equal(compare("1.0.0", served).state, "unknown");
});

test("switches between two themes", () => {
  assert.equal(opposite("dark"), "light");
  assert.equal(opposite("light"), "dark");
});
