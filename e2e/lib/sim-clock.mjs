// Virtual time and chance for simulations: the same seed gives the same run to the last event.

/** How many events run before the machine may see to other things, such as signals. */
const EVENTS_AT_ONCE = 10_000;

/** Lets every promise that can go on do so: node takes up its next tick when no promise is left to run. */
const settled = () => new Promise((resolve) => { process.nextTick(resolve); });
const breath = () => new Promise((resolve) => { setImmediate(resolve); });

/** Events in the order of their times, and of their making where the times are equal. */
export class VirtualTime {
  /** @type {{ at: number, order: number, run: () => unknown }[]} a binary heap */ #heap = [];
  #order = 0;

  /** @param {number} now milliseconds */
  constructor(now = 0) {
    this.now = now;
  }

  /** @param {number} ms from now, at least 0 @param {() => unknown} run may return a promise, which stops time until it settles */
  after(ms, run) {
    const heap = this.#heap;
    this.#order += 1;
    const event = { at: this.now + Math.max(0, ms), order: this.#order, run };
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = /** @type {typeof event} */ (heap[parent]);
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  /** @param {number} ms @returns {Promise<void>} */
  sleep(ms) {
    return new Promise((resolve) => { this.after(ms, resolve); });
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const [one, other] = [heap[left], heap[left + 1]];
      const child = other && one && isBefore(other, one) ? left + 1 : left;
      const below = /** @type {typeof first} */ (heap[child]);
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  /** Runs all events up to a moment, which is then. @param {number} end @returns {Promise<number>} how many */
  async runUntil(end) {
    let count = 0;
    await settled();
    while (this.#heap[0] && this.#heap[0].at <= end) {
      const event = this.#pop();
      if (!event) break;
      this.now = event.at;
      count += 1;
      await event.run();
      await settled();
      if (count % EVENTS_AT_ONCE === 0) await breath();
    }
    if (Number.isFinite(end)) this.now = end;
    return count;
  }
}

/** @param {{ at: number, order: number }} one @param {{ at: number, order: number }} other */
function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/**
 * Chance from a seed: the generator "sfc32" of PractRand, 128 bits of state.
 * @param {number} seed
 * @returns {() => number} at least 0, below 1
 */
export function chance(seed) {
  let [a, b, c, counter] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first values still show the seed.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** A running hash of all that happened. */
export class Trace {
  #one = 0x811c9dc5;
  #other = 0x1000193;
  length = 0;

  /** @param {...number} values */
  add(...values) {
    for (const value of values) {
      this.#one = Math.imul(this.#one ^ (value | 0), 0x01000193);
      this.#other = Math.imul(this.#other ^ Math.floor(value / 65_536) ^ this.#one, 0x85ebca6b);
      this.#other ^= this.#other >>> 13;
    }
    this.length += 1;
  }

  /** @returns {string} */
  hash() {
    return [this.#one, this.#other, this.length].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
