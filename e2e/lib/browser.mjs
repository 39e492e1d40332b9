// The browser: started without a window, reading Vietnamese in Vietnam's time, and watched for errors.
import { chromium } from "playwright-core";
import { demoComplaints } from "./demo.mjs";
import { chromiumBinary } from "./env.mjs";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

/** Longest wait for one condition on a page, in milliseconds. */
const WAIT_MS_MAX = 15_000;

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** @param {string[]} [more] further flags */
export function launch(more = []) {
  return chromium.launch({ executablePath: chromiumBinary(), headless: true, args: [...FLAGS, ...more] });
}

/** @param {string} clip a film in MJPEG that the camera plays again and again */
export function launchWithCamera(clip) {
  return launch([
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${clip}`,
  ]);
}

/**
 * What goes wrong behind a page's back: script errors, lost files, answers of 500 and above.
 */
export class Watch {
  /** @type {string[]} */ #errors = [];
  /** @type {Set<number>} */ #expected = new Set();
  #isCut = false;

  /** @param {import("playwright-core").Page} page */
  add(page) {
    page.on("pageerror", (error) => this.#errors.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const status = /status of (\d{3})/.exec(message.text())?.[1];
      if (status && this.#expected.has(Number(status))) return;
      if (this.#isCut && message.text().includes("net::ERR_")) return;
      // A page left for a blank one while its icon was still on the way: the icon is refused, nobody misses it.
      if (page.url() === "about:blank" && message.text().includes("favicon.svg")) return;
      if (page.url() === "about:blank" && message.location().url.endsWith("/favicon.svg")) return;
      this.#errors.push(`${page.url()}: ${message.text()} (${message.location().url})`);
    });
    page.on("response", (response) => {
      if (response.status() >= 500 && !this.#expected.has(response.status())) {
        this.#errors.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      }
    });
  }

  /** @param {...number} statuses answers that this test brings about on purpose */
  expect(...statuses) {
    for (const status of statuses) this.#expected.add(status);
  }

  /** From here on requests may come to nothing: this test takes the network away. */
  expectCut() {
    this.#isCut = true;
  }

  /** Throws when anything went wrong since the last call. */
  check() {
    const errors = [...new Set(this.#errors)];
    this.#errors = [];
    if (errors.length > 0) throw new Error(`errors behind the pages:\n${errors.join("\n")}\n${demoComplaints()}`);
  }
}

/**
 * One person's browser: its own cookies.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions & { watch?: Watch }} [options]
 */
export async function person(browser, url, options = {}) {
  const { watch = new Watch(), ...rest } = options;
  const context = await browser.newContext({
    baseURL: url, locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", viewport: DESKTOP, reducedMotion: "reduce", ...rest,
  });
  context.setDefaultTimeout(WAIT_MS_MAX);
  context.on("page", (page) => watch.add(page));
  const page = await context.newPage();
  return { context, page, watch };
}
