// The two readers of codes side by side: the server's command, and the modules on a page of the browser.
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { ROOT, run, vaoraBinary } from "./env.mjs";

export const READER = join(ROOT, "crates/vaora/static/reader");

/** Where the browser finds the modules: an origin that the test answers for, secure as a gate's. */
const ORIGIN = "https://vaora.example";
export const MODULE = `${ORIGIN}/read.js`;

/** UTC+7, in milliseconds. */
const OFFSET_MS = 7 * 3_600_000;

/** @returns {string} the local day */
const localDay = () => new Date(Date.now() + OFFSET_MS).toISOString().slice(0, 10);

/**
 * Asks the server's reader.
 * @param {(string | Buffer)[]} inputs a text goes as a JSON string; bytes go as they are, without line feeds
 * @returns {{ today: string, answers: string[] }} readings as JSON, made on that day
 */
export function serverReadings(inputs) {
  const lines = inputs.map((input) => (typeof input === "string" ? Buffer.from(JSON.stringify(input)) : input));
  const feed = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  for (;;) {
    const today = localDay();
    const printed = run(vaoraBinary(), ["code", "read"], feed).toString("utf8").trimEnd().split("\n");
    // Parsed and written again, as two programs may escape differently; the order of keys stays.
    const answers = printed.map((line) => JSON.stringify(JSON.parse(line)));
    // The server's day is its clock's; over midnight the two would not be comparable.
    if (today === localDay()) return { today, answers };
  }
}

/**
 * @template T
 * @param {(page: import("playwright-core").Page) => Promise<T>} work
 * @returns {Promise<T>} what the work gave on a page that can import {@link MODULE}
 */
async function inBrowser(work) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") return route.fulfill({ contentType: "text/html", body: "<!doctype html>" });
      return route.fulfill({ path: join(READER, pathname) });
    });
    await page.goto(`${ORIGIN}/`);
    return await work(page);
  } finally {
    await browser.close();
  }
}

/**
 * Asks the reader in the browser.
 * @param {(string | Buffer)[]} inputs
 * @param {string} today
 * @returns {Promise<string[]>} readings as JSON
 */
export async function browserReadings(inputs, today) {
  // All in one text, and bytes as hexadecimal: lists of numbers are slow to hand over.
  const json = JSON.stringify(inputs.map((input) => (typeof input === "string" ? { text: input } : { hex: input.toString("hex") })));
  const answers = await inBrowser((page) => page.evaluate(async (given) => {
    const { read, readBytes } = await import(given.module);
    const bytesOf = (/** @type {string} */ hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const readings = JSON.parse(given.json).map((/** @type {{ text?: string, hex: string }} */ row) => (
      row.text === undefined ? readBytes(bytesOf(row.hex), given.today) : read(row.text, given.today)
    ));
    return JSON.stringify(readings.map((/** @type {object} */ reading) => JSON.stringify(reading)));
  }, { module: MODULE, json, today }));
  return JSON.parse(answers);
}

/**
 * Verifies cards in the browser, each as a text and as the reading of that text.
 * @param {string[]} cards texts of symbols
 * @param {{ id: number, key: Uint8Array }} signer
 * @param {string} today
 * @returns {Promise<[asText: boolean, asReading: boolean][]>}
 */
export function browserVerdicts(cards, { id, key }, today) {
  const given = { module: MODULE, cards, id, key: [...key], today };
  return inBrowser((page) => page.evaluate(async ({ module, cards, id, key, today }) => {
    const { read, verifyCard } = await import(module);
    const keys = new Map([[id, Uint8Array.from(key)]]);
    return Promise.all(cards.map((card) => Promise.all([verifyCard(card, keys), verifyCard(read(card, today), keys)])));
  }, given));
}
