// The simulation: 200 gates run the real engine through a bad day, and nothing shown green may be lost or doubled.
//
// `node e2e/lib/sim.mjs --seeds 1000` runs it by itself; the same seed is the same day to the last event.
import { pathToFileURL } from "node:url";
import { check } from "./sim-check.mjs";
import { chance, Trace, VirtualTime } from "./sim-clock.mjs";
import { Gate } from "./sim-gate.mjs";
import { ModelServer } from "./sim-server.mjs";

/** @typedef {import("./sim-server.mjs").Server} Server */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How long people come. */
const SHIFT_MS = 12 * HOUR_MS;
/** How long the gates have to empty themselves afterwards, on a good network. */
const DRAIN_MS = 4 * HOUR_MS;
/** 2021-08-05 06:00 in Đắk Lắk, the day of the letter. */
const BEGAN_AT = 1_628_118_000_000;
/** Mean number of people at a gate. */
const SCANS_MEAN = 4;
/** People at the one busy gate of a day: more than a batch holds. */
const SCANS_BUSY = 130;

/**
 * @typedef {object} Options
 * @property {number} seed
 * @property {number} [gates]
 * @property {number} [beganAt] virtual time of the beginning, in milliseconds since 1970
 * @property {(random: () => number) => Server | Promise<Server>} [server] the model unless another is plugged in
 * @property {import("./sim-gate.mjs").Flaw} [flaw] a mistake put in on purpose
 *
 * @typedef {import("./sim-check.mjs").Count & { seed: number, hash: string, events: number, requests: number, problems: string[] }} Report
 */

/** What the gates live in. */
export class World {
  trace = new Trace();
  requests = 0;
  /** Past the shift: nothing goes wrong any more. */
  peace = false;
  /** @type {Server} */ server;
  /** @type {Gate[]} */ gates = [];
  /** @type {Map<Gate, [number, number][]>} when a gate has no network */ #cuts = new Map();
  /** @type {[number, number][]} when the server is away */ #downs = [];

  /** @param {() => number} random @param {Server} server @param {number} beganAt @param {import("./sim-gate.mjs").Flaw} [flaw] */
  constructor(random, server, beganAt, flaw) {
    this.random = random;
    this.server = server;
    this.time = new VirtualTime(beganAt);
    this.beganAt = beganAt;
    this.flaw = flaw;
    this.weather = {
      requestLost: random() * 0.25, answerLost: random() * 0.25, doubled: random() * 0.2,
      delayMs: 20 + random() * 600, late: random() * 0.1,
    };
  }

  /** @param {number} share @returns {boolean} */
  #happens(share) {
    return this.random() < share;
  }

  /** A way through the network, now and then slower than a gate waits, so that requests overtake one another. */
  #delay() {
    const { delayMs, late } = this.weather;
    const usual = -Math.log(1 - this.random()) * delayMs;
    return !this.peace && this.#happens(late) ? usual + this.random() * 20 * SECOND_MS : Math.min(usual, 2 * SECOND_MS);
  }

  /** @param {Gate} gate */
  #isCut(gate) {
    return !this.peace && isWithin(this.time.now, this.#cuts.get(gate) ?? []);
  }

  /**
   * Carries a request to the server and its answer back, or not.
   * @param {Gate} gate
   * @param {() => string} body
   * @param {(reply: import("./sim-server.mjs").Reply | null) => void} finish called never, once or twice
   * @returns {boolean} whether it will be called for certain
   */
  carry(gate, body, finish) {
    if (this.#isCut(gate)) {
      // Some devices know at once that they have no network, others find out by waiting.
      const knows = this.#happens(0.5);
      if (knows) this.time.after(5, () => finish(null));
      return knows;
    }
    const { requestLost, doubled } = this.weather;
    if (!this.peace && this.#happens(requestLost)) return false;
    const times = !this.peace && this.#happens(doubled) ? 2 : 1;
    for (let time = 0; time < times; time += 1) this.time.after(this.#delay(), () => this.#deliver(gate, body, finish));
    return false;
  }

  /** @param {Gate} gate @param {() => string} body @param {(reply: import("./sim-server.mjs").Reply | null) => void} finish */
  async #deliver(gate, body, finish) {
    this.requests += 1;
    const reply = await this.#answer(gate, body);
    if (!this.peace && this.#happens(this.weather.answerLost)) return;
    this.time.after(this.#delay(), () => {
      if (!this.#isCut(gate)) finish(reply);
    });
  }

  /** @param {Gate} gate @param {() => string} body @returns {Promise<import("./sim-server.mjs").Reply | null>} */
  async #answer(gate, body) {
    if (this.peace || !isWithin(this.time.now, this.#downs)) return this.server.handle(gate.device, body(), this.time.now);
    if (this.#happens(0.5)) return null;
    return { status: 503, retryAfter: this.#happens(0.5) ? String(Math.floor(5 + this.random() * 60)) : null, text: "" };
  }

  /** Spans of the day, most of them far shorter than the longest. @param {number} count @param {number} longestMs @returns {[number, number][]} */
  #windows(count, longestMs) {
    return Array.from({ length: count }, () => {
      const from = this.beganAt + this.random() * SHIFT_MS;
      return [from, Math.min(from + this.random() ** 3 * longestMs, this.beganAt + SHIFT_MS)];
    });
  }

  /** Up to `most`, fewer more often. @param {number} most */
  #few(most) {
    return Math.floor(this.random() ** 2 * (most + 1));
  }

  /** Lays out the day's mishaps and people. @param {number} count of gates */
  async prepare(count) {
    this.#downs = this.#windows(this.#few(4), 30 * MINUTE_MS);
    const busy = Math.floor(this.random() * count);
    for (let number = 0; number < count; number += 1) {
      const gate = new Gate(number, this);
      gate.device = await this.server.enrol(number);
      this.gates.push(gate);
      this.#mishaps(gate);
      this.#people(gate, number === busy ? SCANS_BUSY : poisson(SCANS_MEAN, this.random));
    }
  }

  /** @param {number} at @param {() => unknown} run */
  #at(at, run) {
    this.time.after(at - this.time.now, run);
  }

  /** @param {Gate} gate */
  #mishaps(gate) {
    const tabs = this.#happens(0.2) ? 2 : 1;
    gate.skewMs = this.#happens(0.5) ? (this.random() * 2 - 1) * 3 * DAY_MS : (this.random() * 2 - 1) * MINUTE_MS;
    gate.open(tabs);
    const cuts = this.#windows(this.#few(2), 8 * HOUR_MS);
    this.#cuts.set(gate, cuts);
    // Not every browser tells that the network is back.
    for (const [, end] of cuts) if (this.#happens(0.8)) this.#at(end, () => gate.kick("online"));
    for (const [at, back] of this.#windows(this.#few(2), HOUR_MS)) {
      this.#at(at, () => gate.crash());
      this.#at(back, () => { if (gate.tabs.size === 0) gate.open(tabs); });
    }
    if (this.#happens(0.15)) {
      for (const [full, roomy] of this.#windows(1, 3 * HOUR_MS)) {
        this.#at(full, () => { gate.disk.full = true; });
        this.#at(roomy, () => { gate.disk.full = false; });
      }
    }
    if (this.#happens(0.1)) {
      this.#at(this.beganAt + this.random() * SHIFT_MS, () => {
        gate.skewMs = 0;
        gate.skewChangedAt = this.time.now;
      });
    }
    if (this.#happens(0.05)) {
      const how = this.#happens(0.5) ? "traced" : "untraced";
      this.#at(this.beganAt + this.random() * SHIFT_MS, () => {
        gate.revoked = how;
        return this.server.revoke(gate.device, how, this.time.now);
      });
    }
  }

  /** @param {Gate} gate @param {number} count */
  #people(gate, count) {
    const together = this.#happens(0.3) || count === SCANS_BUSY;
    const centre = this.beganAt + this.random() * SHIFT_MS * 0.9;
    for (let index = 0; index < count; index += 1) {
      const at = together ? centre + this.random() * 5 * MINUTE_MS : this.beganAt + this.random() * SHIFT_MS;
      this.#at(at, () => gate.scan());
    }
  }

  /** The day from morning to the last confirmed scan. @returns {Promise<number>} how many events */
  async live() {
    let events = await this.time.runUntil(this.beganAt + SHIFT_MS);
    this.peace = true;
    for (const gate of this.gates) {
      gate.disk.full = false;
      if (gate.tabs.size === 0) gate.open(1);
      gate.kick("online");
    }
    events += await this.time.runUntil(this.time.now + DRAIN_MS);
    return events;
  }
}

/** @param {number} now @param {[number, number][]} windows */
function isWithin(now, windows) {
  return windows.some(([from, until]) => now >= from && now < until);
}

/** Knuth's way, good for small means. @param {number} mean @param {() => number} random */
function poisson(mean, random) {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/**
 * One day of many gates.
 * @param {Options} options
 * @returns {Promise<Report>} `problems` is empty when nothing was lost, doubled or changed
 */
export async function simulate({ seed, gates = 200, beganAt = BEGAN_AT, server = (random) => new ModelServer(random, moods(random)), flaw }) {
  const random = chance(seed);
  const world = new World(random, await server(random), beganAt, flaw);
  await world.prepare(gates);
  const events = await world.live();
  const { count, problems } = await check(world);
  world.trace.add(...Object.values(count));
  return { seed, hash: world.trace.hash(), events, requests: world.requests, ...count, problems };
}

/** On some days the server takes only small batches. @param {() => number} random */
function moods(random) {
  return { sizeMax: random() < 0.2 ? 1 + Math.floor(random() * 30) : 100 };
}

/** @param {string} name @param {number} otherwise */
function argument(name, otherwise) {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? otherwise : Number(process.argv[index + 1]);
}

/** From the command line: many seeds, their sums as JSON, and an error when a check failed. */
async function main() {
  const [from, seeds, gates] = [argument("from", 1), argument("seeds", 1_000), argument("gates", 200)];
  /** @type {Record<string, number>} */ const sums = { days: 0 };
  const startedAt = process.hrtime.bigint();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { seed: _, hash: __, problems, ...figures } = await simulate({ seed, gates });
    for (const [name, value] of Object.entries({ days: 1, ...figures })) sums[name] = (sums[name] ?? 0) + value;
    if (problems.length === 0) continue;
    console.error(`seed ${seed}:\n  ${problems.slice(0, 20).join("\n  ")}`);
    process.exitCode = 1;
  }
  const seconds = Math.round(Number(process.hrtime.bigint() - startedAt) / 1e8) / 10;
  console.log(JSON.stringify({ from, seeds, gates, seconds, sums }));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
