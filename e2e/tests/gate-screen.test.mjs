// A screen instead of a poster: its symbol changes, is read, leads to the place, and goes on without a network.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, Watch } from "../lib/browser.mjs";
import { isKept, Place } from "../lib/gates.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";

describe("a screen", { timeout: 180_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {Place} */ let place;

  before(async () => {
    const opened = await openStage({ plain: launch() });
    stage = opened;
    demo = opened.demo;
    place = await Place.open(opened.plain, demo, watch, { phone: "0912000666", name: "Bệnh viện thử" });
    watch.expectCut();
  });
  after(() => stage?.close());

  /** What the camera of a phone would read off the screen. @param {import("playwright-core").Page} page @returns {Promise<string>} */
  const read = (page) => page.evaluate(async () => {
    const shell = await import(/** @type {any} */ ("/static/gate/shell.js"));
    const worker = new Worker(shell.workerAddress("/static/gate/decode-worker.js", "/screen"), { type: "module" });
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("#symbol"));
    const image = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data.text);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ turn: 1, image });
    });
  });

  test("shows a code that is read and leads to the place, and the word of the minute", async () => {
    const { page, context } = await place.enrol(await place.addGate("Màn hình"));
    const gateWord = await page.waitForFunction(() => {
      const word = document.querySelector("#word")?.textContent;
      return word && word !== "–" ? word : null;
    }).then((handle) => handle.jsonValue());
    await page.goto("/screen");
    await page.locator("#screen[data-state=good]").waitFor();
    await page.locator("#place", { hasText: "Bệnh viện thử" }).waitFor();
    const text = await read(page);
    assert.match(text, /^HTTP:\/\/LOCALHOST:\d+\/D\/[0-9A-HJKMNP-TV-Z]{10}\/[0-9A-HJKMNP-TV-Z]{6}$/);
    assert.equal(text, await page.locator("#symbol").getAttribute("data-text"));
    const typed = await page.locator("#characters").innerText();
    assert.equal(typed.replace(" ", ""), text.split("/").at(-2));
    const answer = await context.request.get(new URL(text).pathname);
    assert.equal(answer.status(), 200);
    assert.ok((await answer.text()).includes("Bệnh viện thử"));
    const word = await page.locator("#word").innerText();
    assert.match(word, /^\p{L}+ \p{L}+/u);
    console.log(`screen: word of the minute “${word}”, at the gate a moment before “${gateWord}”`);
    await look(page, "screen", { whole: false });
    watch.check();

    await isKept(page);
    await context.setOffline(true);
    await page.reload();
    await page.locator("#screen[data-state=good]").waitFor();
    const before_ = await read(page);
    // At the next half minute the symbol is another.
    await page.waitForFunction((former) => document.querySelector("#symbol")?.getAttribute("data-text") !== former, before_, { timeout: 35_000 });
    const next = await read(page);
    assert.notEqual(next, before_);
    assert.equal(next.slice(0, -6), before_.slice(0, -6));
    await context.setOffline(false);
    assert.equal((await context.request.get(new URL(next).pathname)).status(), 200);
    watch.check();
    await context.close();
  });

  test("axe finds nothing on this page, and it is not wider than its screen", () => checkLooks());
});
