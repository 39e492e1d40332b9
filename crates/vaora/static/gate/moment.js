// @ts-check
// What changes with the clock at a door: the word of the minute and a screen's rotating code. As `domain::moment`.
import { fromBase64url } from "./bytes.js";
import { localDay } from "./time.js";

/** How long a rotating code is shown, in milliseconds. */
export const ROTATE_MS = 30_000;
/** How long a word is valid, in milliseconds. */
const MINUTE_MS = 60_000;
/** Crockford's base32 alphabet. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export class Moment {
  /** @type {Map<number, Promise<CryptoKey>>} by local day */ #keys = new Map();

  /** @param {import("./kit.js").KitText} kit */
  constructor(kit) {
    this.kit = kit;
  }

  /** The first four bytes of the keyed hash of a text, or undefined on a day without a key. @param {number} at @param {string} text */
  async #hash(at, text) {
    const day = localDay(at);
    const raw = this.kit.moment_keys[String(day)];
    if (raw === undefined) return undefined;
    const held = this.#keys.get(day) ?? crypto.subtle.importKey("raw", fromBase64url(raw), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    this.#keys.set(day, held);
    return new DataView(await crypto.subtle.sign("HMAC", await held, new TextEncoder().encode(text))).getUint32(0);
  }

  /** @param {number} now milliseconds by the server's clock @returns {Promise<string | undefined>} undefined after the last day of the kit */
  async word(now) {
    const hash = await this.#hash(now, `word ${Math.floor(now / MINUTE_MS)}`);
    return hash === undefined ? undefined : this.kit.words[hash % this.kit.words.length];
  }

  /** @param {number} now milliseconds by the server's clock @returns {Promise<string | undefined>} six characters, or undefined after the last day of the kit */
  async rotating(now) {
    const hash = await this.#hash(now, `code ${this.kit.area_id} ${Math.floor(now / ROTATE_MS)}`);
    if (hash === undefined) return undefined;
    return [27, 22, 17, 12, 7, 2].map((shift) => ALPHABET.charAt((hash >>> shift) & 31)).join("");
  }

  /** @param {string} rotating @returns {string} the text of the screen's symbol */
  link(rotating) {
    return `${this.kit.base_url.toUpperCase()}/D/${this.kit.code ?? ""}/${rotating}`;
  }
}
