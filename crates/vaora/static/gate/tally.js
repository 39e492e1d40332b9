// @ts-check
// How many this gate has let in and out today. The server's figures where the page brings them, else this device's own.

/** Where the day's figures are kept on the device; they hold no person. */
const KEY = "gate-tally";
/** Vietnam's offset from UTC, in milliseconds: it has no daylight saving. */
const OFFSET_MS = 7 * 3_600_000;

export class Tally {
  #day = "";
  #counts = { in: 0, out: 0 };

  /** @param {HTMLElement} app holds data-in and data-out from the server, or neither @param {HTMLElement} inElement @param {HTMLElement} outElement */
  constructor(app, inElement, outElement) {
    this.elements = { in: inElement, out: outElement };
    this.#day = today();
    if (app.dataset.in !== undefined && app.dataset.out !== undefined) {
      this.#counts = { in: Number(app.dataset.in), out: Number(app.dataset.out) };
    } else {
      this.#counts = remembered(this.#day);
    }
    this.#show();
  }

  /** @param {"in" | "out"} kind */
  add(kind) {
    const day = today();
    if (day !== this.#day) this.#counts = { in: 0, out: 0 };
    this.#day = day;
    this.#counts[kind] += 1;
    this.#show();
    try {
      localStorage.setItem(KEY, JSON.stringify({ day, ...this.#counts }));
    } catch {
      // Without storage the figures begin again with the page.
    }
  }

  #show() {
    for (const kind of /** @type {const} */ (["in", "out"])) this.elements[kind].textContent = this.#counts[kind].toLocaleString("vi-VN");
  }
}

/** @returns {string} the local day, YYYY-MM-DD */
function today() {
  return new Date(Date.now() + OFFSET_MS).toISOString().slice(0, 10);
}

/** @param {string} day @returns {{ in: number, out: number }} */
function remembered(day) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (kept.day === day) return { in: Number(kept.in) || 0, out: Number(kept.out) || 0 };
  } catch {
    // What cannot be read counts as nothing.
  }
  return { in: 0, out: 0 };
}
