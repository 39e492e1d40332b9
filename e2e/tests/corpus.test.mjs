// The inputs that fuzzing found worth keeping, through both readers: the server's and the browser's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ROOT } from "../lib/env.mjs";
import { browserReadings, READER, serverReadings } from "../lib/reader.mjs";

const { read, readBytes } = await import(join(READER, "read.js"));

/** Fewest inputs with which the comparison says something. */
const INPUTS_MIN = 200;

/** @typedef {{ input?: string, input_hex?: string }} Kept */

/** @returns {(string | Buffer)[]} texts, and the bytes that are none */
function keptInputs() {
  const lines = readFileSync(join(ROOT, "fuzz/corpus/card_read.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const { input, input_hex } = /** @type {Kept} */ (JSON.parse(line));
    return input ?? Buffer.from(/** @type {string} */ (input_hex), "hex");
  });
}

describe("what the fuzzer kept reads the same here and on the server", { timeout: 120_000 }, () => {
  const inputs = keptInputs();
  /** @type {string[]} */ let there = [];
  let today = "";

  before(() => {
    ({ today, answers: there } = serverReadings(inputs));
    assert.equal(there.length, inputs.length);
  });

  /** @param {string[]} here readings as JSON */
  function assertSame(here) {
    assert.equal(here.length, inputs.length);
    const different = [...inputs.keys()].filter((at) => here[at] !== there[at]);
    const shown = different.slice(0, 12).map((at) => `${JSON.stringify(inputs[at]?.toString())}\n  here  ${here[at]}\n  there ${there[at]}`);
    assert.equal(different.length, 0, `${different.length} of ${inputs.length} differ\n${shown.join("\n")}`);
  }

  test("in Node.js, texts also as their bytes", (t) => {
    const readings = inputs.map((input) => (typeof input === "string" ? read(input, today) : readBytes(new Uint8Array(input), today)));
    assertSame(readings.map((reading) => JSON.stringify(reading)));
    assertSame(inputs.map((input) => JSON.stringify(readBytes(new Uint8Array(Buffer.from(input)), today))));
    const kinds = new Set(readings.map(({ kind }) => kind));
    t.diagnostic(`${inputs.length} inputs of kinds ${[...kinds].sort().join(", ")}`);
    // The comparison is worth something only where every kind came up.
    assert.ok(inputs.length >= INPUTS_MIN, `${inputs.length} inputs`);
    assert.equal(kinds.size, 7);
    assert.ok(inputs.some((input) => typeof input !== "string"), "bytes that are no text");
  });

  test("in the browser", async () => {
    assertSame(await browserReadings(inputs, today));
  });
});
