// One simulated gate: a device with a disk and a wrong clock, tabs that crash, and the real engine in each tab.
import { answerOf, bodyOf } from "../../crates/vaora/static/queue/net.js";
import { Sync } from "../../crates/vaora/static/queue/sync.js";
import { Disk, MemoryOutbox } from "./sim-outbox.mjs";

/** How long a gate waits for an answer, in milliseconds, as in queue/net.js. */
const ANSWER_MS_MAX = 8_000;
/** Longest that a write to the disk takes, in milliseconds. */
const WRITE_MS_MAX = 12;

/** How many scans are the last thing that a device does before it dies. */
const BATTERY_SHARE = 0.01;

/** Kinds of events in the trace. */
const EVENT = { scan: 1, green: 2, red: 3, send: 4, answer: 5, crash: 6, open: 7 };

/**
 * Ways in which a gate may be built wrong, to show that the checks notice.
 * @typedef {"deletes_before_answer" | "green_before_stored" | "busy_taken_for_done" | "time_of_sending" | "number_outside_transaction"} Flaw
 */

/** @typedef {import("./sim-outbox.mjs").Item} Item */

export class Gate {
  disk = new Disk();
  /** @type {Set<Tab>} */ tabs = new Set();
  /** @type {Tab | null} the tab that sends */ lock = null;
  /** What to add to the true time to have the device's, in milliseconds. */
  skewMs = 0;
  /** True time of the moment when the clock was set. */
  skewChangedAt = -Infinity;
  /** @type {"traced" | "untraced" | null} */ revoked = null;
  device = "";
  /** @type {Item[]} shown green @readonly */ green = [];
  /** @type {Map<string, Omit<Item, "seq">>} scans begun that were never shown either way */ unsure = new Map();
  /** @type {string[]} not stored, and said so */ red = [];

  /**
   * @param {number} number
   * @param {import("./sim.mjs").World} world
   */
  constructor(number, world) {
    this.number = number;
    this.world = world;
  }

  now() {
    return Math.floor(this.world.time.now + this.skewMs);
  }

  /** @param {number} event @param {number} [value] */
  trace(event, value = 0) {
    this.world.trace.add(event, this.number, this.world.time.now * 1_000, value);
  }

  /** @param {number} count of tabs */
  open(count) {
    this.trace(EVENT.open, count);
    for (let index = 0; index < count; index += 1) this.tabs.add(new Tab(this));
    this.kick("timer");
  }

  /** Everything in memory is gone, in the middle of whatever it was. */
  crash() {
    this.trace(EVENT.crash, this.tabs.size);
    for (const tab of this.tabs) tab.alive = false;
    this.tabs.clear();
    this.lock = null;
  }

  /** @param {import("../../crates/vaora/static/queue/sync.js").Cause} cause */
  kick(cause) {
    for (const tab of this.tabs) void tab.sync.kick(cause);
  }

  /** A person at the door, who is turned to another gate when this one is dark. */
  async scan() {
    const { random, server, time } = this.world;
    const tab = [...this.tabs][Math.floor(random() * this.tabs.size)];
    if (!tab) return;
    const { device } = this;
    const item = { id: uuidOf(this.now(), random), device, at: this.now() };
    this.trace(EVENT.scan, item.at);
    const sealed = await server.seal(item);
    // Not waited for: virtual time must go on for the disk to write.
    void tab.store({ ...item, sealed });
    // The battery dies while the scan is being written.
    if (random() < BATTERY_SHARE) time.after(random() * 3 * WRITE_MS_MAX, () => this.crash());
  }
}

/** One open page of a gate. */
class Tab {
  alive = true;
  /** True time of the answer that told the clock's offset. */
  offsetTakenAt = -Infinity;

  /** @param {Gate} gate */
  constructor(gate) {
    this.gate = gate;
    const { world } = gate;
    this.outbox = new MemoryOutbox(gate.disk, () => this.sleep(world.random() * WRITE_MS_MAX));
    if (world.flaw === "deletes_before_answer") {
      const { batch } = this.outbox;
      this.outbox.batch = async (...given) => {
        const taken = await batch.apply(this.outbox, given);
        for (const item of taken.items) gate.disk.outbox.delete(item.id);
        return taken;
      };
    }
    if (world.flaw === "number_outside_transaction") {
      const { add } = this.outbox;
      this.outbox.add = async (item) => {
        gate.disk.seq += 1;
        await this.sleep(world.random() * WRITE_MS_MAX);
        gate.disk.seq -= 1;
        return add.call(this.outbox, item);
      };
    }
    /** @type {number | null} */ let offsetMs = null;
    this.sync = new Sync({
      outbox: this.outbox,
      post: (batch) => this.post(batch),
      now: () => gate.now(),
      random: world.random,
      sleep: (ms) => this.sleep(ms),
      onChange: ({ clockOffsetMs }) => {
        if (clockOffsetMs !== offsetMs) this.offsetTakenAt = world.time.now;
        offsetMs = clockOffsetMs;
      },
      lock: (work) => this.lock(work),
    });
  }

  /** Never wakes a tab that has crashed. @param {number} ms @returns {Promise<void>} */
  sleep(ms) {
    return new Promise((resolve) => {
      this.gate.world.time.after(ms, () => { if (this.alive) resolve(); });
    });
  }

  /** @param {import("../../crates/vaora/static/queue/outbox.js").NewItem} item */
  async store(item) {
    const { gate } = this;
    gate.unsure.set(item.id, item);
    if (gate.world.flaw === "green_before_stored") gate.green.push({ ...item, seq: 0 });
    try {
      const seq = await this.outbox.add(item);
      gate.trace(EVENT.green, seq);
      if (gate.world.flaw !== "green_before_stored") gate.green.push({ ...item, seq });
    } catch {
      gate.trace(EVENT.red);
      gate.red.push(item.id);
    }
    gate.unsure.delete(item.id);
    void this.sync.kick("item");
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T | undefined>}
   */
  async lock(work) {
    const { gate } = this;
    if (gate.lock) return undefined;
    gate.lock = this;
    try {
      return await work();
    } finally {
      if (gate.lock === this) gate.lock = null;
    }
  }

  /** @param {import("../../crates/vaora/static/queue/net.js").Batch} batch @returns {Promise<import("../../crates/vaora/static/queue/net.js").Answer>} */
  post(batch) {
    const { gate } = this;
    const { world } = gate;
    const now = gate.now();
    gate.trace(EVENT.send, batch.items.length);
    const items = world.flaw === "time_of_sending" ? batch.items.map((item) => ({ ...item, at: now })) : batch.items;
    return new Promise((resolve) => {
      /** @param {import("./sim-server.mjs").Reply | null} reply */
      const finish = (reply) => {
        if (!this.alive) return;
        gate.trace(EVENT.answer, reply?.status ?? 0);
        if (!reply) resolve({ kind: "network" });
        else if (reply.status >= 500 && world.flaw === "busy_taken_for_done") resolve(done(items));
        else resolve(answerOf(reply.status, reply.retryAfter, reply.text));
      };
      // Written only for a request that gets somewhere: it is the dearest part.
      const isCertain = world.carry(gate, () => bodyOf({ ...batch, items }), finish);
      if (!isCertain) world.time.after(ANSWER_MS_MAX, () => { if (this.alive) resolve({ kind: "network" }); });
    });
  }
}

/** @param {Item[]} items @returns {import("../../crates/vaora/static/queue/net.js").Answer} */
function done(items) {
  return { kind: "taken", serverTime: null, results: items.map(({ id }) => ({ id, outcome: "accepted", reason: null, title: "", text: "" })) };
}

/** A UUID of version 7 (RFC 9562). @param {number} now @param {() => number} random */
function uuidOf(now, random) {
  const digits = (/** @type {number} */ count) => Math.floor(random() * 16 ** count).toString(16).padStart(count, "0");
  const time = now.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-${(8 + Math.floor(random() * 4)).toString(16)}${digits(3)}-${digits(12)}`;
}
