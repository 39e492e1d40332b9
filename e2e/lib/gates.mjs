// A place with gates for the tests: registered, approved, its devices enrolled, its hand-held reader.
import assert from "node:assert/strict";
import { person } from "./browser.mjs";
import { approvePlace, ownUnit, press, proveOwner, registerPlace, signIn } from "./walk.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */

/** Longest pause between a hand-held reader's keys, in milliseconds, below the page's own bound. */
const READER_GAP_MS_MAX = 100;

/** Made-up people in every kind of code that a gate meets. */
export const CODES = {
  cccd: "066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Buôn Kô Siêr, Tân Lập, Thành phố Buôn Ma Thuột, Đắk Lắk|15042021",
  cccd2024: "066195001235||H'Nguyễn Thị B|01021995|Nữ|Thôn 2, Ea Kao, Đắk Lắk|05072024||||",
  bhyt: "GD4666600000001|4e677579e1bb856e2056c4836e2041|01/02/1995|1|5468c3a06e68207068e1bb91204275c3b46e204d6120546875e1bb9974|66 - 001|01/01/2021|-|02/01/2021|66666600000001|-|4|01/01/2025|abc123-7102|$",
  luca: "https://app.luca-app.de/webapp/11111111-2222-4333-8444-555555555555#e30",
};

/**
 * A citizen card of its own for each number.
 * @param {number} number 0 to 999
 * @returns {string}
 */
export function cccd(number) {
  return `066095${String(100_000 + number)}||Người Thứ ${"ABCDEFGHIK"[Math.floor(number / 100)]}${"ABCDEFGHIK"[Math.floor(number / 10) % 10]}${"ABCDEFGHIK"[number % 10]}|01021995|Nam|Tân Lập, Đắk Lắk|15042021`;
}

/** A registered place whose owner and officer are signed in. */
export class Place {
  /** @param {Browser} browser @param {import("./walk.mjs").Demo} demo @param {import("./browser.mjs").Watch} watch @param {Page} owner @param {string} id */
  constructor(browser, demo, watch, owner, id) {
    this.browser = browser;
    this.demo = demo;
    this.watch = watch;
    this.owner = owner;
    this.id = id;
  }

  /**
   * @param {Browser} browser @param {import("./walk.mjs").Demo} demo @param {import("./browser.mjs").Watch} watch
   * @param {{ phone: string, name: string }} of
   */
  static async open(browser, demo, watch, { phone, name }) {
    const officer = (await signIn(browser, demo, "xa", { watch })).page;
    const unitId = await ownUnit(officer);
    const owner = (await person(browser, demo.url, { watch })).page;
    await proveOwner(owner, phone);
    const id = await registerPlace(owner, { name, type: "BXE", unitId, areas: ["Phòng chờ"] });
    await approvePlace(officer, id);
    return new Place(browser, demo, watch, owner, id);
  }

  /** @param {string} name @returns {Promise<string>} a one-time code */
  async addGate(name) {
    await this.owner.goto(`/owner/places/${this.id}`);
    const form = this.owner.locator("form[action$='/gates']");
    if (!(await form.isVisible())) await this.owner.locator("summary", { hasText: "Thêm cổng" }).click();
    await form.locator("[name=gate_name]").fill(name);
    await form.locator("[name=area_id]").selectOption({ label: "Phòng chờ" });
    await form.getByRole("button").click();
    const code = await this.owner.locator(".secret-code").innerText();
    assert.match(code, /\S{4,}/);
    return code;
  }

  /** @param {string} name of the gate */
  async revoke(name) {
    await this.owner.goto(`/owner/places/${this.id}`);
    await this.owner.locator("#gates tr", { hasText: name }).getByRole("button", { name: "Thu hồi" }).click();
    await this.owner.getByText("Đã thu hồi máy của cổng").waitFor();
  }

  /**
   * A device of its own, enrolled.
   * @param {string} code
   * @param {Parameters<typeof person>[2] & { browser?: Browser }} [options]
   */
  async enrol(code, { browser = this.browser, ...options } = {}) {
    const device = await person(browser, this.demo.url, { watch: this.watch, ...options });
    await device.page.goto("/gate");
    await device.page.waitForURL("**/gate/enrol");
    await device.page.locator("#code").fill(code);
    await device.page.locator("#device_name").fill("Máy thử");
    await press(device.page, "Gắn máy");
    await device.page.waitForURL(/\/gate$/);
    return device;
  }
}

/** @param {Page} page on which the gate is open */
export async function begin(page) {
  await page.locator("#begin:enabled").click();
  await page.locator("#gate[data-begun]").waitFor();
}

/** Waits until the app is kept on the device, so that it opens without a network. @param {Page} page */
export function isKept(page) {
  return page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
  });
}

/** @param {Page} page @param {string} tone */
export const tone = (page, tone) => page.locator(`#panel[data-tone=${tone}]`);

/** Waits for a person's green. @param {Page} page @param {string} name */
export const green = (page, name) => page.locator("#panel[data-tone=good] .name", { hasText: name }).waitFor();

/** @param {Page} page @returns {Promise<number>} scans that wait on the device */
export const unsent = async (page) => Number(await page.locator("#open-status").getAttribute("data-left"));

/** @param {Page} page @returns {Promise<number>} scans on the device's disk, whatever the page says */
export function stored(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("vaora-gate");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const counting = database.transaction("outbox").objectStore("outbox").count();
      counting.onsuccess = () => {
        database.close();
        resolve(counting.result);
      };
      counting.onerror = () => reject(counting.error);
    };
  }));
}

/** Waits until the server has confirmed everything, and the page says so. @param {Page} page @param {number} [limitMs] */
export async function allSent(page, limitMs = 40_000) {
  const deadline = Date.now() + limitMs;
  while ((await stored(page)) > 0) {
    if (Date.now() > deadline) throw new Error(`${await stored(page)} scans still wait: ${await page.locator("#open-status").innerText()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await page.locator("#open-status[data-left='0']").waitFor();
}

/** Presses "send now", which the page may have done by itself a moment ago: the button is off then, and the press does nothing. @param {Page} page */
export async function sendNow(page) {
  await page.locator("#open-status").click();
  await page.locator("#send-now").evaluate((button) => /** @type {HTMLButtonElement} */ (button).click());
  await page.locator("#close-status").click();
}

/** What the server counts for this device's area. @param {Page} page */
export async function serverState(page) {
  const answer = await page.context().request.get("/gate/state");
  assert.equal(answer.status(), 200);
  return answer.json();
}

/**
 * Types a person into the form.
 * @param {Page} page
 * @param {{ name: string, phone?: string, along?: string, declarer?: string }} person_
 */
export async function typePerson(page, { name, phone = "", along = "", declarer = "" }) {
  await press(page, "Gõ tay");
  await page.locator("#typed-name").fill(name);
  await page.locator("#typed-phone").fill(phone);
  if (along || declarer) {
    await page.locator("#typed-more summary").click();
    await page.locator("#typed-along").fill(along);
    await page.locator("#typed-declarer").fill(declarer);
  }
  await press(page, "Ghi người này");
}

/** @param {Page} page @param {string} code */
export async function typeCode(page, code) {
  await press(page, "Gõ tay");
  await page.locator("#typed-text").fill(code);
  await press(page, "Ghi mã này");
}

/**
 * Types as a hand-held reader does. This machine may hold the keys up for longer than any reader would: then the page
 * rightly takes them for a person's, and the reading is made again.
 * @param {Page} page
 * @param {string} text
 */
export async function readByHand(page, text) {
  for (let turn = 0; turn < 5; turn += 1) {
    await page.evaluate(() => {
      const at = /** @type {{ last: number, gap: number }} */ ({ last: 0, gap: 0 });
      Object.assign(window, { keysAt: at });
      addEventListener("keydown", ({ timeStamp }) => {
        if (at.last) at.gap = Math.max(at.gap, timeStamp - at.last);
        at.last = timeStamp;
      }, true);
    });
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    const gap = await page.evaluate(() => /** @type {any} */ (window).keysAt.gap);
    if (gap < READER_GAP_MS_MAX) return;
    await tone(page, "idle").waitFor();
  }
  throw new Error("this machine is too busy to type as fast as a hand-held reader");
}
