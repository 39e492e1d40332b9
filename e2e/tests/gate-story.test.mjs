// "A person who has never seen it can set up a market gate with a phone and let 30 people through with mixed cards, half
// of it offline, and every one of them is in the log once with the right time."
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, launchWithCamera, person, PHONE, Watch } from "../lib/browser.mjs";
import { allSent, begin, cccd, CODES, green, isKept, Place, readByHand, serverState, stored, typeCode, typePerson } from "../lib/gates.mjs";
import { scanLog } from "../lib/log.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { film } from "../lib/qr.mjs";
import { openStage } from "../lib/stage.mjs";

/** How far the log may be from the moment at which the test saw the green: what this machine needs to see it. */
const SLACK_MS = 6_000;

describe("a market gate with thirty people", { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "vaora-story-"));
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let plain;
  /** @type {import("playwright-core").Browser} */ let seeing;

  /** Ten people before the camera, a second and a half each. */
  const filmed = Array.from({ length: 10 }, (_, index) => (index === 3 ? CODES.bhyt : index === 6 ? CODES.cccd2024 : cccd(100 + index)));

  before(async () => {
    const clip = film(join(folder, "market.mjpeg"), [...filmed.map((text) => ({ text, seconds: 1.5 })), { text: "", seconds: 45 }]);
    const opened = await openStage({ plain: launch(), seeing: launchWithCamera(clip) });
    stage = opened;
    ({ demo, plain, seeing } = opened);
    watch.expectCut();
  });
  after(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("all thirty are in the log once, at their time", async () => {
    const place = await Place.open(plain, demo, watch, { phone: "0912000555", name: "Chợ Buôn Hồ thử" });
    const visitor = await person(plain, demo.url, { watch });
    await visitor.page.goto("/");
    /** @type {{ text: string, masked_name: string }[]} */
    const cards = await visitor.page.evaluate(async () => {
      const people = ["An", "Bình", "Chi", "Dung", "Em"].map((name) => ({ name: `H'${name} Niê`, phone: "0905888999" }));
      const answer = await fetch("/D/me/cards", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ people }) });
      return answer.json();
    });
    const known = new Set(scanLog(demo.folder).map(({ id }) => id));
    const { page, context } = await place.enrol(await place.addGate("Cổng chợ"), { browser: seeing, viewport: PHONE, permissions: ["camera"] });
    /** When the test saw each green. @type {number[]} */ const seen = [];
    /** @param {Promise<unknown>} coming */
    const saw = async (coming) => {
      await coming;
      seen.push(Date.now());
    };

    // Ten before the camera, online.
    await page.evaluate(() => {
      /** @type {number[]} */ const at = [];
      Object.assign(window, { greenAt: at });
      const panel = document.querySelector("#panel");
      // After the tenth the phone's camera is covered, at once: the film would begin again.
      const cover = () => {
        const { srcObject } = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
        if (srcObject instanceof MediaStream) for (const track of srcObject.getTracks()) track.stop();
      };
      if (panel) {
        new MutationObserver(() => {
          if (!panel.querySelector(".way")) return;
          at.push(Date.now());
          if (at.length === 10) cover();
        }).observe(panel, { childList: true });
      }
    });
    await isKept(page);
    await begin(page);
    await page.waitForFunction(() => /** @type {any} */ (window).greenAt.length === 10, undefined, { timeout: 90_000 });
    seen.push(...await page.evaluate(() => /** @type {any} */ (window).greenAt));
    await look(page, "story-camera", { whole: false });

    // Five with cards on phones, still online.
    for (const card of cards) {
      await typeCode(page, card.text);
      await saw(green(page, card.masked_name));
    }
    await allSent(page);
    assert.equal((await serverState(page)).in_today, 15);

    // The network goes: ten by the hand-held reader, a reload, five by name.
    await context.setOffline(true);
    for (let index = 0; index < 10; index += 1) {
      const code = cccd(200 + index);
      await readByHand(page, code);
      await saw(green(page, String(code.split("|")[2])));
    }
    await look(page, "story-offline", { whole: false });
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("the camera is covered", "NotReadableError"));
    });
    await page.reload();
    await begin(page);
    for (const name of ["Bà Sáu", "Ông Bảy", "Amí Tám", "Aê Chín", "Cô Mười"]) {
      await typePerson(page, { name });
      await saw(green(page, name));
    }
    assert.equal(await stored(page), 15);

    await context.setOffline(false);
    await allSent(page);
    await look(page, "story-end", { whole: false });
    assert.equal((await serverState(page)).in_today, 30);
    assert.equal(await page.locator("#count-in").innerText(), "30");
    const fresh = scanLog(demo.folder).filter(({ id }) => !known.has(id) && !id.startsWith("00000000"));
    const area = fresh.at(-1)?.area;
    const rows = fresh.filter((row) => row.area === area);
    assert.equal(rows.length, 30);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 30, "each is there once");
    const times = rows.map(({ at }) => at).sort((a, b) => a - b);
    seen.sort((a, b) => a - b);
    const off = times.map((at, index) => Number(seen[index]) - at);
    console.log(`story: 30 people, 15 of them offline; the log is ${Math.min(...off)} to ${Math.max(...off)} ms before the green was seen`);
    for (const [index, one] of off.entries()) assert.ok(one > -1_000 && one < SLACK_MS, `person ${index + 1} is ${one} ms off`);
    watch.check();
    await context.close();
    await visitor.context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
