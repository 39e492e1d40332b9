// The rules of sending, one by one, with a clock, chance and network of the test's own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerOf, bodyOf, lockOf } from "../../crates/vaora/static/queue/net.js";
import { BATCH_MAX, Sync } from "../../crates/vaora/static/queue/sync.js";
import { toBase64url } from "../../crates/vaora/static/queue/base64url.js";
import { VirtualTime } from "../lib/sim-clock.mjs";
import { Disk, MemoryOutbox } from "../lib/sim-outbox.mjs";

/** @typedef {import("../../crates/vaora/static/queue/net.js").Batch} Batch */
/** @typedef {import("../../crates/vaora/static/queue/net.js").Answer} Answer */

const BEGAN_AT = 1_630_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An engine with all around it under the test's hands. */
class Bench {
  time = new VirtualTime(BEGAN_AT);
  disk = new Disk();
  outbox = new MemoryOutbox(this.disk);
  /** @type {{ at: number, batch: Batch }[]} */ sent = [];
  /** @type {import("../../crates/vaora/static/queue/sync.js").State[]} */ states = [];
  /** @type {(batch: Batch) => Answer | Promise<Answer>} */ reply = (batch) => taken(batch);
  random = 0.5;
  locked = false;

  sync = this.tab();

  tab() {
    return new Sync({
      outbox: this.outbox,
      post: async (batch) => {
        this.sent.push({ at: this.time.now, batch });
        return this.reply(batch);
      },
      now: () => this.time.now,
      random: () => this.random,
      sleep: (ms) => this.time.sleep(ms),
      onChange: (state) => this.states.push(state),
      lock: async (work) => {
        if (this.locked) return undefined;
        this.locked = true;
        try {
          return await work();
        } finally {
          this.locked = false;
        }
      },
    });
  }

  /** @param {string} id @param {number} [ageMs] */
  add(id, ageMs = 0) {
    return this.outbox.add({ id, device: "7", at: this.time.now - ageMs, sealed: new Uint8Array([1, 2, 3]) });
  }

  /** @param {number} count @param {number} ageMs of the first; each is a millisecond younger */
  async backlog(count, ageMs) {
    for (let index = 0; index < count; index += 1) await this.add(`old-${index}`, ageMs - index);
  }

  /** @param {number} ms */
  pass(ms) {
    return this.time.runUntil(this.time.now + ms);
  }

  /** Ids of each batch sent. */
  get batches() {
    return this.sent.map(({ batch }) => batch.items.map((item) => item.id));
  }

  /** Pauses between one batch and the next, in milliseconds. */
  get gaps() {
    return this.sent.slice(1).map(({ at }, index) => at - (this.sent[index]?.at ?? 0));
  }
}

/** @param {Batch} batch @param {(id: string) => Partial<import("../../crates/vaora/static/queue/outbox.js").Result>} [word] @returns {Answer} */
function taken(batch, word = () => ({})) {
  const results = batch.items.map(({ id }) => ({ id, outcome: /** @type {const} */ ("accepted"), reason: null, title: "", text: "", ...word(id) }));
  return { kind: "taken", serverTime: batch.sentAt, results };
}

describe("outcomes", () => {
  test("accepted, duplicate and quarantined leave; refused moves where the keeper sees it", async () => {
    const bench = new Bench();
    const words = { ok: "accepted", dup: "duplicate", odd: "quarantined", bad: "refused" };
    for (const id of Object.keys(words)) await bench.add(id);
    bench.reply = (batch) => taken(batch, (id) => ({ outcome: /** @type {any} */ (words)[id], reason: "why", title: "Bị từ chối", text: "Vì sao" }));
    await bench.pass(0);
    bench.sync.kick();
    await bench.pass(1_000);
    assert.equal(await bench.outbox.count(), 0);
    const [refused, ...more] = await bench.outbox.refused();
    assert.equal(more.length, 0);
    assert.deepEqual(
      { id: refused?.id, title: refused?.title, text: refused?.text, reason: refused?.reason, refused_at: refused?.refused_at, seq: refused?.seq },
      { id: "bad", title: "Bị từ chối", text: "Vì sao", reason: "why", refused_at: BEGAN_AT, seq: 4 },
    );
    assert.equal(bench.sync.state.phase, "idle");
    assert.equal(bench.sync.state.left, 0);
    assert.equal(bench.sync.state.lastOkAt, BEGAN_AT);
  });

  test("an item that the answer lacks stays and is sent again", async () => {
    const bench = new Bench();
    for (const id of ["a", "b", "c"]) await bench.add(id);
    let first = true;
    bench.reply = (batch) => {
      const answer = taken(batch);
      if (first && answer.kind === "taken") answer.results = answer.results.filter(({ id }) => id !== "b");
      first = false;
      return answer;
    };
    bench.sync.kick();
    await bench.pass(1_000);
    assert.deepEqual(bench.batches, [["a", "b", "c"], ["b"]]);
  });

  test("an answer about none of the items is a failure, not a loop", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = () => ({ kind: "taken", serverTime: null, results: [{ id: "other", outcome: "accepted", reason: null, title: "", text: "" }] });
    bench.sync.kick();
    await bench.pass(10 * MINUTE_MS);
    assert.ok(bench.sent.length > 3 && bench.sent.length < 30, `${bench.sent.length} batches in ten minutes`);
    assert.equal(await bench.outbox.count(), 1);
    assert.equal(bench.sync.state.clockOffsetMs, null);
  });

  test("answers about items of nobody, or twice about one, do no harm", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = (batch) => {
      const answer = taken(batch);
      if (answer.kind === "taken") answer.results.push(...answer.results, { id: "ghost", outcome: "refused", reason: null, title: "", text: "" });
      return answer;
    };
    bench.sync.kick();
    await bench.pass(1_000);
    assert.equal(await bench.outbox.count(), 0);
    assert.deepEqual(await bench.outbox.refused(), []);
  });

  test("401 keeps everything, stops and says so", async () => {
    const bench = new Bench();
    for (const id of ["a", "b"]) await bench.add(id);
    bench.reply = () => ({ kind: "revoked" });
    await bench.sync.kick();
    await bench.add("c");
    await bench.sync.kick();
    await bench.sync.kick("online");
    await bench.pass(HOUR_MS);
    assert.equal(bench.sent.length, 1);
    assert.equal(await bench.outbox.count(), 3);
    assert.equal(bench.sync.state.phase, "revoked");
    assert.equal(bench.sync.state.left, 3, "the page still sees what waits");
  });

  test("413 halves the batch until it passes; the smaller size stands until the outbox is empty", async () => {
    const bench = new Bench();
    await bench.backlog(60, HOUR_MS);
    bench.reply = (batch) => (batch.items.length > 20 ? { kind: "too_large", title: "", text: "" } : taken(batch));
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(bench.batches.map((ids) => ids.length), [60, 30, 15, 15, 15, 15]);
    await bench.backlog(30, HOUR_MS);
    bench.reply = (batch) => taken(batch);
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(bench.batches.at(-1)?.length, 30);
    assert.deepEqual(await bench.outbox.refused(), []);
  });

  test("422 sends one by one, and only the one that can't be read is refused", async () => {
    const bench = new Bench();
    await bench.backlog(150, HOUR_MS);
    bench.reply = (batch) => (batch.items.some(({ id }) => id === "old-4") ? { kind: "malformed", title: "Sai dạng", text: "Không đọc được" } : taken(batch));
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(bench.batches.map((ids) => ids.length), [BATCH_MAX, ...Array(BATCH_MAX).fill(1), 50], "the rest goes together again");
    assert.deepEqual((await bench.outbox.refused()).map(({ id, title, reason }) => ({ id, title, reason })), [{ id: "old-4", title: "Sai dạng", reason: "malformed" }]);
  });

  test("a single item too large for the server does not stand before the others", async () => {
    const bench = new Bench();
    await bench.backlog(4, HOUR_MS);
    bench.reply = (batch) => (batch.items.some(({ id }) => id === "old-0") ? { kind: "too_large", title: "", text: "" } : taken(batch));
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(await bench.outbox.count(), 0);
    assert.deepEqual((await bench.outbox.refused()).map(({ id, reason }) => [id, reason]), [["old-0", "too_large"]]);
  });
});

describe("back-off", () => {
  test("full jitter: bounds double from one second to 120, and success begins anew", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.random = 0.999;
    bench.reply = () => ({ kind: "network" });
    bench.sync.kick();
    await bench.pass(10 * MINUTE_MS);
    const bounds = [1, 2, 4, 8, 16, 32, 64, 120, 120, 120].map((seconds) => seconds * 999);
    for (const [index, bound] of bounds.entries()) assert.ok(Math.abs((bench.gaps[index] ?? 0) - bound) < 1, `pause ${index}: ${bench.gaps[index]}`);
    assert.equal(bench.sync.state.phase, "waiting");
    assert.ok(bench.sync.state.failures >= 10);
    assert.ok((bench.sync.state.nextTryAt ?? 0) > bench.time.now);
    bench.reply = (batch) => taken(batch);
    await bench.pass(3 * MINUTE_MS);
    assert.equal(bench.sync.state.failures, 0);
    assert.equal(bench.sync.state.nextTryAt, null);
    bench.sent = [];
    bench.reply = () => ({ kind: "network" });
    await bench.add("b");
    bench.sync.kick();
    await bench.pass(1_500);
    assert.ok(Math.abs((bench.gaps[0] ?? 0) - 999) < 1);
  });

  test("no jitter is no pause: the bound is only a bound", async () => {
    const bench = new Bench();
    await bench.add("a");
    let failures = 5;
    bench.random = 0;
    bench.reply = (batch) => (failures-- > 0 ? { kind: "network" } : taken(batch));
    bench.sync.kick();
    await bench.pass(1);
    assert.equal(bench.sent.length, 6);
  });

  test("Retry-After is a lower bound, with jitter after it, that even a returning network does not shorten", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = () => ({ kind: "busy", retryAfterMs: 30_000 });
    bench.sync.kick();
    await bench.pass(10_000);
    bench.sync.kick("online");
    bench.sync.kick("asked");
    bench.sync.kick("item");
    await bench.pass(19_999);
    assert.equal(bench.sent.length, 1);
    await bench.pass(6_000);
    assert.equal(bench.sent.length, 2);
    assert.ok((bench.gaps[0] ?? 0) >= 30_000);
    assert.equal(bench.gaps[0], 30_500);
  });

  test("a Retry-After holds for one delay, not for the failures after it", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = () => (bench.sent.length === 1 ? { kind: "busy", retryAfterMs: 30_000 } : { kind: "network" });
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(bench.gaps.slice(0, 3), [30_500, 1_000, 2_000]);
  });

  test("a Retry-After of days is believed for an hour", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = () => ({ kind: "busy", retryAfterMs: 10 * 24 * HOUR_MS });
    bench.sync.kick();
    await bench.pass(HOUR_MS + 2_000);
    assert.equal(bench.sent.length, 2);
  });

  test("new scans do not shorten a back-off and the page sees them; the keeper's button does", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.random = 0.999;
    bench.reply = () => ({ kind: "network" });
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    const before = bench.sent.length;
    assert.equal(before, 6, "after 1, 2, 4, 8 and 16 seconds, and now waiting for 32");
    for (let index = 0; index < 5; index += 1) {
      await bench.add(`b${index}`);
      bench.sync.kick("item");
      await bench.pass(100);
    }
    assert.equal(bench.sent.length, before);
    assert.equal(bench.sync.state.left, 6);
    bench.sync.kick("asked");
    await bench.pass(1);
    assert.equal(bench.sent.length, before + 1);
  });

  test("storage that fails is waited for, and nothing is lost", async () => {
    const bench = new Bench();
    await bench.add("a");
    let failures = 3;
    const { settle, batch } = MemoryOutbox.prototype;
    bench.outbox.settle = async (...given) => {
      if (failures-- > 0) throw new Error("disk");
      return settle.apply(bench.outbox, given);
    };
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(bench.sent.length, 4, "sent again as a duplicate");
    assert.equal(await bench.outbox.count(), 0);
    await bench.add("b");
    failures = 4;
    bench.outbox.batch = async (...given) => {
      if (failures-- > 0) throw new Error("disk");
      return batch.apply(bench.outbox, given);
    };
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(await bench.outbox.count(), 0);
  });

  test("a network that throws is a network that fails", async () => {
    const bench = new Bench();
    await bench.add("a");
    let first = true;
    bench.reply = (batch) => {
      if (!first) return taken(batch);
      first = false;
      throw new Error("from below");
    };
    bench.sync.kick();
    await bench.pass(2_000);
    assert.equal(await bench.outbox.count(), 0);
  });
});

describe("order", () => {
  test("live scans go first, with few of the oldest; batches hold at most 100", async () => {
    const bench = new Bench();
    await bench.backlog(250, HOUR_MS);
    await bench.add("live-1", MINUTE_MS - 1);
    await bench.add("live-2", 0);
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(bench.batches.map((ids) => ids.length), [12, BATCH_MAX, BATCH_MAX, 40]);
    assert.deepEqual(bench.batches[0]?.slice(0, 4), ["live-1", "live-2", "old-0", "old-1"]);
    assert.deepEqual(bench.batches[1]?.slice(0, 2), ["old-10", "old-11"]);
    const first = bench.sent[0]?.batch;
    assert.equal(first?.left, 240);
    assert.equal(first?.oldestAt, BEGAN_AT - HOUR_MS + 10);
    assert.equal(bench.sent[3]?.batch.oldestAt, null);
  });

  test("a live scan in the middle of a backlog goes with the next batch", async () => {
    const bench = new Bench();
    await bench.backlog(1_000, 8 * HOUR_MS);
    bench.sync.kick();
    await bench.pass(500);
    const before = bench.sent.length;
    assert.ok(before < 10);
    await bench.add("live");
    bench.sync.kick("item");
    await bench.pass(MINUTE_MS);
    assert.equal(bench.batches[before]?.[0], "live");
  });

  test("a scan from a clock that has been set back since is not live for ever", async () => {
    const bench = new Bench();
    await bench.backlog(BATCH_MAX, HOUR_MS);
    await bench.add("from the future", -3 * 24 * HOUR_MS);
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(bench.batches.map((ids) => ids.length), [BATCH_MAX, 1]);
    assert.deepEqual(bench.batches[1], ["from the future"]);
  });

  test("between batches of a backlog stands a pause of up to 400 ms by chance", async () => {
    for (const random of [0, 0.25, 0.999]) {
      const bench = new Bench();
      bench.random = random;
      await bench.backlog(300, HOUR_MS);
      bench.sync.kick();
      await bench.pass(MINUTE_MS);
      assert.equal(bench.gaps.length, 2);
      for (const gap of bench.gaps) assert.ok(Math.abs(gap - random * 400) < 0.001, String(gap));
    }
  });

  test("after the network is back a backlog waits its turn, the longer the more there is", async () => {
    for (const [count, wait] of /** @type {const} */ ([[25, 1_250], [50, 2_500], [500, 2_500]])) {
      const bench = new Bench();
      await bench.backlog(count, HOUR_MS);
      bench.sync.kick("online");
      await bench.pass(10 * MINUTE_MS);
      assert.equal((bench.sent[0]?.at ?? 0) - BEGAN_AT, wait);
    }
  });

  test("a person at the door does not wait for that turn", async () => {
    const bench = new Bench();
    await bench.backlog(500, HOUR_MS);
    await bench.add("live");
    bench.sync.kick("online");
    await bench.pass(0);
    assert.equal(bench.sent.length, 1);
    const other = new Bench();
    await other.backlog(500, HOUR_MS);
    other.sync.kick("online");
    await other.pass(1_000);
    assert.equal(other.sent.length, 0);
    await other.add("live");
    other.sync.kick("item");
    await other.pass(0);
    assert.equal(other.batches[0]?.[0], "live");
  });

  test("a returning network cuts a back-off", async () => {
    const bench = new Bench();
    bench.random = 0.999;
    await bench.add("a", HOUR_MS);
    bench.reply = () => ({ kind: "network" });
    bench.sync.kick();
    await bench.pass(5 * MINUTE_MS);
    bench.reply = (batch) => taken(batch);
    bench.sync.kick("online");
    await bench.pass(101);
    assert.equal(await bench.outbox.count(), 0);
  });
});

describe("runs", () => {
  test("any number of kicks is one run", async () => {
    const bench = new Bench();
    await bench.backlog(10, HOUR_MS);
    for (const cause of /** @type {const} */ (["item", "visible", "timer", "asked", "item"])) bench.sync.kick(cause);
    await bench.pass(MINUTE_MS);
    assert.equal(bench.sent.length, 1);
  });

  test("a scan stored at any moment of a run is sent, without a further kick", async () => {
    // The k-th call of the outbox is the moment; more moments than a run has calls.
    for (let moment = 0; moment < 12; moment += 1) {
      const bench = new Bench();
      await bench.add("first");
      let calls = 0;
      for (const name of /** @type {const} */ (["count", "oldestAt", "batch", "settle"])) {
        const real = /** @type {any} */ (MemoryOutbox.prototype[name]);
        /** @type {any} */ (bench.outbox)[name] = async (/** @type {any[]} */ ...given) => {
          const result = await real.apply(bench.outbox, given);
          if (calls++ === moment) {
            await bench.add("second");
            bench.sync.kick("item");
          }
          return result;
        };
      }
      bench.sync.kick();
      await bench.pass(MINUTE_MS);
      const second = bench.disk.seq === 2;
      assert.equal(await bench.outbox.count(), 0, `moment ${moment}`);
      assert.equal(bench.batches.flat().includes("second"), second);
      if (moment < 5) assert.ok(second, `the run had a moment ${moment}`);
    }
  });

  test("a kick from within the page's last notice is not lost", async () => {
    const bench = new Bench();
    await bench.add("first");
    let once = true;
    const push = bench.states.push.bind(bench.states);
    bench.states.push = (...given) => {
      if (given[0]?.phase === "idle" && given[0].left === 0 && once) {
        once = false;
        // Stored in the same breath.
        bench.disk.seq += 1;
        bench.disk.outbox.set("second", { id: "second", device: "7", at: bench.time.now, seq: bench.disk.seq, sealed: new Uint8Array(1) });
        bench.sync.kick("item");
      }
      return push(...given);
    };
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(once, false);
    assert.equal(await bench.outbox.count(), 0);
  });

  test("two tabs: one sends, the other looks again and takes over when the first dies", async () => {
    const bench = new Bench();
    const other = bench.tab();
    await bench.backlog(300, HOUR_MS);
    bench.sync.kick();
    other.kick();
    await bench.pass(MINUTE_MS);
    assert.equal(bench.batches.flat().length, 300, "nothing is sent twice");
    assert.equal(other.state.phase, "idle");
    // A tab that dies while it sends: its lock goes with it.
    await bench.add("a");
    bench.reply = () => new Promise(() => {});
    bench.sync.kick();
    await bench.pass(10);
    bench.reply = (batch) => taken(batch);
    other.kick();
    await bench.pass(10 * MINUTE_MS);
    assert.equal(await bench.outbox.count(), 1, "the lock is held");
    bench.locked = false;
    await bench.pass(5_000);
    assert.equal(await bench.outbox.count(), 0);
  });

  test("states tell the page what it shows", async () => {
    const bench = new Bench();
    await bench.backlog(150, HOUR_MS);
    bench.sync.kick();
    await bench.pass(MINUTE_MS);
    assert.deepEqual(new Set(bench.states.map(({ phase }) => phase)), new Set(["sending", "idle"]));
    assert.equal(bench.states.at(-1)?.phase, "idle");
    assert.deepEqual([...new Set(bench.states.map(({ left }) => left))], [150, 50, 0]);
    assert.deepEqual([...new Set(bench.states.map(({ oldestAt }) => oldestAt))], [BEGAN_AT - HOUR_MS, BEGAN_AT - HOUR_MS + 100, null]);
  });

  test("the clock's offset is taken from the middle of the way there and back", async () => {
    const bench = new Bench();
    await bench.add("a");
    bench.reply = async (batch) => {
      await bench.time.sleep(600);
      return { ...taken(batch), serverTime: bench.time.now - 300 + 5_000 };
    };
    bench.sync.kick();
    await bench.pass(1_000);
    assert.equal(bench.sync.state.clockOffsetMs, 5_000);
  });
});

describe("HTTP", () => {
  const result = { id: "a", outcome: "accepted", reason: null, title: "t", text: "x" };

  test("answers become cases", () => {
    const ok = JSON.stringify({ server_time: 5, results: [result] });
    assert.deepEqual(answerOf(200, null, ok), { kind: "taken", serverTime: 5, results: [result] });
    assert.deepEqual(answerOf(401, null, "{}"), { kind: "revoked" });
    assert.deepEqual(answerOf(413, null, "<html>"), { kind: "too_large", title: "", text: "" });
    assert.deepEqual(answerOf(422, null, '{"title":"Sai","detail":"Vì"}'), { kind: "malformed", title: "Sai", text: "Vì" });
    assert.deepEqual(answerOf(429, "7", ""), { kind: "busy", retryAfterMs: 7_000 });
    assert.deepEqual(answerOf(503, null, ""), { kind: "busy", retryAfterMs: null });
    for (const header of ["Wed, 21 Oct 2015 07:28:00 GMT", "-1", "1e9", ""]) assert.deepEqual(answerOf(503, header, ""), { kind: "busy", retryAfterMs: null });
    for (const status of [400, 403, 404, 500, 502]) assert.equal(answerOf(status, null, "").kind, "busy", String(status));
  });

  test("what is not our server's word costs no scan", () => {
    for (const body of ["<html>Đăng nhập wifi</html>", "", "null", "[]", '{"results":{}}', "7"]) assert.equal(answerOf(200, null, body).kind, "network", body);
    assert.equal(answerOf(422, null, "<html>").kind, "busy", "a proxy can't refuse a scan");
    assert.equal(answerOf(204, null, "").kind, "network");
    const odd = { results: [null, 7, {}, { id: 3, outcome: "accepted" }, { id: "a" }, { id: "a", outcome: "lost" }, { id: "b", outcome: "duplicate" }] };
    assert.deepEqual(answerOf(200, null, JSON.stringify(odd)), {
      kind: "taken", serverTime: null, results: [{ id: "b", outcome: "duplicate", reason: null, title: "", text: "" }],
    });
  });

  test("the request is that of the protocol", () => {
    const item = { id: "a", device: "7", at: 1, seq: 2, sealed: new Uint8Array([251, 255, 191, 0]) };
    assert.deepEqual(JSON.parse(bodyOf({ sentAt: 3, left: 4, oldestAt: null, items: [item] })), {
      sent_at: 3, left: 4, oldest_at: null, items: [{ id: "a", device: "7", at: 1, seq: 2, sealed: "-_-_AA" }],
    });
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length * 11) & 255);
      assert.equal(toBase64url(bytes), Buffer.from(bytes).toString("base64url"));
    }
  });

  test("without locks of the browser the work is done all the same", async () => {
    assert.equal(await lockOf(undefined)(async () => 7), 7);
    const taken = /** @type {any} */ ({ request: async (/** @type {string} */ _name, /** @type {any} */ options, /** @type {(lock: any) => any} */ work) => work(options.ifAvailable ? null : {}) });
    assert.equal(await lockOf(taken)(async () => 7), undefined);
  });
});

test("the export holds what waits, still sealed", async () => {
  const bench = new Bench();
  await bench.add("a");
  await bench.add("b");
  assert.deepEqual(JSON.parse(await bench.outbox.exportText(9)), {
    vaora_queue: 1, exported_at: 9, items: [
      { id: "a", device: "7", at: BEGAN_AT, seq: 1, sealed: "AQID" }, { id: "b", device: "7", at: BEGAN_AT, seq: 2, sealed: "AQID" },
    ],
  });
});
