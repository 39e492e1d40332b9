// The browser's scripts are plain JavaScript with types in comments: TypeScript checks them, and writes nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { E2E, mustExist, ROOT } from "../lib/env.mjs";

const STATIC = join(ROOT, "crates/vaora/static");

/** @param {string[]} more @returns {{ status: number | null, said: string }} */
function compile(...more) {
  const compiler = mustExist(join(E2E, "node_modules/typescript/bin/tsc"), "TypeScript (npm ci)");
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "--pretty", "false", ...more], { cwd: E2E, encoding: "utf8", timeout: 120_000 });
  return { status, said: stdout + stderr };
}

/** Our own scripts, as paths inside the static folder. */
const scripts = readdirSync(STATIC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js") && !name.startsWith("vendor"));

test("every script asks to be checked", () => {
  // Checking by default would take in the vendored libraries that a script imports, so each of ours says it wants it.
  const unchecked = scripts.filter((name) => !readFileSync(join(STATIC, name), "utf8").startsWith("// @ts-check\n"));
  assert.deepEqual(unchecked, []);
  const silenced = scripts.filter((name) => /@ts-(nocheck|ignore|expect-error)/.test(readFileSync(join(STATIC, name), "utf8")));
  assert.deepEqual(silenced, []);
});

test("the types of the scripts fit together", { timeout: 180_000 }, () => {
  const { status, said } = compile("--project", "tsconfig.json", "--listFiles");
  const complaints = said.split("\n").filter((row) => /error TS\d+/.test(row));
  assert.deepEqual(complaints, []);
  assert.equal(status, 0, said.slice(-2000));
  const read = new Set(said.split("\n").map((row) => row.trim()));
  assert.deepEqual(scripts.filter((name) => !read.has(join(STATIC, name))), [], "left out by tsconfig.json");
});

test("every block of a stylesheet is closed where it ends", () => {
  for (const name of readdirSync(STATIC, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".css"))) {
    const text = readFileSync(join(STATIC, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    let depth = 0;
    for (const mark of text.match(/[{}]/g) ?? []) {
      depth += mark === "{" ? 1 : -1;
      assert.ok(depth >= 0, `${name}: a block is closed twice`);
    }
    assert.equal(depth, 0, `${name} ends inside a block`);
  }
});
