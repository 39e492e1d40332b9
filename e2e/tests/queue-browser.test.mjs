// The outbox on a real browser's disk: two tabs, a killed browser, a full device, locks.
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { launch } from "../lib/browser.mjs";
import { chromiumBinary, ROOT } from "../lib/env.mjs";
import { newKeyPair, openRow } from "../lib/sim-open.mjs";
import { ModelServer } from "../lib/sim-server.mjs";

const STATIC = join(ROOT, "crates/vaora/static");
const TYPES = /** @type {Record<string, string>} */ ({ ".js": "text/javascript; charset=utf-8" });
/** How often the browser is killed. */
const KILLS = 10;
/** Bytes of one scan in the test of a full device: by chance, since the browser packs what repeats; at most 65,536 at once. */
const BIG_LEN = 60_000;
const MEBIBYTE = 1_048_576;

/** Files of the product, an empty page, and the queue's endpoint. */
class Site {
  url = "";
  model = new ModelServer(() => 0.5, { moods: false });
  /** @type {string[]} bodies of the requests */ posts = [];
  #server = createServer((request, response) => void this.#answer(request, response));

  async start() {
    await new Promise((resolve) => { this.#server.listen(0, "127.0.0.1", () => resolve(undefined)); });
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("no address");
    this.url = `http://127.0.0.1:${address.port}`;
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => { this.#server.close(resolve); });
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const path = normalize(new URL(request.url ?? "/", this.url).pathname);
    if (path === "/api/v1/queue") {
      let body = "";
      for await (const part of request) body += part;
      this.posts.push(body);
      const { status, text } = this.model.handle("gate-1", body, Date.now());
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    } else if (path === "/") {
      // As strict as the product: nothing inline, nothing from elsewhere.
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": "default-src 'self'" }).end("<!doctype html><title>gate</title>");
    } else {
      const type = TYPES[extname(path)];
      const file = type && (await readFile(join(STATIC, path)).catch(() => undefined));
      if (file) response.writeHead(200, { "content-type": type }).end(file);
      else response.writeHead(404).end();
    }
  }
}

/**
 * A page with the outbox open as `window.box`, and helpers for scans.
 * @param {import("playwright-core").BrowserContext} context
 * @param {string} url
 */
async function gate(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await open_(page);
  return page;
}

/** @param {import("playwright-core").Page} page */
function open_(page) {
  return page.evaluate(async () => {
    const at = /** @type {any} */ (window);
    const module = await import(/** @type {any} */ ("/queue/outbox.js"));
    at.box = await module.Outbox.open();
    at.scan = (/** @type {string} */ id, length = 100, age = 0) => {
      const sealed = crypto.getRandomValues(new Uint8Array(length));
      // As an uncompressed point begins; the model of the server accepts it.
      sealed[0] = 4;
      return { id, device: "gate-1", at: Date.now() - age, sealed };
    };
    at.ids = async () => JSON.parse(await at.box.exportText(1)).items.map((/** @type {any} */ item) => item.id);
  });
}

describe("the outbox in a browser", () => {
  const site = new Site();
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {import("playwright-core").BrowserContext} */ let context;

  before(async () => {
    await site.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await site.stop();
  });
  afterEach(() => context?.close());

  /** A device of its own for each test. */
  async function device() {
    context = await browser.newContext();
    return gate(context, site.url);
  }

  test("two tabs that store 200 scans each at once get 400 numbers without a gap, and a reload keeps all", async () => {
    const one = await device();
    const other = await gate(context, site.url);
    const store = (/** @type {import("playwright-core").Page} */ page, /** @type {string} */ tab) => page.evaluate((name) => {
      const { box, scan } = /** @type {any} */ (window);
      return Promise.all(Array.from({ length: 200 }, (_, index) => box.add(scan(`${name}-${index}`))));
    }, tab);
    const seqs = (await Promise.all([store(one, "one"), store(other, "other")])).flat().sort((a, b) => a - b);
    assert.deepEqual(seqs, Array.from({ length: 400 }, (_, index) => index + 1));
    await one.reload();
    await open_(one);
    const kept = await one.evaluate(async () => ({ count: await /** @type {any} */ (window).box.count(), ids: await /** @type {any} */ (window).ids() }));
    assert.equal(kept.count, 400);
    assert.equal(new Set(kept.ids).size, 400);
    assert.equal(await one.evaluate(() => /** @type {any} */ (window).box.add(/** @type {any} */ (window).scan("next"))), 401);
  });

  test("the same scan stored twice is one, under one number", async () => {
    const page = await device();
    const seqs = await page.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      return [await box.add(scan("a")), await box.add(scan("a")), await box.add(scan("b")), await box.count()];
    });
    assert.deepEqual(seqs, [1, 1, 2, 2]);
  });

  test("a scan counts as stored only when its transaction is complete, strictly", async () => {
    const page = await device();
    const seen = await page.evaluate(async () => {
      const { box, scan, ids } = /** @type {any} */ (window);
      const real = IDBDatabase.prototype.transaction;
      /** @type {unknown[]} */ const asked = [];
      let isCut = false;
      IDBDatabase.prototype.transaction = function (/** @type {any} */ stores, /** @type {IDBTransactionMode | undefined} */ mode, /** @type {IDBTransactionOptions | undefined} */ options) {
        const transaction = real.call(this, stores, mode, options);
        if (mode !== "readwrite") return transaction;
        asked.push(options?.durability);
        if (!isCut) return transaction;
        // The disk fails after every request has succeeded, before the transaction is complete.
        const outbox = transaction.objectStore("outbox");
        const store = outbox.add.bind(outbox);
        outbox.add = (value) => {
          const request = store(value);
          request.addEventListener("success", () => queueMicrotask(() => transaction.abort()));
          return request;
        };
        return transaction;
      };
      const first = await box.add(scan("a"));
      isCut = true;
      const cut = await box.add(scan("b")).then(() => "stored", (/** @type {Error} */ error) => error.name);
      isCut = false;
      const next = await box.add(scan("c"));
      IDBDatabase.prototype.transaction = real;
      return { asked, first, cut, next, ids: await ids() };
    });
    assert.deepEqual(seen, { asked: ["strict", "strict", "strict"], first: 1, cut: "StorageFailed", next: 2, ids: ["a", "c"] });
  });

  test("batches hold live scans first, then the oldest; what stays behind is told", async () => {
    const page = await device();
    const taken = await page.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      const ages = { o1: 3_600_000, o2: 3_000_000, o3: 120_000, ahead: -86_400_000, l1: 5_000, l2: 0 };
      for (const [id, age] of Object.entries(ages)) await box.add(scan(id, 10, age));
      const now = Date.now();
      const short = (/** @type {any} */ { items, live, left, oldestAt }) => ({ ids: items.map((/** @type {any} */ item) => item.id), live, left, age: oldestAt === null ? null : Math.round((now - oldestAt) / 1_000) });
      const oldest = Math.round((now - await box.oldestAt()) / 1_000);
      return { all: short(await box.batch(100, now)), three: short(await box.batch(3, now)), one: short(await box.batch(1, now)), oldest };
    });
    assert.deepEqual(taken, {
      all: { ids: ["l1", "l2", "o1", "o2", "o3", "ahead"], live: 2, left: 0, age: null },
      three: { ids: ["l1", "l2", "o1"], live: 2, left: 3, age: 3_000 },
      one: { ids: ["l2"], live: 1, left: 5, age: 3_600 },
      oldest: 3_600,
    });
  });

  test("few held scans go beside live ones, so that these do not wait in the lane of what was held", async () => {
    const page = await device();
    const taken = await page.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      for (let n = 0; n < 30; n += 1) await box.add(scan(`old${n}`, 10, 3_600_000 - n));
      const held = await box.batch(100, Date.now());
      await box.add(scan("now", 10, 0));
      const both = await box.batch(100, Date.now());
      return { held: held.items.length, both: both.items.length, live: both.live, left: both.left, next: both.oldestAt !== null };
    });
    assert.deepEqual(taken, { held: 30, both: 11, live: 1, left: 20, next: true });
  });

  test("what one tab settles, the other sees: gone, or on the list of refused until it is dismissed", async () => {
    const one = await device();
    const other = await gate(context, site.url);
    await one.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      for (const id of ["a", "b", "c", "d"]) await box.add(scan(id));
      const result = (/** @type {string} */ id, /** @type {string} */ outcome) => ({ id, outcome, reason: "why", title: "Bị từ chối", text: "Vì sao" });
      await box.settle([result("a", "accepted"), result("b", "refused"), result("c", "quarantined"), result("ghost", "refused"), result("ghost", "accepted")], 77);
    });
    const seen = await other.evaluate(async () => {
      const { box, ids } = /** @type {any} */ (window);
      const refused = (await box.refused()).map((/** @type {any} */ { id, title, text, reason, refused_at, seq, sealed }) => ({ id, title, text, reason, refused_at, seq, length: sealed.length }));
      await box.dismiss("b");
      return { ids: await ids(), refused, after: (await box.refused()).length };
    });
    assert.deepEqual(seen, {
      ids: ["d"], after: 0,
      refused: [{ id: "b", title: "Bị từ chối", text: "Vì sao", reason: "why", refused_at: 77, seq: 2, length: 100 }],
    });
  });

  test("the page's own state stands beside it, but not over its number", async () => {
    const page = await device();
    const seen = await page.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      await box.putMeta("place", { name: "Chợ Buôn Ma Thuột" });
      const error = await box.putMeta("seq", 7).catch((/** @type {Error} */ thrown) => thrown.name);
      return [await box.getMeta("place"), await box.getMeta("nothing"), error, await box.add(scan("a"))];
    });
    assert.deepEqual(seen, [{ name: "Chợ Buôn Ma Thuột" }, undefined, "RangeError", 1]);
  });

  test("an update of the app in another tab closes the outbox, says so, and loses nothing", async () => {
    const page = await device();
    const other = await gate(context, site.url);
    await page.evaluate(async () => {
      const at = /** @type {any} */ (window);
      at.why = [];
      at.box.onClosed = (/** @type {string} */ why) => at.why.push(why);
      await at.box.add(at.scan("a"));
    });
    const version = await other.evaluate(() => new Promise((resolve, reject) => {
      /** @type {any} */ (window).box.close();
      const request = indexedDB.open("vaora-gate", 2);
      request.onsuccess = () => {
        resolve(request.result.version);
        request.result.close();
      };
      request.onerror = () => reject(request.error);
    }));
    assert.equal(version, 2);
    const seen = await page.evaluate(async () => {
      const { why, box, scan } = /** @type {any} */ (window);
      const { Outbox } = await import(/** @type {any} */ ("/queue/outbox.js"));
      const named = (/** @type {Promise<any>} */ promise) => promise.then(() => "stored", (error) => error.name);
      return [why, await named(box.add(scan("b"))), await named(Outbox.open())];
    });
    assert.deepEqual(seen, [["update"], "StorageFailed", "StorageFailed"], "an old page never writes into a newer outbox, and never says that it did");
    const kept = await other.evaluate(() => new Promise((resolve) => {
      indexedDB.open("vaora-gate").onsuccess = (event) => {
        const database = /** @type {any} */ (event.target).result;
        database.transaction("outbox").objectStore("outbox").getAllKeys().onsuccess = (/** @type {any} */ found) => resolve(found.target.result);
      };
    }));
    assert.deepEqual(kept, ["a"]);
  });

  test("a full device: the scan is refused by name, what is stored stays and can be settled, and there is room again", async () => {
    const page = await device();
    const session = await context.newCDPSession(page);
    // Before the first write: Chromium remembers for half a minute how much room it found.
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize: 2 * MEBIBYTE });
    await page.evaluate(() => /** @type {any} */ (window).box.add(/** @type {any} */ (window).scan("before")));
    const full = await page.evaluate(async (length) => {
      const { box, scan } = /** @type {any} */ (window);
      const stored = [];
      for (let index = 0; index < 200; index += 1) {
        try {
          await box.add(scan(`big-${index}`, length));
          stored.push(`big-${index}`);
        } catch (error) {
          return { stored, name: /** @type {Error} */ (error).name };
        }
      }
      return { stored, name: "never full" };
    }, BIG_LEN);
    assert.equal(full.name, "StorageFull");
    assert.ok(full.stored.length > 0 && full.stored.length < 100, `${full.stored.length} scans fitted`);
    const after = await page.evaluate(async () => {
      const { box, ids } = /** @type {any} */ (window);
      const all = await ids();
      const taken = await box.batch(3, Date.now());
      const ok = (/** @type {string} */ id) => ({ id, outcome: "accepted", reason: null, title: "", text: "" });
      await box.settle([ok("before"), ok("big-0")], 1);
      const left = await box.count();
      // The list of refused needs room too: without it the scan stays where it is, and others leave all the same.
      const error = await box.settle([{ ...ok("big-1"), outcome: "refused" }, ok("big-2")], 1).catch((/** @type {Error} */ thrown) => thrown.name);
      const refused = (await box.refused()).map((/** @type {any} */ item) => item.id);
      return { all, taken: taken.items.length, left, error, refused, waiting: await ids() };
    });
    const isMoved = after.error === undefined;
    assert.ok(isMoved || after.error === "StorageFull", after.error);
    assert.deepEqual(after.refused, isMoved ? ["big-1"] : []);
    assert.equal(after.waiting.includes("big-1"), !isMoved);
    assert.ok(!after.waiting.includes("big-2"));
    assert.deepEqual(after.all, ["before", ...full.stored], "exactly what was said to be stored");
    assert.equal(after.taken, 3);
    assert.equal(after.left, full.stored.length - 1);
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.url });
    const seq = await page.evaluate(() => /** @type {any} */ (window).box.add(/** @type {any} */ (window).scan("roomy")));
    assert.equal(seq, full.stored.length + 2, "a scan that was not stored took no number");
  });

  test("only one tab sends; both see the outbox empty, and the server has each scan once", async () => {
    const one = await device();
    const other = await gate(context, site.url);
    await one.evaluate(async () => {
      const { box, scan } = /** @type {any} */ (window);
      await Promise.all(Array.from({ length: 250 }, (_, index) => box.add(scan(`lock-${index}`, 20, 3_600_000))));
    });
    site.posts = [];
    const begin = (/** @type {import("playwright-core").Page} */ page) => page.evaluate(async () => {
      const [{ Sync }, net] = await Promise.all([import(/** @type {any} */ ("/queue/sync.js")), import(/** @type {any} */ ("/queue/net.js"))]);
      const at = /** @type {any} */ (window);
      at.posted = 0;
      const sync = new Sync({
        outbox: at.box, now: Date.now, random: Math.random, onChange: () => {}, lock: net.lockOf(navigator.locks),
        post: (/** @type {any} */ batch) => {
          at.posted += 1;
          return net.post(batch);
        },
        sleep: (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); }),
      });
      await sync.kick();
      return { posted: at.posted, state: sync.state };
    });
    const [first, second] = await Promise.all([begin(one), begin(other)]);
    assert.deepEqual([first.posted, second.posted].sort(), [0, 3], "one tab sent all");
    for (const { state } of [first, second]) assert.deepEqual([state.phase, state.left], ["idle", 0]);
    const ids = site.posts.flatMap((body) => JSON.parse(body).items.map((/** @type {any} */ item) => item.id));
    assert.equal(ids.length, 250);
    assert.equal(new Set(ids).size, 250);
    const sent = site.posts.map((body) => JSON.parse(body));
    assert.deepEqual(sent.map(({ left }) => left), [150, 50, 0]);
    assert.ok(sent.every(({ sent_at }) => Math.abs(sent_at - Date.now()) < 60_000));
    const state = first.posted > 0 ? first.state : second.state;
    assert.ok(Math.abs(state.clockOffsetMs) < 1_000, `one machine, one clock: ${state.clockOffsetMs}`);
  });

  test("a scan sealed in the browser opens at the server", async () => {
    const page = await device();
    const { pair, publicRaw } = await newKeyPair();
    const item = { device: "gate-1", id: "0190c0de-0000-7000-8000-000000000009", at: 1_628_118_000_000 };
    const sealed = await page.evaluate(async ([key, what]) => {
      const { sealer, aadOf } = await import(/** @type {any} */ ("/queue/seal.js"));
      const { seal } = await sealer(new Uint8Array(/** @type {number[]} */ (key)));
      return [...await seal(new TextEncoder().encode("Y Bhăm Êban"), aadOf(what))];
    }, /** @type {const} */ ([[...publicRaw], item]));
    const aad = new TextEncoder().encode(`${item.device}.${item.id}.${item.at}`);
    const opened = await openRow(pair, aad, Uint8Array.from(sealed));
    assert.equal(new TextDecoder().decode(opened), "Y Bhăm Êban");
  });

  test("asking to keep the storage gives an answer and never fails", async () => {
    const page = await device();
    const answers = await page.evaluate(async () => {
      const { keepStorage } = await import(/** @type {any} */ ("/queue/outbox.js"));
      const broken = { persisted: async () => false, persist: async () => { throw new Error("no"); } };
      return [typeof await keepStorage(navigator.storage), await keepStorage(undefined), await keepStorage(broken), await keepStorage({ persisted: async () => true })];
    });
    assert.deepEqual(answers, ["boolean", false, false, true]);
  });
});

test(`the browser is killed right after a scan is stored, ${KILLS} times: every scan is there`, async () => {
  const site = new Site();
  await site.start();
  const profile = mkdtempSync(join(tmpdir(), "vaora-gate-"));
  /** @type {string[]} */ const stored = [];
  try {
    for (let turn = 0; turn <= KILLS; turn += 1) {
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: chromiumBinary(), headless: true, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"],
      });
      const page = await gate(context, site.url);
      assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).ids()), stored, `after ${turn} kills`);
      if (turn === KILLS) {
        await context.close();
        break;
      }
      // The browser's own number, so that no other one is ended.
      const session = await context.browser()?.newBrowserCDPSession();
      const { processInfo = [] } = (await session?.send("SystemInfo.getProcessInfo")) ?? {};
      const main = processInfo.find(({ type }) => type === "browser")?.id;
      assert.ok(main, "the browser's process is known");
      const closed = new Promise((resolve) => { context.once("close", resolve); });
      const id = `turn-${turn}`;
      assert.equal(await page.evaluate((name) => /** @type {any} */ (window).box.add(/** @type {any} */ (window).scan(name)), id), turn + 1);
      process.kill(main, "SIGKILL");
      stored.push(id);
      await closed;
    }
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    await site.stop();
  }
});
