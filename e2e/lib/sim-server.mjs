// The server's side of the contract as a model: exact, in memory, and moody in all the ways it is allowed to be.

/**
 * @typedef {object} Reply what comes back over HTTP
 * @property {number} status
 * @property {string | null} retryAfter
 * @property {string} text
 *
 * @typedef {object} Row what the server keeps of a scan
 * @property {string} id
 * @property {string} device
 * @property {number} at
 * @property {number} seq
 * @property {string} sealed base64url
 * @property {"accepted" | "quarantined"} outcome
 *
 * @typedef {object} Server what `simulate` needs; each may be waited for, and virtual time stands still meanwhile
 * @property {(gate: number) => string | Promise<string>} enrol the device's name
 * @property {(item: { device: string, id: string, at: number }) => Uint8Array | Promise<Uint8Array>} seal
 * @property {(device: string, body: string, at: number) => Reply | Promise<Reply>} handle one request
 * @property {(device: string, how: "traced" | "untraced", at: number) => void | Promise<void>} revoke traced: later scans are quarantined; untraced: the device is unknown
 * @property {(items: import("./sim-outbox.mjs").Item[]) => Row[] | Promise<Row[]>} rows all that is kept of these scans, and a row for each time it is kept
 */

/** What the model does with a scan, by the first byte of what is sealed. */
const FATE = { malformed: 1, refused: 2, quarantined: 3, accepted: 4 };

/** @implements {Server} */
export class ModelServer {
  /** @type {Map<string, Row[]>} */ #rows = new Map();
  /** @type {Map<string, { how: "traced" | "untraced", at: number }>} */ #revoked = new Map();
  #random;
  #dedup;
  #sealed = 0;

  /**
   * @param {() => number} random
   * @param {{ dedup?: boolean, moods?: boolean, sizeMax?: number }} [options] moods: busy answers, answers with gaps; sizeMax: most items before a 413
   */
  constructor(random, { dedup = true, moods = true, sizeMax = 100 } = {}) {
    this.#random = random;
    this.#dedup = dedup;
    this.moods = moods;
    this.sizeMax = sizeMax;
  }

  /** @param {number} gate */
  enrol(gate) {
    return `device-${gate}`;
  }

  /** Not sealed at all, but different for each scan. @returns {Uint8Array} */
  seal() {
    this.#sealed += 1;
    const dice = this.#random();
    let fate = FATE.accepted;
    if (dice < 0.01) fate = FATE.malformed;
    else if (dice < 0.03) fate = FATE.refused;
    else if (dice < 0.06) fate = FATE.quarantined;
    return Uint8Array.of(fate, this.#sealed >> 16, this.#sealed >> 8, this.#sealed, this.#random() * 256);
  }

  /** @param {string} device @param {"traced" | "untraced"} how @param {number} at */
  revoke(device, how, at) {
    this.#revoked.set(device, { how, at });
  }

  /** @param {string} device @param {string} body @param {number} at @returns {Reply} */
  handle(device, body, at) {
    const random = this.#random;
    if (this.#revoked.get(device)?.how === "untraced") return reply(401, { title: "Máy lạ" });
    if (this.moods && random() < 0.03) return reply(429, {}, random() < 0.5 ? String(Math.floor(1 + random() * 20)) : null);
    if (this.moods && random() < 0.02) return reply(500, {});
    const { items } = JSON.parse(body);
    if (items.length > this.sizeMax) return reply(413, {});
    if (items.some((/** @type {Row} */ item) => fateOf(item) === FATE.malformed)) return reply(422, { title: "Sai dạng", detail: "Không đọc được" });
    const results = items.map((/** @type {Row} */ item) => ({ id: item.id, outcome: this.#keep(item, device), reason: null, title: "", text: "" }));
    // Kept, and then the answer is lost or cut: the server died between the two.
    if (this.moods && random() < 0.02) return reply(502, {});
    if (this.moods && random() < 0.02) return { status: 200, retryAfter: null, text: JSON.stringify({ results }).slice(0, -7) };
    if (this.moods && random() < 0.03) results.splice(Math.floor(random() * results.length), 1);
    if (this.moods && random() < 0.03) results.push({ id: "nobody's", outcome: "accepted" });
    results.sort(() => 0.5 - random());
    return reply(200, { server_time: Math.floor(at), results });
  }

  /** @param {Row} item @param {string} device */
  #keep(item, device) {
    if (item.device !== device || fateOf(item) === FATE.refused) return "refused";
    const known = this.#rows.get(item.id);
    if (known && this.#dedup) return "duplicate";
    const odd = fateOf(item) === FATE.quarantined || this.#revoked.has(device);
    const outcome = odd ? "quarantined" : "accepted";
    const row = { id: item.id, device: item.device, at: item.at, seq: item.seq, sealed: item.sealed, outcome: /** @type {Row["outcome"]} */ (outcome) };
    this.#rows.set(item.id, [...(known ?? []), row]);
    return outcome;
  }

  rows() {
    return [...this.#rows.values()].flat();
  }
}

/** @param {{ sealed: string }} item */
function fateOf(item) {
  return Buffer.from(item.sealed.slice(0, 4), "base64url")[0];
}

/** @param {number} status @param {object} body @param {string | null} [retryAfter] @returns {Reply} */
export function reply(status, body, retryAfter = null) {
  return { status, retryAfter, text: JSON.stringify(body) };
}
