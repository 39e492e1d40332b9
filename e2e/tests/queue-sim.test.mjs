// A thousand bad days of 200 gates each: what was shown green is at the server once, or where the gate can see it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { E2E } from "../lib/env.mjs";
import { aadOf } from "../../crates/vaora/static/queue/seal.js";
import { chance, VirtualTime } from "../lib/sim-clock.mjs";
import { httpServer } from "../lib/sim-http.mjs";
import { newKeyPair, openRow } from "../lib/sim-open.mjs";
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

describe("a server over HTTP, with real sealing", () => {
  /**
   * The model behind HTTP, which opens each scan before it believes it.
   * @param {import("../lib/sim-open.mjs").Pair} pair
   * @param {boolean} forgetful keeps nothing of every tenth request
   */
  async function host(pair, forgetful) {
    const model = new ModelServer(chance(9), { moods: false });
    let requests = 0;
    const http = createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      const device = request.headers["x-device"];
      for (const item of JSON.parse(body).items) {
        const plain = await openRow(pair, aadOf(item), new Uint8Array(Buffer.from(item.sealed, "base64url")));
        assert.deepEqual(JSON.parse(new TextDecoder().decode(plain)), { code: item.id });
      }
      requests += 1;
      const isForgotten = forgetful && requests % 10 === 0;
      const results = JSON.parse(body).items.map((/** @type {{ id: string }} */ { id }) => ({ id, outcome: "accepted" }));
      const { status, text } = isForgotten ? { status: 200, text: JSON.stringify({ results }) } : model.handle(String(device), body, Date.now());
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    });
    await new Promise((resolve) => { http.listen(0, "127.0.0.1", () => resolve(undefined)); });
    const address = http.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return { url: `http://127.0.0.1:${port}`, requests: () => requests, stop: () => http.close() };
  }

  for (const forgetful of [false, true]) {
    test(forgetful ? "one that forgets is found out" : "one that keeps its word passes", async () => {
      const { pair, publicRaw } = await newKeyPair();
      const { url, requests, stop } = await host(pair, forgetful);
      const devices = Array.from({ length: 10 }, (_, gate) => ({ device: `d${gate}`, headers: { "x-device": `d${gate}` } }));
      const server = () => httpServer({ url, ingestKey: publicRaw, devices, contentOf: ({ id }) => ({ code: id }), now: Date.now });
      // Seed 8 is a day on which no gate is revoked, which this server knows nothing of.
      const { problems, green } = await simulate({ seed: 8, gates: devices.length, server });
      stop();
      assert.ok(green > 50 && requests() > 50, `${green} green, ${requests()} requests`);
      if (forgetful) assert.ok(problems.some((problem) => /shown green and is lost/.test(problem)));
      else assert.deepEqual(problems, []);
    });
  }
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
