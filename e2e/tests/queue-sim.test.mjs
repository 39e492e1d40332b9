// A thousand bad days of 200 gates each: what was shown green is at the server once, or where the gate can see it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { E2E } from "../lib/env.mjs";
import { aadOf, sealer } from "../../crates/vaora/static/queue/seal.js";
import { chance, VirtualTime } from "../lib/sim-clock.mjs";
import { newKeyPair, open } from "../lib/sim-open.mjs";
import { ModelServer } from "../lib/sim-server.mjs";
import { simulate } from "../lib/sim.mjs";

const SEEDS = 1_000;
const GATES = 200;
/** Seeds within which a mistake put in on purpose must show. */
const SEEDS_TO_NOTICE = 3;

/**
 * Runs seeds in a process of their own: the test runner's hooks on promises would make them ten times slower here.
 * @param {number} from
 * @param {number} seeds
 * @returns {Promise<Record<string, number>>} sums of the figures
 */
async function simulated(from, seeds) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(E2E, "lib/sim.mjs"), "--from", String(from), "--seeds", String(seeds), "--gates", String(GATES),
  ]);
  return JSON.parse(stdout).sums;
}

test(`${SEEDS} seeds of ${GATES} gates: sent = accepted + duplicate + quarantined, and nothing is lost or doubled`, async () => {
  // It ends with an error, and the problems in its words, when a single check fails.
  const halves = await Promise.all([simulated(1, SEEDS / 2), simulated(1 + SEEDS / 2, SEEDS / 2)]);
  const sum = (/** @type {string} */ name) => halves.reduce((total, sums) => total + (sums[name] ?? NaN), 0);
  assert.equal(sum("days"), SEEDS);
  // The days were bad enough to mean something.
  for (const name of ["accepted", "quarantined", "refused", "duplicates", "red", "unshown", "waiting"]) {
    assert.ok(sum(name) > SEEDS / 10, `${name}: ${sum(name)}`);
  }
  assert.ok(sum("green") > SEEDS * GATES * 3, `green: ${sum("green")}`);
  assert.equal(sum("green") + sum("unshown"), sum("accepted") + sum("quarantined") + sum("refused") + sum("waiting"));
});

test("the same seed is the same day to the last event; another seed is another", async () => {
  const [one, again, other] = [await simulate({ seed: 77 }), await simulate({ seed: 77 }), await simulate({ seed: 78 })];
  assert.deepEqual(again, one);
  assert.notEqual(other.hash, one.hash);
});

describe("the checks notice a gate or a server that is built wrong", () => {
  /** @param {Omit<import("../lib/sim.mjs").Options, "seed">} options */
  async function problemsOf(options) {
    /** @type {string[]} */ const all = [];
    for (let seed = 1; seed <= SEEDS_TO_NOTICE; seed += 1) all.push(...(await simulate({ seed, ...options })).problems);
    return all;
  }

  for (const [flaw, words] of /** @type {const} */ ([
    ["deletes_before_answer", /shown green and is lost/],
    ["busy_taken_for_done", /shown green and is lost/],
    ["green_before_stored", /shown red and is stored|shown green and is lost/],
    ["time_of_sending", /was scanned at \d+ and kept as of \d+/],
    ["number_outside_transaction", /numbers .* instead of 1 to/],
  ])) {
    test(flaw, async () => {
      const problems = await problemsOf({ flaw });
      assert.ok(problems.some((problem) => words.test(problem)), problems.slice(0, 3).join("\n") || "nothing was noticed");
    });
  }

  test("a server that keeps duplicates", async () => {
    const problems = await problemsOf({ server: (random) => new ModelServer(random, { dedup: false }) });
    assert.ok(problems.some((problem) => /is at the server \d+ times/.test(problem)), problems.slice(0, 3).join("\n") || "nothing was noticed");
  });

  test("a server that answers before it keeps", async () => {
    class Hasty extends ModelServer {
      rows() {
        return super.rows().filter((_, index) => index % 100 !== 7);
      }
    }
    const problems = await problemsOf({ server: (random) => new Hasty(random) });
    assert.ok(problems.some((problem) => /shown green and is lost/.test(problem)));
  });
});

test("another server can be plugged in: real sealing, opened at the server", async () => {
  const { pair, publicRaw } = await newKeyPair();
  const { seal } = await sealer(publicRaw);
  const info = new TextEncoder().encode("vaora ingest v1");
  let opened = 0;
  /** @param {() => number} random @returns {import("../lib/sim-server.mjs").Server} */
  const server = (random) => {
    const model = new ModelServer(random);
    return {
      enrol: (gate) => model.enrol(gate),
      seal: (item) => seal(new TextEncoder().encode(JSON.stringify({ code: item.id })), aadOf(item)),
      handle: async (device, body, at) => {
        for (const item of JSON.parse(body).items) {
          const plain = await open(pair, info, aadOf(item), new Uint8Array(Buffer.from(item.sealed, "base64url")));
          assert.deepEqual(JSON.parse(new TextDecoder().decode(plain)), { code: item.id });
          opened += 1;
        }
        return model.handle(device, body, at);
      },
      revoke: (device, how, at) => model.revoke(device, how, at),
      rows: () => model.rows(),
    };
  };
  const { problems, green } = await simulate({ seed: 5, gates: 12, server });
  assert.deepEqual(problems, []);
  assert.ok(green > 50 && opened >= green, `${green} green, ${opened} opened`);
});

describe("virtual time and chance", () => {
  test("events run in the order of their times, then of their making, and none before its promise is through", async () => {
    const time = new VirtualTime(1_000);
    const random = chance(3);
    /** @type {[number, number][]} */ const ran = [];
    for (let index = 0; index < 2_000; index += 1) {
      const ms = Math.floor(random() * 50);
      time.after(ms, async () => {
        for (let hop = 0; hop < 5; hop += 1) await Promise.resolve();
        ran.push([time.now, index]);
      });
    }
    assert.equal(await time.runUntil(2_000), 2_000);
    assert.equal(time.now, 2_000);
    const sorted = [...ran].sort(([at, index], [otherAt, otherIndex]) => at - otherAt || index - otherIndex);
    assert.deepEqual(ran, sorted);
  });

  test("chance is even, and differs by seed", () => {
    for (const seed of [0, 1, 2, 2 ** 31, 2 ** 40 + 1]) {
      const random = chance(seed);
      const tenths = Array(10).fill(0);
      for (let count = 0; count < 10_000; count += 1) tenths[Math.floor(random() * 10)] += 1;
      for (const tenth of tenths) assert.ok(tenth > 850 && tenth < 1_150, `seed ${seed}: ${tenths}`);
    }
    assert.equal(new Set(Array.from({ length: 1_000 }, (_, seed) => chance(seed)())).size, 1_000);
  });
});
