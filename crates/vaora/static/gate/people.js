// @ts-check
// What this device remembers of people, without knowing them: who came in, and whose phone was asked for. A person is the
// keyed hash of what was shown; the key can't leave the browser, so a found device names nobody.
import { toBase64url } from "../queue/base64url.js";

const KEY = "person-key";
const INSIDE = "inside";
const ASKED = "asked";
/** Bytes kept of a hash: more than any device will meet people. */
const HASH_LEN = 12;
/** Most people remembered as asked; the oldest is asked again. */
const ASKED_MAX = 20_000;
/** Most people remembered as inside. */
const INSIDE_MAX = 20_000;
/** How long changes are gathered before they are written, in milliseconds. */
const WRITE_MS = 1_000;

/** @typedef {import("../queue/outbox.js").Outbox} Outbox */

/** @param {Outbox} outbox @returns {Promise<CryptoKey>} made on the first call; it can't be exported */
async function personKey(outbox) {
  const known = await outbox.getMeta(KEY);
  if (known instanceof CryptoKey) return known;
  const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await outbox.putMeta(KEY, made);
  return made;
}

export class People {
  #outbox;
  #key;
  /** @type {Map<string, number>} when, by hash; oldest first */ #inside;
  /** @type {Map<string, number>} */ #asked;
  /** Tells the other tabs of this device. */ #channel = new BroadcastChannel("vaora-gate-people");
  /** @type {Set<"inside" | "asked">} lists that the disk does not have yet */ #unwritten = new Set();

  /** @param {Outbox} outbox @param {CryptoKey} key @param {Map<string, number>} inside @param {Map<string, number>} asked */
  constructor(outbox, key, inside, asked) {
    this.#outbox = outbox;
    this.#key = key;
    this.#inside = inside;
    this.#asked = asked;
    this.#channel.addEventListener("message", ({ data }) => this.#apply(data.list, data.hash, data.at));
  }

  /** @param {Outbox} outbox @returns {Promise<People>} */
  static async open(outbox) {
    const map = (/** @type {unknown} */ value) => (value instanceof Map ? value : new Map());
    return new People(outbox, await personKey(outbox), map(await outbox.getMeta(INSIDE)), map(await outbox.getMeta(ASKED)));
  }

  /** @param {string} identity what tells the person from others, such as a document's number @returns {Promise<string>} */
  async hash(identity) {
    const whole = await crypto.subtle.sign("HMAC", this.#key, new TextEncoder().encode(identity));
    return toBase64url(new Uint8Array(whole, 0, HASH_LEN));
  }

  /** @param {string} hash @param {number} since milliseconds; whoever came in before has left @returns {boolean} */
  isInside(hash, since) {
    return (this.#inside.get(hash) ?? -Infinity) >= since;
  }

  /** @param {string} hash @returns {boolean} */
  wasAsked(hash) {
    return this.#asked.has(hash);
  }

  /** @param {string} hash @param {"in" | "out"} kind @param {number} at milliseconds @param {number} since see {@link isInside} */
  moved(hash, kind, at, since) {
    for (const [other, cameAt] of this.#inside) if (cameAt < since) this.#inside.delete(other);
    this.#note("inside", hash, kind === "in" ? at : null);
  }

  /** @param {string} hash @param {number} at milliseconds */
  asked(hash, at) {
    this.#note("asked", hash, at);
  }

  /** @param {"inside" | "asked"} list @param {string} hash @param {number | null} at */
  #apply(list, hash, at) {
    const [map, most] = list === "inside" ? [this.#inside, INSIDE_MAX] : [this.#asked, ASKED_MAX];
    map.delete(hash);
    if (at !== null) map.set(hash, at);
    for (const oldest of map.keys()) {
      if (map.size <= most) break;
      map.delete(oldest);
    }
  }

  /**
   * Written behind the answer and seldom: it must not hold up the next scan, and what is lost with the battery costs a
   * question or a touch.
   * @param {"inside" | "asked"} list @param {string} hash @param {number | null} at
   */
  #note(list, hash, at) {
    this.#apply(list, hash, at);
    this.#channel.postMessage({ list, hash, at });
    if (this.#unwritten.size === 0) setTimeout(() => void this.#write(), WRITE_MS);
    this.#unwritten.add(list);
  }

  async #write() {
    const lists = [...this.#unwritten];
    this.#unwritten.clear();
    for (const list of lists) {
      const [name, map] = list === "inside" ? [INSIDE, this.#inside] : [ASKED, this.#asked];
      await this.#outbox.putMeta(name, map).catch(() => {
        // A full device remembers nobody; it still asks and records.
      });
    }
  }
}
