// @ts-check
// What waits on the device, how the server is reached, and what to do about it: a line that always stands, and the sheet
// behind it.
import { byId, button, fill, setText, words } from "./dom.js";
import { localMoment, localTime } from "./time.js";

/** A clock further off than this is told, in milliseconds. */
const CLOCK_MS_MAX = 2 * 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * @typedef {import("../queue/outbox.js").Outbox} Outbox
 * @typedef {import("../queue/sync.js").State} SyncState
 *
 * @typedef {object} Facts
 * @property {SyncState} sync
 * @property {boolean} online
 * @property {number | null} offsetMs what to add to the device's clock
 * @property {boolean | null} persisted whether the browser may clear the storage; null while unknown
 * @property {string} device
 * @property {number | null} kitAt when the kit was fetched
 * @property {boolean} revoked
 */

export class Status {
  #sheet = byId("status", HTMLDialogElement);
  #line = byId("open-status", HTMLButtonElement);
  #texts;
  #outbox;
  #facts;
  #now;

  /**
   * @param {Record<string, string>} texts @param {Outbox} outbox @param {() => Facts} facts @param {() => void} sendNow
   * @param {() => number} now
   */
  constructor(texts, outbox, facts, sendNow, now) {
    this.#texts = texts;
    this.#outbox = outbox;
    this.#facts = facts;
    this.#now = now;
    this.#line.addEventListener("click", () => this.open());
    byId("close-status", HTMLButtonElement).addEventListener("click", () => this.#sheet.close());
    byId("send-now", HTMLButtonElement).addEventListener("click", sendNow);
    byId("export", HTMLButtonElement).addEventListener("click", () => void this.#export());
  }

  get isOpen() {
    return this.#sheet.open;
  }

  open() {
    if (!this.#sheet.open) this.#sheet.showModal();
    this.show();
    void this.showRefused();
  }

  /** @param {string} key @param {Record<string, string | number>} [values] */
  #t(key, values = {}) {
    return fill(this.#texts[key] ?? key, values);
  }

  /** @param {number} ms @returns {string} in plain words */
  #age(ms) {
    if (ms < MINUTE_MS) return this.#t("age_now");
    const [key, unit] = /** @type {[string, number]} */ (ms < HOUR_MS ? ["age_minutes", MINUTE_MS] : ms < 2 * DAY_MS ? ["age_hours", HOUR_MS] : ["age_days", DAY_MS]);
    return this.#t(key, { n: Math.floor(ms / unit) });
  }

  /** @param {Facts} facts @returns {{ count: string, age: string }} age: empty when nothing waits */
  #waiting({ sync }) {
    if (sync.left === 0) return { count: this.#t("all_sent"), age: "" };
    const age = sync.oldestAt === null ? "" : this.#age(Math.max(0, this.#now() - sync.oldestAt));
    return { count: this.#t("unsent", { n: sync.left }), age };
  }

  /** @param {Facts} facts @returns {"ok" | "offline" | "trouble"} */
  #net({ online, sync }) {
    if (!online) return "offline";
    return sync.failures > 0 ? "trouble" : "ok";
  }

  /** Paints the line, and the sheet when it is open. */
  show() {
    const facts = this.#facts();
    const net = this.#net(facts);
    this.#line.dataset.net = net;
    this.#line.dataset.left = String(facts.sync.left);
    const { count, age } = this.#waiting(facts);
    setText(byId("queue-words", HTMLElement), count);
    setText(byId("net-words", HTMLElement), [age, this.#t(`net_${net}`)].filter(Boolean).join(" · "));
    if (!this.#sheet.open) return;
    setText(byId("status-waiting", HTMLElement), [count, age].filter(Boolean).join(" · "));
    setText(byId("status-net", HTMLElement), this.#t(`net_${net}_more`));
    const { nextTryAt, lastOkAt, phase } = facts.sync;
    const next = phase === "sending" ? this.#t("sending") : nextTryAt === null || facts.sync.left === 0 ? "" : this.#t("next_try", { time: localTime(nextTryAt) });
    setText(byId("status-next", HTMLElement), next);
    setText(byId("status-last", HTMLElement), lastOkAt === null ? "" : this.#t("last_ok", { time: localTime(lastOkAt) }));
    byId("send-now", HTMLButtonElement).disabled = facts.sync.left === 0;
    byId("export", HTMLButtonElement).disabled = facts.sync.left === 0;
    this.#warnings(facts);
    setText(byId("status-device", HTMLElement), this.#t("device", { id: facts.device, time: facts.kitAt === null ? "–" : localMoment(facts.kitAt) }));
  }

  /** @param {Facts} facts */
  #warnings({ offsetMs, persisted, revoked }) {
    const list = byId("status-warnings", HTMLElement);
    const told = [];
    if (revoked) told.push(this.#t("revoked_title"));
    if (offsetMs !== null && Math.abs(offsetMs) > CLOCK_MS_MAX) {
      told.push(this.#t(offsetMs > 0 ? "clock_slow" : "clock_fast", { n: Math.round(Math.abs(offsetMs) / MINUTE_MS) }));
    }
    if (persisted === false) told.push(this.#t("not_persisted"));
    if (list.textContent !== told.join("")) list.replaceChildren(...told.map((text) => words("p", "warning", text)));
    if (persisted) setText(byId("status-storage", HTMLElement), this.#t("persisted"));
  }

  /** Lists what the server could not take. */
  async showRefused() {
    const rows = await this.#outbox.refused().catch(() => []);
    this.#line.dataset.refused = String(rows.length);
    const badge = byId("refused-words", HTMLElement);
    badge.hidden = rows.length === 0;
    setText(badge, this.#t("refused_count", { n: rows.length }));
    byId("status-refused", HTMLElement).hidden = rows.length === 0;
    byId("refused-list", HTMLElement).replaceChildren(...rows.map((row) => {
      const item = words("li", "", "");
      const said = words("div", "", "");
      said.append(words("strong", "", `${localMoment(row.at)} · ${row.title}`), words("p", "", row.text));
      item.append(said, button("secondary small", this.#t("dismiss"), () => void this.#dismiss(row.id)));
      return item;
    }));
  }

  /** @param {string} id */
  async #dismiss(id) {
    await this.#outbox.dismiss(id).catch(() => {});
    await this.showRefused();
  }

  /** Hands the sealed queue to the keeper as a file. It stays in the queue too: the server knows what it has. */
  async #export() {
    const now = this.#now();
    const text = await this.#outbox.exportText(now);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `vaora-hang-doi-${localMoment(now).replace(/\D+/g, "-")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), MINUTE_MS);
    setText(byId("status-next", HTMLElement), this.#t("exported"));
  }
}
