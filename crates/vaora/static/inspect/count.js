// @ts-check
// Counting people at the door for a set time. Clock and counts are kept with the visit, so a reload loses nobody.
import { byId, t } from "./page.js";

/** How often the clock is shown anew, in milliseconds. */
const TICK_MS = 500;

export class Counter {
  #keep;
  /** @type {import("./store.js").Visit | undefined} */ #visit;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /** @param {(change: Partial<import("./store.js").Visit>) => void} keep */
  constructor(keep) {
    this.#keep = keep;
    byId("count-start", HTMLButtonElement).addEventListener("click", () => (this.#isRunning ? this.stop() : this.#start()));
    byId("count-entering", HTMLButtonElement).addEventListener("click", () => this.#add(1, 0));
    byId("count-scanning", HTMLButtonElement).addEventListener("click", () => this.#add(0, 1));
    byId("undo-entering", HTMLButtonElement).addEventListener("click", () => this.#add(-1, 0));
    byId("undo-scanning", HTMLButtonElement).addEventListener("click", () => this.#add(0, -1));
  }

  get #isRunning() {
    return (this.#visit?.count_began_at ?? 0) > 0;
  }

  /** @param {import("./store.js").Visit} visit */
  open(visit) {
    this.#visit = visit;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#show();
  }

  close() {
    clearInterval(this.#timer);
    this.#visit = undefined;
  }

  /** @param {Partial<import("./store.js").Visit>} change */
  #change(change) {
    if (!this.#visit) return;
    this.#visit = { ...this.#visit, ...change };
    this.#keep(change);
    this.#show();
  }

  #start() {
    const minutes = Number(byId("count_minutes", HTMLInputElement).value) || 10;
    this.#change({ count_began_at: Date.now(), count_goal_ms: Math.min(Math.max(minutes, 1), 120) * 60_000 });
  }

  /** Milliseconds counted up to now. */
  get #elapsed() {
    const visit = this.#visit;
    if (!visit) return 0;
    const running = visit.count_began_at > 0 ? Math.max(0, Date.now() - visit.count_began_at) : 0;
    return Math.min(visit.count_ms + running, Math.max(visit.count_goal_ms, visit.count_ms));
  }

  stop() {
    if (this.#isRunning) this.#change({ count_ms: this.#elapsed, count_began_at: 0 });
  }

  /** @param {number} entering @param {number} scanning */
  #add(entering, scanning) {
    const visit = this.#visit;
    if (!visit) return;
    const inside = Math.max(0, visit.entering + entering);
    const scanned = Math.max(0, visit.scanning + scanning);
    // Who scans also comes in: more scans than people would be a slip of the thumb.
    this.#change({ entering: Math.max(inside, entering < 0 ? inside : scanned), scanning: Math.min(scanned, Math.max(inside, scanning > 0 ? scanned : 0)) });
  }

  #tick() {
    const visit = this.#visit;
    if (!visit || !this.#isRunning) return;
    if (this.#elapsed >= visit.count_goal_ms) this.stop();
    else this.#show();
  }

  #show() {
    const visit = this.#visit;
    if (!visit) return;
    byId("entering", HTMLElement).textContent = String(visit.entering);
    byId("scanning", HTMLElement).textContent = String(visit.scanning);
    const isRunning = this.#isRunning;
    byId("count-entering", HTMLButtonElement).disabled = !isRunning;
    byId("count-scanning", HTMLButtonElement).disabled = !isRunning;
    byId("count-start", HTMLButtonElement).textContent = t(isRunning ? "countStop" : "countStart");
    const left = Math.ceil(Math.max(0, visit.count_goal_ms - this.#elapsed) / 1000);
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const counted = visit.count_ms > 0 ? t("counted", { n: Math.round(visit.count_ms / 60_000) }) : "";
    byId("clock", HTMLElement).textContent = isRunning ? t("counting", { time }) : counted;
  }
}
