// @ts-check
// Scans on their way to the server: made here with an id of the device, sent, sent again under the same id.

/**
 * @typedef {"in" | "out"} Kind
 * @typedef {object} Scan one scan as the API takes it
 * @property {string} id
 * @property {Kind} kind
 * @property {string} captured_at RFC 3339
 * @property {string | null} code
 * @property {{ name: string, phone: string } | null} typed
 * @property {string | null} phone
 * @property {boolean} no_phone
 *
 * @typedef {object} Result
 * @property {string} id
 * @property {"accepted" | "duplicate" | "needs_phone" | "rejected"} outcome
 * @property {Kind} kind
 * @property {string | null} name
 * @property {string[]} warnings
 * @property {string | null} reason
 * @property {string} title
 * @property {string} text
 *
 * @typedef {object} Failure why nothing came back
 * @property {"network" | "busy" | "revoked" | "refused"} cause only "refused" is final for these scans
 * @property {string} title words of the server, may be empty
 * @property {string} text
 */

/** How long to wait for an answer, in milliseconds. */
const ANSWER_MS_MAX = 8_000;

/** @param {number} now milliseconds since the epoch @returns {string} a UUID of version 7 (RFC 9562): its order is that of time */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(now / 256 ** (5 - index)) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * @param {Kind} kind
 * @param {Partial<Scan>} what code or typed entry
 * @returns {Scan}
 */
export function newScan(kind, what) {
  return { id: uuid7(), kind, captured_at: new Date().toISOString(), code: null, typed: null, phone: null, no_phone: false, ...what };
}

/** @param {Response} response @returns {Promise<Failure>} */
async function failureOf(response) {
  const problem = await response.json().catch(() => ({}));
  const words = { title: String(problem.title ?? ""), text: String(problem.detail ?? "") };
  if (response.status === 401 || response.status === 403) return { cause: "revoked", ...words };
  if (response.status === 429 || response.status >= 500) return { cause: "busy", ...words };
  return { cause: "refused", ...words };
}

/**
 * Sends scans. The same scans may be sent again: the server knows them by their ids.
 * @param {Scan[]} scans
 * @returns {Promise<{ results: Result[] } | { failure: Failure }>}
 */
export async function send(scans) {
  try {
    const response = await fetch("/api/v1/scans", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ scans }),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (!response.ok) return { failure: await failureOf(response) };
    const answer = await response.json();
    return { results: answer.results };
  } catch {
    return { failure: { cause: "network", title: "", text: "" } };
  }
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
}
