// @ts-check
// A screen instead of a poster: a code that changes every half minute, drawn on the device from the kit's keys, so that it
// goes on without a network.
import { byId, setText } from "./gate/dom.js";
import { fetchKit, KIT } from "./gate/kit.js";
import { Moment, ROTATE_MS } from "./gate/moment.js";
import { keepApp } from "./gate/shell.js";
import { Outbox } from "./queue/outbox.js";
import qrcode from "./vendor/qrcode-generator/qrcode.js";

/** @typedef {import("./gate/kit.js").Kept} Kept */

/** How often the kit is fetched anew, in milliseconds. */
const KIT_MS = 10 * 60_000;
/** How often the screen is painted, in milliseconds. */
const PAINT_MS = 250;
/** Quiet zone around the symbol, in modules (ISO/IEC 18004). */
const QUIET = 4;

/** @type {Record<string, string>} */
const texts = JSON.parse(byId("texts", HTMLScriptElement).text);
const screen_ = byId("screen", HTMLElement);
const canvas = byId("symbol", HTMLCanvasElement);

/** @param {string} text drawn in the symbol's denser alphabet of capitals and digits */
function draw(text) {
  const symbol = qrcode(0, "M");
  symbol.addData(text, "Alphanumeric");
  symbol.make();
  const modules = symbol.getModuleCount();
  const scale = Math.max(4, Math.floor(1_600 / (modules + 2 * QUIET)));
  canvas.width = canvas.height = (modules + 2 * QUIET) * scale;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) {
      if (symbol.isDark(row, column)) pen.fillRect((column + QUIET) * scale, (row + QUIET) * scale, scale, scale);
    }
  }
}

class Screen {
  /** @type {Kept | null} */ #kept = null;
  /** @type {Moment | null} */ #moment = null;
  /** @type {Outbox | null} */ #outbox = null;
  #shown = "";

  /** @param {Kept} kept */
  #use(kept) {
    this.#kept = kept;
    this.#moment = new Moment(kept.kit);
    const { place, area, commune } = kept.kit;
    setText(byId("place", HTMLElement), place);
    setText(byId("where", HTMLElement), [area, commune].filter(Boolean).join(" · "));
  }

  async renewKit() {
    const answer = await fetchKit();
    if (answer === "network") return;
    if (answer === "revoked") return this.#fail("revoked");
    this.#use(answer);
    await this.#outbox?.putMeta(KIT, answer).catch(() => {});
  }

  /** @param {string} key of the words that stand in the symbol's place */
  #fail(key) {
    this.#moment = null;
    screen_.dataset.state = "bad";
    setText(byId("problem", HTMLElement), texts[key] ?? "");
  }

  async paint() {
    if (!this.#moment || !this.#kept) return;
    if (!this.#kept.kit.code) return this.#fail("no_code");
    const now = Date.now() + this.#kept.offsetMs;
    const [rotating, word] = await Promise.all([this.#moment.rotating(now), this.#moment.word(now)]);
    if (!rotating || !this.#moment) return this.#fail("old_kit");
    screen_.dataset.state = "good";
    const link = this.#moment.link(rotating);
    if (link !== this.#shown) draw(link);
    this.#shown = link;
    canvas.dataset.text = link;
    setText(byId("characters", HTMLElement), this.#kept.kit.code.replace(/^(.{5})(.{5})$/, "$1 $2"));
    setText(byId("word", HTMLElement), word ?? "–");
    byId("bar", HTMLProgressElement).value = 1 - (now % ROTATE_MS) / ROTATE_MS;
  }

  async start() {
    this.#outbox = await Outbox.open().catch(() => null);
    const kept = await this.#outbox?.getMeta(KIT).catch(() => undefined);
    if (kept) this.#use(kept);
    await this.paint();
    await this.renewKit();
    if (!this.#kept) this.#fail("no_kit");
    setInterval(() => void this.renewKit(), KIT_MS);
    addEventListener("online", () => void this.renewKit());
    setInterval(() => void this.paint(), PAINT_MS);
    await keepApp("/screen", { onWaiting: () => {}, isQuiet: () => true });
  }
}

/** Keeps the screen lit; browsers take the lock back whenever the page is hidden. */
async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Low battery or an old browser: the screen may sleep.
  }
}

byId("whole", HTMLButtonElement).addEventListener("click", () => {
  void document.documentElement.requestFullscreen?.().catch(() => {});
  void keepAwake();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) void keepAwake(); });
void keepAwake();
void new Screen().start();
