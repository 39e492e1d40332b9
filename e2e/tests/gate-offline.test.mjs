// A gate without its network, its server, its disk, its rights: nobody is lost, nobody is counted twice, and nothing is
// green that is not stored.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { launch, person, Watch } from "../lib/browser.mjs";
import { allSent, begin, cccd, green, isKept, Place, readByHand, sendNow, serverState, stored, tone, typePerson } from "../lib/gates.mjs";
import { scanLog } from "../lib/log.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openProxy } from "../lib/proxy.mjs";
import { openStage } from "../lib/stage.mjs";
import { press } from "../lib/walk.mjs";

describe("a gate alone", { timeout: 400_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let plain;
  /** @type {Place} */ let place;
  let isDown = false;

  afterEach(async () => {
    if (isDown) await demo.restart();
    isDown = false;
  });
  before(async () => {
    const opened = await openStage({ plain: launch() });
    stage = opened;
    ({ demo, plain } = opened);
    place = await Place.open(plain, demo, watch, { phone: "0912000333", name: "Chợ thử" });
    watch.expectCut();
    watch.expect(502, 401);
  });
  after(() => stage?.close());

  /** A device that has begun and is kept for days without a network. @param {string} name */
  async function device(name) {
    const made = await place.enrol(await place.addGate(name));
    await isKept(made.page);
    await begin(made.page);
    return made;
  }

  /** @param {import("playwright-core").Page} page @param {string} name */
  async function record(page, name) {
    await typePerson(page, { name });
    await green(page, name);
  }

  /** Another app comes before the page for a moment, as far as the page can tell. @param {import("playwright-core").Page} page */
  function lookAway(page) {
    return page.evaluate(() => {
      for (const hidden of [true, false]) {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }
    });
  }

  /** Which sitting sealed an exported scan. @param {{ sealed: string }} item @returns {string} */
  const sittingOf = (item) => Buffer.from(item.sealed, "base64url").subarray(5, 70).toString("hex");

  test("offline, reloaded, offline again, then online: everybody once, at the time of the scan", async () => {
    const { page, context } = await device("Cổng mất mạng");
    const before_ = (await serverState(page)).in_today;
    await context.setOffline(true);
    await record(page, "Người Một");
    await lookAway(page);
    await readByHand(page, cccd(1));
    await green(page, "Người Thứ AAB");
    await page.locator("#open-status[data-left='2'][data-net=offline]").waitFor();
    await look(page, "gate-offline", { whole: false });
    await page.reload();
    await begin(page);
    await page.locator("#place", { hasText: "Chợ thử" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "vi", "kept in the language that was read");
    assert.equal(await stored(page), 2);
    assert.equal(await page.locator("#count-in").innerText(), String(before_ + 2), "the figures survive the reload");
    await record(page, "Người Ba");
    await page.locator("#open-status[data-left='3']").waitFor();
    await page.locator("#open-status").click();
    await look(page, "gate-offline-status", { whole: false });
    const downloading = page.waitForEvent("download");
    await press(page, "Xuất hàng đợi");
    const file = JSON.parse(readFileSync(await (await downloading).path(), "utf8"));
    assert.equal(file.vaora_queue, 1);
    assert.equal(file.items.length, 3);
    assert.ok(!JSON.stringify(file).includes("Người"), "the file names nobody");
    assert.equal(new Set(file.items.map(sittingOf)).size, 3, "looking away and loading anew each leave the key behind");
    await page.locator("#close-status").click();
    await context.setOffline(false);
    await allSent(page);
    assert.equal((await serverState(page)).in_today, before_ + 3);
    // The exported file handed in as well changes nothing: the ids are known.
    const again = await context.request.post("/api/v1/queue", { data: { sent_at: Date.now(), left: 0, oldest_at: null, items: file.items } });
    assert.equal(again.status(), 200);
    assert.deepEqual((await again.json()).results.map((/** @type {any} */ result) => result.outcome), ["duplicate", "duplicate", "duplicate"]);
    const state = await serverState(page);
    assert.equal(state.in_today, before_ + 3);
    await page.waitForFunction((wanted) => document.querySelector("#count-in")?.textContent === wanted, String(before_ + 3));
    watch.check();
    await context.close();
  });

  test("the camera's reader opens offline too", async () => {
    const { page, context } = await device("Cổng đọc mã");
    await context.setOffline(true);
    await page.reload();
    const text = await page.evaluate(async () => {
      const shell = await import(/** @type {any} */ ("/static/gate/shell.js"));
      const worker = new Worker(shell.workerAddress("/static/gate/decode-worker.js", "/gate"), { type: "module" });
      const image = new ImageData(8, 8);
      return new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(JSON.stringify(data));
        worker.onerror = (event) => resolve(`error ${event.message}`);
        worker.postMessage({ turn: 1, image });
      });
    });
    assert.equal(text, JSON.stringify({ turn: 1, text: null }), "the worker and its wasm come from the device");
    watch.check();
    await context.close();
  });

  test("the server killed in the middle of a queue: each scan is kept once", async () => {
    const { page, context } = await device("Cổng máy chủ tắt");
    const before_ = (await serverState(page)).in_today;
    await record(page, "Trước Khi Tắt");
    await demo.kill();
    isDown = true;
    for (const name of ["Khi Tắt Một", "Khi Tắt Hai"]) await record(page, name);
    await page.reload();
    await begin(page);
    await record(page, "Khi Tắt Ba");
    assert.ok((await stored(page)) >= 3);
    await page.locator("#open-status[data-net=trouble]").waitFor();
    await look(page, "gate-server-away", { whole: false });
    await demo.restart();
    isDown = false;
    await sendNow(page);
    await allSent(page, 130_000);
    assert.equal((await serverState(page)).in_today, before_ + 4);
    watch.check();
    await context.close();
  });

  test("a full device is red and says what to do; with room again it is green", async () => {
    // Without a kept app, whose files would fill the small quota before anything else does.
    const { page, context } = await person(plain, demo.url, { watch, serviceWorkers: "block" });
    const cdp = await context.newCDPSession(page);
    // Before the first write: Chromium remembers for half a minute how much room it found.
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: demo.url, quotaSize: 2_097_152 });
    await page.goto("/gate/enrol");
    await page.locator("#code").fill(await place.addGate("Cổng đầy máy"));
    await press(page, "Gắn máy");
    await page.waitForURL(/\/gate$/);
    await begin(page);
    await record(page, "Còn Chỗ");
    await allSent(page);
    const before_ = await page.locator("#count-in").innerText();
    await page.evaluate(async () => {
      const { Outbox } = await import(/** @type {any} */ ("/static/queue/outbox.js"));
      const outbox = await Outbox.open();
      let number = 0;
      // Photographs and films of the phone's owner, so to speak, down to the last corner.
      for (const size of [60_000, 5_000, 500, 50]) {
        for (let isRoom = true; isRoom && number < 2_000; number += 1) {
          isRoom = await outbox.putMeta(`photo-${number}`, crypto.getRandomValues(new Uint8Array(size))).then(() => true, () => false);
        }
      }
      outbox.close();
    });
    await typePerson(page, { name: "Không Lưu Được" });
    await tone(page, "bad").getByText("CHƯA GHI ĐƯỢC – máy hết chỗ").waitFor();
    await look(page, "gate-full-device", { whole: false });
    assert.equal(await page.locator("#count-in").innerText(), before_);
    assert.equal(await stored(page), 0);
    await press(page, "Xem hàng đợi");
    await page.locator("#status-waiting").waitFor();
    await page.locator("#close-status").click();
    await cdp.send("Storage.overrideQuotaForOrigin", { origin: demo.url });
    await record(page, "Lưu Được Rồi");
    await allSent(page);
    watch.check();
    await context.close();
  });

  test("two tabs of one device: both record, everybody once, one number after the other", async () => {
    const { page, context } = await device("Cổng hai thẻ");
    const before_ = (await serverState(page)).in_today;
    const other = await context.newPage();
    await other.goto("/gate");
    await begin(other);
    await context.setOffline(true);
    await record(page, "Thẻ Một");
    await record(other, "Thẻ Hai");
    await record(page, "Thẻ Một Nữa");
    assert.equal(await stored(other), 3);
    await other.waitForFunction((wanted) => document.querySelector("#count-in")?.textContent === wanted, String(before_ + 3));
    await context.setOffline(false);
    await allSent(page);
    await allSent(other);
    assert.equal((await serverState(page)).in_today, before_ + 3);
    watch.check();
    await context.close();
  });

  test("a device revoked while it was away: what it captured later is kept apart, and it says so", async () => {
    const { page, context } = await device("Cổng bị thu hồi");
    const other = await device("Cổng còn lại");
    await record(page, "Trước Thu Hồi");
    await allSent(page);
    const before_ = (await serverState(other.page)).in_today;
    await context.setOffline(true);
    await place.revoke("Cổng bị thu hồi");
    await record(page, "Sau Thu Hồi");
    await context.setOffline(false);
    await page.getByText("Máy này không còn quyền ghi").first().waitFor({ timeout: 40_000 });
    await allSent(page);
    await readByHand(page, cccd(9));
    assert.equal(await stored(page), 0);
    assert.equal(await page.locator("#panel").getAttribute("data-tone"), "bad");
    assert.equal((await serverState(other.page)).in_today, before_, "the commune decides about it first");
    await page.reload();
    // Opened again it says so at once, and has nothing to begin.
    await page.getByText("Máy này không còn quyền ghi").first().waitFor();
    await page.locator("#start").waitFor({ state: "hidden" });
    watch.check();
    await context.close();
    await other.context.close();
  });

  test("what the server can't read stays where the gate sees it, until it is dismissed", async () => {
    const { page, context } = await device("Cổng hỏng");
    await page.evaluate(async () => {
      const { Outbox } = await import(/** @type {any} */ ("/static/queue/outbox.js"));
      const outbox = await Outbox.open();
      const kept = await outbox.getMeta("kit");
      await outbox.add({ id: crypto.randomUUID(), device: kept.kit.device, at: Date.now(), sealed: crypto.getRandomValues(new Uint8Array(120)) });
    });
    await record(page, "Người Lành");
    await page.locator("#refused-words", { hasText: "1 lượt không được nhận" }).waitFor();
    await page.locator("#open-status").click();
    await page.locator("#refused-list li", { hasText: "Không mở được lượt này" }).waitFor();
    await look(page, "gate-refused", { whole: false });
    await press(page, "Đã xem");
    await page.locator("#status-refused").waitFor({ state: "hidden" });
    await page.locator("#close-status").click();
    await page.locator("#refused-words").waitFor({ state: "hidden" });
    await allSent(page);
    watch.check();
    await context.close();
  });

  test("a clock ten minutes slow is told, and the log has the true time", async () => {
    const code = await place.addGate("Cổng chậm giờ");
    const known = new Set(scanLog(demo.folder).map(({ id }) => id));
    const { page, context } = await person(plain, demo.url, { watch });
    await context.addInitScript(() => {
      const real = Date.now;
      Date.now = () => real() - 600_000;
    });
    await page.goto("/gate/enrol");
    await page.locator("#code").fill(code);
    await press(page, "Gắn máy");
    await page.waitForURL(/\/gate$/);
    await begin(page);
    await record(page, "Đúng Giờ");
    const greenAt = Date.now();
    await allSent(page);
    await page.locator("#open-status").click();
    await page.getByText("Đồng hồ máy này chậm 10 phút").waitFor();
    await look(page, "gate-clock", { whole: false });
    const fresh = scanLog(demo.folder).filter(({ id }) => !known.has(id));
    assert.equal(fresh.length, 1);
    assert.ok(Math.abs(Number(fresh[0]?.at) - greenAt) < 6_000, `${Number(fresh[0]?.at) - greenAt} ms off`);
    watch.check();
    await context.close();
  });

  test("a new version waits for a quiet moment and loses nothing", async () => {
    const proxy = await openProxy(demo.url);
    try {
      const { page, context } = await person(plain, proxy.url, { watch });
      await page.goto("/gate/enrol");
      await page.locator("#code").fill(await place.addGate("Cổng bản mới"));
      await press(page, "Gắn máy");
      await page.waitForURL(/\/gate$/);
      await isKept(page);
      await begin(page);
      await record(page, "Trước Bản Mới");
      await allSent(page);
      const before_ = (await serverState(page)).in_today;
      const names = () => page.evaluate(() => caches.keys());
      const [old] = await names();
      proxy.publish("second");
      await page.evaluate(async () => { await (await navigator.serviceWorker.getRegistration("/gate"))?.update(); });
      await page.locator("#update").waitFor();
      await look(page, "gate-update", { whole: false });
      // Longer than the page looks for quiet: somebody was scanned a moment ago, so the former version goes on.
      await page.waitForTimeout(6_000);
      assert.deepEqual((await names()).sort(), [old, "gate-second"].sort());
      assert.ok(await page.locator("#gate[data-begun]").isVisible(), "the page was not loaded anew");
      proxy.cut(true);
      await record(page, "Giữa Hai Bản");
      assert.equal(await stored(page), 1);
      await page.locator("#update").click();
      await page.locator("#gate:not([data-begun])").waitFor();
      await begin(page);
      assert.deepEqual(await names(), ["gate-second"]);
      assert.equal(await stored(page), 1);
      proxy.cut(false);
      await sendNow(page);
      await allSent(page);
      assert.equal((await serverState(page)).in_today, before_ + 1);
      watch.check();
      await context.close();
    } finally {
      await proxy.close();
    }
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
