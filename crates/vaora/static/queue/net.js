// @ts-check
// Batches to the server and its answers back, as one of a few cases. Knows HTTP, so that nothing else must.
import { toBase64url } from "./base64url.js";

/**
 * @typedef {import("./outbox.js").Item} Item
 * @typedef {import("./outbox.js").Result} Result
 *
 * @typedef {object} Batch
 * @property {number} sentAt milliseconds of the device's clock
 * @property {number} left how many stay in the outbox after this batch
 * @property {number | null} oldestAt time of the oldest of those
 * @property {Item[]} items
 *
 * @typedef {{ kind: "taken", serverTime: number | null, results: Result[] }} Taken
 * @typedef {{ kind: "revoked" }} Revoked the server does not know this device, or no longer
 * @typedef {{ kind: "too_large", title: string, text: string }} TooLarge
 * @typedef {{ kind: "malformed", title: string, text: string }} Malformed something in the batch can't be read
 * @typedef {{ kind: "busy", retryAfterMs: number | null }} Busy the server answered, but not now
 * @typedef {{ kind: "network" }} Network nothing came back, or not from our server
 * @typedef {Taken | Revoked | TooLarge | Malformed | Busy | Network} Answer
 */

const ADDRESS = "/api/v1/queue";
/** How long to wait for an answer, in milliseconds. */
const ANSWER_MS_MAX = 8_000;
const OUTCOMES = new Set(["accepted", "duplicate", "quarantined", "refused"]);

/** @param {Batch} batch @returns {string} the request's JSON */
export function bodyOf({ sentAt, left, oldestAt, items }) {
  const rows = items.map(({ id, device, at, seq, sealed }) => ({ id, device, at, seq, sealed: toBase64url(sealed) }));
  return JSON.stringify({ sent_at: sentAt, left, oldest_at: oldestAt, items: rows });
}

/** @param {string} text @returns {any} undefined when it is not JSON, as from a hotel's log-in page */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} row @returns {Result[]} none when it says nothing that we know: such an item waits on */
function resultOf(row) {
  if (typeof row?.id !== "string" || !OUTCOMES.has(row.outcome)) return [];
  const reason = typeof row.reason === "string" ? row.reason : null;
  return [{ id: row.id, outcome: row.outcome, reason, title: String(row.title ?? ""), text: String(row.text ?? "") }];
}

/**
 * Only seconds are read: a date would need two clocks that agree.
 * @param {string | null} header Retry-After @returns {number | null} milliseconds
 */
function retryAfterOf(header) {
  return header !== null && /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : null;
}

/**
 * Reads an answer. What is not clearly our server's word never costs a scan: it waits on.
 * @param {number} status
 * @param {string | null} retryAfter the header, if any
 * @param {string} text the body
 * @returns {Answer}
 */
export function answerOf(status, retryAfter, text) {
  const body = parsed(text);
  const words = { title: String(body?.title ?? ""), text: String(body?.detail ?? "") };
  if (status === 200 && Array.isArray(body?.results)) {
    const serverTime = Number.isFinite(body.server_time) ? body.server_time : null;
    return { kind: "taken", serverTime, results: body.results.flatMap(resultOf) };
  }
  if (status === 401) return { kind: "revoked" };
  if (status === 413) return { kind: "too_large", ...words };
  if (status === 422 && body !== undefined) return { kind: "malformed", ...words };
  if (status >= 400) return { kind: "busy", retryAfterMs: retryAfterOf(retryAfter) };
  return { kind: "network" };
}

/**
 * Sends a batch. The same batch may be sent again: the server knows its items by their ids.
 * @param {Batch} batch
 * @returns {Promise<Answer>} never fails
 */
export async function post(batch) {
  try {
    const response = await fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: bodyOf(batch),
      credentials: "same-origin",
      cache: "no-store",
      // A network that sends us elsewhere is no network.
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    return answerOf(response.status, response.headers.get("retry-after"), await response.text());
  } catch {
    return { kind: "network" };
  }
}

/**
 * Lets only one tab send at a time. Where the browser has no locks, tabs may send the same scan twice, which is harmless.
 * @param {LockManager | undefined} locks `navigator.locks`
 * @param {string} [name]
 * @returns {<T>(work: () => Promise<T>) => Promise<T | undefined>} undefined when another tab has the lock
 */
export function lockOf(locks, name = "vaora-gate-sync") {
  return async (work) => {
    if (!locks) return work();
    return locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  };
}
