// @ts-check
// A scan on the device: what it is sealed from, its id, and the hold against reading one code twice.
import { aadOf } from "../queue/seal.js";

/**
 * @typedef {"in" | "out"} Kind
 * @typedef {object} Typed
 * @property {string} name
 * @property {string} phone empty only beside `no_phone`
 * @property {number} [birth_year]
 * @property {string} [address]
 *
 * @typedef {object} Captured what the server finds under the seal
 * @property {Kind} kind
 * @property {string} [code] text of the code that was read
 * @property {Typed} [typed]
 * @property {string} [phone] given for a code that carries none
 * @property {boolean} [no_phone]
 * @property {string[]} [companions]
 * @property {string} [declared_by]
 * @property {"read" | "typed" | "paper" | "telephone"} [how]
 * @property {string} [phone_of] id of the scan that this adds a phone to
 */

/** @param {number} now milliseconds since the epoch @returns {string} a UUID of version 7 (RFC 9562): its order is that of time */
export function uuid7(now) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(now / 256 ** (5 - index)) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Seals and stores a scan. It is on the device's disk when this resolves, and only then may the sign turn green.
 * @param {import("../queue/outbox.js").Outbox} outbox
 * @param {import("./kit.js").Kit} kit
 * @param {Captured} captured
 * @param {number} at milliseconds of the device's clock
 * @returns {Promise<string>} the scan's id
 * @throws {import("../queue/outbox.js").StorageFull | import("../queue/outbox.js").StorageFailed} and nothing is stored
 */
export async function store(outbox, kit, captured, at) {
  const head = { id: uuid7(at), device: kit.device, at };
  const sealed = await kit.seal(new TextEncoder().encode(JSON.stringify(captured)), aadOf(head));
  await outbox.add({ ...head, sealed });
  return head.id;
}

/** Holds back a code that is still in view, or that a reader sends twice. */
export class Seen {
  /** @type {Map<string, number>} */ #lastAt = new Map();

  /** @param {number} holdMs how long a code must be out of view before it counts anew */
  constructor(holdMs) {
    this.holdMs = holdMs;
  }

  /** @param {string} key @param {number} now @returns {boolean} true when it is new */
  isNew(key, now) {
    const lastAt = this.#lastAt.get(key);
    for (const [other, at] of this.#lastAt) if (now - at > this.holdMs) this.#lastAt.delete(other);
    this.#lastAt.set(key, now);
    return lastAt === undefined || now - lastAt > this.holdMs;
  }

  /** Lets a code count anew at once: it was not recorded. @param {string} key */
  forget(key) {
    this.#lastAt.delete(key);
  }
}
