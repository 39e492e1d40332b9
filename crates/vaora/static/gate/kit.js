// @ts-check
// The kit: what a device needs to work a week without the network. Fetched when there is one, kept beside the outbox.
import { verifyCard } from "../reader/read.js";
import { sealer } from "../queue/seal.js";
import { fromBase64url } from "./bytes.js";

/**
 * @typedef {object} State of the place, shared by its gates while they are online
 * @property {number} server_time
 * @property {number} inside
 * @property {number | null} capacity
 * @property {number} in_today
 * @property {number} out_today
 * @property {number | null} closed_at
 * @property {boolean} revoked
 *
 * @typedef {object} KitText as the server sends it
 * @property {string} device
 * @property {"gate" | "screen"} kind
 * @property {string} gate
 * @property {string} place
 * @property {string} area
 * @property {string} commune
 * @property {number} area_id
 * @property {string | null} code
 * @property {string} base_url
 * @property {string} ingest_key
 * @property {Record<string, string>} card_keys
 * @property {string} revoked_cards
 * @property {Record<string, string>} moment_keys
 * @property {string[]} words
 * @property {string | null} opens_at
 * @property {string | null} closes_at
 * @property {State} state
 *
 * @typedef {import("../queue/outbox.js").Outbox} Outbox
 * @typedef {{ kit: KitText, fetchedAt: number, offsetMs: number }} Kept `offsetMs` is what to add to the device's clock
 * @typedef {"revoked" | "network"} Failure
 */

/** Where the kit is kept beside the outbox. */
export const KIT = "kit";
/** Bytes of a card's number. */
const NUMBER_LEN = 8;
/** How long to wait for an answer, in milliseconds. */
const ANSWER_MS_MAX = 8_000;

/**
 * Asks the server as this device.
 * @param {string} path
 * @returns {Promise<{ body: any, offsetMs: (serverTime: number) => number } | Failure>}
 */
async function ask(path) {
  const sentAt = Date.now();
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    // Only our own server's word ends a device's work: a network that sends us elsewhere is no network.
    const isAtSignIn = answer.redirected && new URL(answer.url).origin === location.origin && new URL(answer.url).pathname === "/login";
    if (answer.status === 401 || isAtSignIn) return "revoked";
    if (!answer.ok) return "network";
    const body = await answer.json();
    const middle = (sentAt + Date.now()) / 2;
    return { body, offsetMs: (serverTime) => serverTime - middle };
  } catch {
    return "network";
  }
}

/** @returns {Promise<Kept | Failure>} the server's kit of now */
export async function fetchKit() {
  const answer = await ask("/gate/kit");
  if (typeof answer === "string") return answer;
  const kit = answer.body;
  if (typeof kit?.device !== "string" || typeof kit?.ingest_key !== "string") return "network";
  return { kit, fetchedAt: Date.now(), offsetMs: answer.offsetMs(kit.state.server_time) };
}

/** @returns {Promise<{ state: State, offsetMs: number } | Failure>} the place as it is now */
export async function fetchState() {
  const answer = await ask("/gate/state");
  if (typeof answer === "string") return answer;
  if (!Number.isFinite(answer.body?.server_time)) return "network";
  return { state: answer.body, offsetMs: answer.offsetMs(answer.body.server_time) };
}

/** A kit made ready: keys imported, lists looked up quickly. */
export class Kit {
  /** @type {Map<number, Uint8Array<ArrayBuffer>>} */ #cardKeys = new Map();
  /** @type {Set<string>} hexadecimal numbers */ #revoked = new Set();
  #sealer;

  /** @param {KitText} text @param {import("../queue/seal.js").Sealer} sealing */
  constructor(text, sealing) {
    this.text = text;
    this.#sealer = sealing;
    for (const [id, key] of Object.entries(text.card_keys)) this.#cardKeys.set(Number(id), fromBase64url(key));
    const numbers = fromBase64url(text.revoked_cards);
    for (let at = 0; at + NUMBER_LEN <= numbers.length; at += NUMBER_LEN) {
      this.#revoked.add(Array.from(numbers.subarray(at, at + NUMBER_LEN), (byte) => byte.toString(16).padStart(2, "0")).join(""));
    }
  }

  /**
   * @param {KitText} text
   * @param {Kit | null} [before] the kit in use: under the same key its sitting goes on
   * @returns {Promise<Kit>}
   * @throws when its keys are no keys
   */
  static async open(text, before = null) {
    const isSame = before?.text.ingest_key === text.ingest_key;
    return new Kit(text, before && isSame ? before.#sealer : await sealer(fromBase64url(text.ingest_key)));
  }

  get device() {
    return this.text.device;
  }

  /** @param {Uint8Array} plain @param {Uint8Array} bound @returns {Promise<Uint8Array>} */
  seal(plain, bound) {
    return this.#sealer.seal(plain, bound);
  }

  /** Forgets the key of the scans sealed so far: nobody stands before the page any more. */
  leave() {
    this.#sealer.leave();
  }

  /**
   * Why one of our own cards does not count, if it does not.
   * @param {import("../reader/read.js").Reading} reading
   * @returns {Promise<"card_false" | "card_revoked" | undefined>}
   */
  async cardProblem(reading) {
    if (!(await verifyCard(reading, this.#cardKeys))) return "card_false";
    return this.#revoked.has(reading.fields.card_number ?? "") ? "card_revoked" : undefined;
  }
}
