// @ts-check
// The outbox: scans that the server has not confirmed yet, on the device's disk. A scan is shown green only after
// `add` has resolved, and leaves only after the server's answer. Any number of tabs may work on it at once.
import { toBase64url } from "./base64url.js";

/**
 * @typedef {object} Item one scan, sealed
 * @property {string} id UUID of version 7
 * @property {string} device
 * @property {number} at milliseconds of the device's clock
 * @property {number} seq 1 and up on this device, without gaps, in the order of storing
 * @property {Uint8Array} sealed
 *
 * @typedef {Omit<Item, "seq">} NewItem
 *
 * @typedef {object} Result the server's word on one item
 * @property {string} id
 * @property {"accepted" | "duplicate" | "quarantined" | "refused"} outcome all but "refused" are durable at the server
 * @property {string | null} reason
 * @property {string} title
 * @property {string} text
 *
 * @typedef {Item & { reason: string | null, title: string, text: string, refused_at: number }} Refused
 *
 * @typedef {object} Taken what to send next
 * @property {Item[]} items live ones first, then the oldest
 * @property {number} live how many of the items are live
 * @property {number} left how many stay behind
 * @property {number | null} oldestAt time of the oldest that stays behind
 */

/** A scan younger than this is live: it goes before any backlog. In milliseconds. */
export const LIVE_MS = 60_000;
/** Held scans sent beside live ones. More would make the live ones wait in the server's lane of what was held. */
export const HELD_BESIDE_LIVE_MAX = 10;

const NAME = "vaora-gate";
const VERSION = 1;
/** Name of the record in `meta` that holds the last sequence number given. */
const SEQ = "seq";

/** The device has no room left: the scan is not stored. */
export class StorageFull extends Error {
  name = "StorageFull";
}

/** The device's storage does not work: the scan is not stored. */
export class StorageFailed extends Error {
  name = "StorageFailed";
}

/**
 * A clock that was set makes times of the future; such a scan is not live, or it would go before the others for ever.
 * @param {{ at: number }} item @param {number} now
 */
export function isLive(item, now) {
  return Math.abs(now - item.at) < LIVE_MS;
}

/**
 * @param {number} limit items of a batch
 * @param {number} live live ones among them
 * @returns {number} how many held ones may go along
 */
export function heldRoom(limit, live) {
  return live > 0 ? Math.min(HELD_BESIDE_LIVE_MAX, limit - live) : limit;
}

/** @param {unknown} error @returns {StorageFull | StorageFailed} */
function named(error) {
  if (error instanceof StorageFull || error instanceof StorageFailed) return error;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const text = error instanceof Error || error instanceof DOMException ? error.message : String(error);
  return name === "QuotaExceededError" ? new StorageFull(text, { cause: error }) : new StorageFailed(text, { cause: error });
}

/** @param {IDBDatabase} database */
function layOut(database) {
  const outbox = database.createObjectStore("outbox", { keyPath: "id" });
  outbox.createIndex("seq", "seq", { unique: true });
  database.createObjectStore("refused", { keyPath: "id" });
  database.createObjectStore("meta", { keyPath: "name" });
}

/**
 * A request as a promise; its failure also aborts the transaction, which says so to `transact`.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Outbox {
  /** @type {IDBDatabase} */ #database;
  /** Told once when another tab needs the database's new version, or the browser closed it: open anew, or load the page anew. @type {(why: "update" | "closed") => void} */
  onClosed = () => {};

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
    database.onversionchange = () => {
      database.close();
      this.onClosed("update");
    };
    database.onclose = () => this.onClosed("closed");
  }

  /**
   * Opens the device's outbox, made on the first call. Waits while an older version is open in another tab, which
   * closes by itself.
   * @param {string} [name]
   * @returns {Promise<Outbox>}
   * @throws {StorageFull | StorageFailed}
   */
  static async open(name = NAME) {
    try {
      const request = indexedDB.open(name, VERSION);
      request.onupgradeneeded = () => layOut(request.result);
      return new Outbox(await done(request));
    } catch (error) {
      throw named(error);
    }
  }

  /** Closes it; what was begun is still carried out. */
  close() {
    this.#database.close();
  }

  /**
   * Runs `work` in one transaction and resolves when that is complete.
   * @template T
   * @param {string[]} stores
   * @param {IDBTransactionMode} mode
   * @param {"strict" | "relaxed"} durability strict: complete only when it is on the disk
   * @param {(transaction: IDBTransaction) => Promise<T>} work awaits nothing but requests of this transaction
   * @returns {Promise<T>}
   */
  async #transact(stores, mode, durability, work) {
    try {
      const transaction = this.#database.transaction(stores, mode, { durability });
      const complete = new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(undefined);
        transaction.onabort = () => reject(transaction.error);
      });
      // Waited for below; without this, a failure of `work` would leave it unheard.
      complete.catch(() => {});
      let result;
      try {
        result = await work(transaction);
      } catch (error) {
        if (transaction.error === null) tryToAbort(transaction);
        await complete.catch((aborted) => { throw aborted ?? error; });
        throw error;
      }
      await complete;
      return result;
    } catch (error) {
      throw named(error);
    }
  }

  /**
   * Stores a scan durably and gives it the next sequence number, in one transaction. The same id twice is one scan.
   * @param {NewItem} item
   * @returns {Promise<number>} its sequence number; only now may the sign turn green
   * @throws {StorageFull} when the device has no room; nothing is stored
   * @throws {StorageFailed} for any other reason; nothing is stored
   */
  add(item) {
    return this.#transact(["outbox", "meta"], "readwrite", "strict", async (transaction) => {
      const outbox = transaction.objectStore("outbox");
      const known = await done(outbox.get(item.id));
      if (known) return known.seq;
      const meta = transaction.objectStore("meta");
      const last = await done(meta.get(SEQ));
      const seq = (last?.value ?? 0) + 1;
      await done(meta.put({ name: SEQ, value: seq }));
      await done(outbox.add({ ...item, seq }));
      return seq;
    });
  }

  /** @returns {Promise<number>} how many scans wait */
  count() {
    return this.#transact(["outbox"], "readonly", "relaxed", (transaction) => done(transaction.objectStore("outbox").count()));
  }

  /** @returns {Promise<number | null>} time of the scan that waits longest, in milliseconds of the device's clock */
  oldestAt() {
    return this.#transact(["outbox"], "readonly", "relaxed", async (transaction) => {
      const [oldest] = await done(transaction.objectStore("outbox").index("seq").getAll(null, 1));
      return oldest?.at ?? null;
    });
  }

  /**
   * What to send next: live scans, then the oldest. They stay in the outbox.
   * @param {number} limit most items, at least 1
   * @param {number} now milliseconds of the device's clock
   * @returns {Promise<Taken>}
   */
  batch(limit, now) {
    return this.#transact(["outbox"], "readonly", "relaxed", async (transaction) => {
      const outbox = transaction.objectStore("outbox");
      const bySeq = outbox.index("seq");
      /** @type {Item[]} */ const live = [];
      const cursor = bySeq.openCursor(null, "prev");
      for (let at = await done(cursor); at && live.length < limit && isLive(at.value, now); at = await done(cursor)) {
        live.push(at.value);
        at.continue();
      }
      const taken = new Set(live.map((item) => item.id));
      // One more than needed shows the oldest that stays behind, if any does.
      const oldest = (await done(bySeq.getAll(null, limit + 1))).filter((item) => !taken.has(item.id));
      const room = heldRoom(limit, live.length);
      const items = [...live.reverse(), ...oldest.splice(0, room)];
      const count = await done(outbox.count());
      return { items, live: live.length, left: count - items.length, oldestAt: oldest[0]?.at ?? null };
    });
  }

  /**
   * Carries out the server's answers: what is durable there leaves, what is refused moves to the list of refused.
   * Ids that do not wait (any more) are passed over. Deletes first, so that a full device has room for the refused.
   * @param {Result[]} results
   * @param {number} now milliseconds of the device's clock
   * @returns {Promise<void>}
   * @throws {StorageFull | StorageFailed} and nothing is lost: what was not carried out waits on
   */
  async settle(results, now) {
    const durable = results.filter((result) => result.outcome !== "refused");
    const refused = results.filter((result) => result.outcome === "refused");
    // Relaxed: if the deletion is lost with the battery, the scan is sent again and is a duplicate.
    if (durable.length > 0) {
      await this.#transact(["outbox"], "readwrite", "relaxed", async (transaction) => {
        const outbox = transaction.objectStore("outbox");
        await Promise.all(durable.map((result) => done(outbox.delete(result.id))));
      });
    }
    if (refused.length === 0) return;
    await this.#transact(["outbox", "refused"], "readwrite", "relaxed", async (transaction) => {
      const outbox = transaction.objectStore("outbox");
      for (const { id, reason, title, text } of refused) {
        const item = await done(outbox.get(id));
        if (!item) continue;
        await done(transaction.objectStore("refused").put({ ...item, reason, title, text, refused_at: now }));
        await done(outbox.delete(id));
      }
    });
  }

  /** @returns {Promise<Refused[]>} in the order of storing */
  async refused() {
    /** @type {Refused[]} */
    const all = await this.#transact(["refused"], "readonly", "relaxed", (transaction) => done(transaction.objectStore("refused").getAll()));
    return all.sort((one, other) => one.seq - other.seq);
  }

  /** Takes a refused scan off the list, when the keeper has seen to it. @param {string} id @returns {Promise<void>} */
  dismiss(id) {
    return this.#transact(["refused"], "readwrite", "relaxed", (transaction) => done(transaction.objectStore("refused").delete(id)));
  }

  /**
   * The last resort: all that waits as text for a file. The scans in it are still sealed.
   * @param {number} now milliseconds of the device's clock
   * @returns {Promise<string>} JSON
   */
  async exportText(now) {
    /** @type {Item[]} */
    const items = await this.#transact(["outbox"], "readonly", "relaxed", (transaction) => done(transaction.objectStore("outbox").index("seq").getAll()));
    return exported(items, now);
  }

  /** @param {string} name @returns {Promise<any>} what the page keeps under this name, or undefined */
  async getMeta(name) {
    const record = await this.#transact(["meta"], "readonly", "relaxed", (transaction) => done(transaction.objectStore("meta").get(name)));
    return record?.value;
  }

  /**
   * Keeps state of the page beside the outbox.
   * @param {string} name any but "seq", which is the outbox's own
   * @param {unknown} value anything that can be cloned
   * @returns {Promise<void>}
   */
  async putMeta(name, value) {
    if (name === SEQ) throw new RangeError("the sequence number is the outbox's own");
    await this.#transact(["meta"], "readwrite", "strict", (transaction) => done(transaction.objectStore("meta").put({ name, value })));
  }
}

/** @param {IDBTransaction} transaction that may have ended already */
function tryToAbort(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended: its own event tells how.
  }
}

/**
 * The text of an export file.
 * @param {Item[]} items @param {number} now
 * @returns {string}
 */
export function exported(items, now) {
  const rows = items.map(({ id, device, at, seq, sealed }) => ({ id, device, at, seq, sealed: toBase64url(sealed) }));
  return JSON.stringify({ vaora_queue: 1, exported_at: now, items: rows });
}

/**
 * Asks the browser not to clear this site's storage when the device runs short. Asked only while it is not granted.
 * @param {StorageManager | undefined} storage `navigator.storage`
 * @returns {Promise<boolean>} whether the storage is safe from clearing
 */
export async function keepStorage(storage) {
  try {
    return (await storage?.persisted()) || ((await storage?.persist()) ?? false);
  } catch {
    return false;
  }
}
