// @ts-check
// How many came, left and are inside: the server's figures where it was reached, and what this device holds since. Kept
// on the device by scan id, without any person; all tabs share it.
import { localDay } from "./time.js";

/**
 * @typedef {{ kind: "in" | "out", count: number, at: number, doneAt: number | null }} Held `doneAt`: when the server took it
 * @typedef {object} Record_
 * @property {number} day local
 * @property {{ in: number, out: number, inside: number, capacity: number | null, closedAt: number | null }} base the server's
 * @property {Record<string, Held>} held by scan id
 */

const KEY = "gate-tally";

/** @param {number} day @returns {Record_} */
const empty = (day) => ({ day, base: { in: 0, out: 0, inside: 0, capacity: null, closedAt: null }, held: {} });

export class Tally {
  /** Told after every change, of other tabs too. @type {() => void} */ onChange = () => {};

  /** @param {Storage} storage @param {() => number} now */
  constructor(storage, now) {
    this.storage = storage;
    this.now = now;
  }

  /** Listens for changes by other tabs. @param {Window} window_ */
  listen(window_) {
    window_.addEventListener("storage", ({ key }) => { if (key === KEY) this.onChange(); });
  }

  /** @returns {Record_} of today; a new day begins with the capacity alone */
  #read() {
    const day = localDay(this.now());
    try {
      const kept = JSON.parse(this.storage.getItem(KEY) ?? "null");
      if (kept?.day === day) return kept;
      if (kept?.base) return { ...empty(day), base: { ...empty(day).base, capacity: kept.base.capacity } };
    } catch {
      // What cannot be read counts as nothing.
    }
    return empty(day);
  }

  /** @param {(record: Record_) => void} change */
  #update(change) {
    const record = this.#read();
    change(record);
    try {
      this.storage.setItem(KEY, JSON.stringify(record));
    } catch {
      // Without room for figures, those of the server's next answer stand.
    }
    this.onChange();
  }

  /** A scan was stored on the device. @param {string} id @param {"in" | "out"} kind @param {number} count people @param {number} at */
  add(id, kind, count, at) {
    this.#update(({ held }) => { held[id] = { kind, count, at, doneAt: null }; });
  }

  /** The server answered. @param {import("../queue/outbox.js").Result[]} results @param {number} at */
  settle(results, at) {
    this.#update(({ held }) => {
      for (const { id, outcome } of results) {
        const one = held[id];
        if (!one) continue;
        if (outcome === "accepted" || outcome === "duplicate") one.doneAt = at;
        else delete held[id];
      }
    });
  }

  /**
   * The server's figures, which hold all that it had taken when it was asked.
   * @param {import("./kit.js").State} state @param {number} askedAt
   */
  share(state, askedAt) {
    this.#update((record) => {
      record.base = { in: state.in_today, out: state.out_today, inside: state.inside, capacity: state.capacity, closedAt: state.closed_at };
      for (const [id, { doneAt }] of Object.entries(record.held)) if (doneAt !== null && doneAt <= askedAt) delete record.held[id];
    });
  }

  /** @returns {{ in: number, out: number, inside: number, capacity: number | null, closedAt: number | null }} as the page shows them */
  get figures() {
    const { base, held } = this.#read();
    const sum = { ...base };
    for (const { kind, count, at } of Object.values(held)) {
      sum[kind] += count;
      if (at >= (base.closedAt ?? 0)) sum.inside += kind === "in" ? count : -count;
    }
    return { ...sum, inside: Math.max(0, sum.inside) };
  }
}
