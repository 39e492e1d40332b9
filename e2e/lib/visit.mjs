// What the visitor's tests share: a phone that has been here before, its network, its box.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { person, PHONE, Watch } from "./browser.mjs";
import { press } from "./walk.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} BrowserContext */

/** The browser's own words on a network that the test took away. */
const TAKEN_AWAY = /net::ERR_(INTERNET_DISCONNECTED|FAILED|ABORTED)/;

/** Watches like its parent, but a missing network is no error: these tests take it away. */
export class OfflineWatch extends Watch {
  /** @override */
  check() {
    try {
      super.check();
    } catch (error) {
      const told = /** @type {Error} */ (error).message.split("\n").slice(1).filter((line) => line && !TAKEN_AWAY.test(line));
      if (told.length > 0) throw new Error(`errors behind the pages:\n${told.join("\n")}`);
    }
  }
}

/**
 * A phone with a browser of its own.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {Watch} watch
 */
export function phone(browser, url, watch) {
  return person(browser, url, { watch, viewport: PHONE, hasTouch: true, isMobile: true });
}

/** @param {Page} page @param {string} path @param {{ name: string, phone: string }} who */
export async function firstCheckIn(page, path, who) {
  await page.goto(path);
  await page.locator("#name").fill(who.name);
  await page.locator("#phone").fill(who.phone);
  await press(page, "VÀO");
  await page.locator("#done").waitFor();
}

/** Waits until the page is served by the worker, which has its files then. @param {Page} page */
export async function installed(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
}

/**
 * Takes the network away and opens a poster's page by the shell.
 * @param {Page} page @param {BrowserContext} context @param {string} path
 */
export async function openOffline(page, context, path) {
  await context.setOffline(true);
  await page.goto(path);
  await page.locator("#offline-form").waitFor();
}

/**
 * @param {Page} page of this origin
 * @returns {Promise<VisitRow[]>} the phone's check-ins, oldest first
 */
export async function scansOf(page) {
  return page.evaluate(async () => {
    const { box } = await import(/** @type {any} */ ("/static/visit/store.js"));
    return box.scans();
  });
}

/** @typedef {{ id: string, code: string, kind: string, at: number, state: string, place: string, corrected: boolean, corrects: string, companions: string[], who: string }} VisitRow */

/** @param {Page} page @param {object[]} visits @returns {Promise<{ outcome: string, text: string, place: string, word: string | null }[]>} */
export async function sendDirectly(page, visits) {
  const answer = await page.context().request.post("/D/me/visits", { data: { sent_at: Date.now(), visits }, headers: { "sec-fetch-site": "same-origin" } });
  assert.equal(answer.status(), 200, await answer.text());
  return (await answer.json()).results;
}

/** @param {import("playwright-core").Download} download @returns {Promise<string>} */
export async function textOf(download) {
  const stream = await download.createReadStream();
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

/** @param {number[]} numbers @returns {number} */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * A way to the demo that can fall silent: connections stand, nothing passes, as on a phone at the edge of its cell.
 * @param {string} url of the demo
 */
export async function openSilentWay(url) {
  const port = Number(new URL(url).port);
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]]) {
      if (!from || !to) continue;
      sockets.add(from);
      from.on("data", (piece) => to.write(piece));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      if (silent) from.pause();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const set = (/** @type {boolean} */ value) => {
    silent = value;
    for (const socket of sockets) if (silent) socket.pause(); else socket.resume();
  };
  return {
    url: `http://localhost:${typeof address === "object" && address ? address.port : 0}`,
    silence: () => set(true),
    speak: () => set(false),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
