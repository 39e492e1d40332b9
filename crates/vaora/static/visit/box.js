// @ts-check
// The visitor's box: his check-ins and cards on his own phone, and the sending of what waits. Both the page and the
// service worker use it. A classic worker reads scripts by importScripts, which knows no exports, so this file has
// none: it hangs its one object on the global `vaoraVisitBox`, and visit/store.js hands it to modules.

/**
 * @typedef {{ name: string, phone: string, birth_year?: number, address?: string }} VisitPerson
 *
 * @typedef {object} VisitScan one check-in as this phone remembers it
 * @property {string} id UUID; the same at the server, so that sending twice is one check-in
 * @property {string} code ten characters
 * @property {"in" | "out"} kind
 * @property {number} at milliseconds since 1970: of this phone's clock, or the server's for a form it took
 * @property {"queued" | "recorded" | "refused"} state refused is final; `text` then says why
 * @property {string} place empty while this phone does not know it, as are area and commune
 * @property {string} area
 * @property {string} commune
 * @property {string} text
 * @property {string} who name, to tell people of one phone apart
 * @property {VisitPerson | null} person null: the person of this phone's cookie
 * @property {string[]} companions
 * @property {string} rotating what a screen showed beside the code
 * @property {boolean} corrected true where the time was typed afterwards
 * @property {string} corrects id of the check-in whose time this one corrects, or empty
 *
 * @typedef {object} VisitCard a card as the server made it
 * @property {string} number
 * @property {string} short_number
 * @property {string} masked_name
 * @property {string} expires_on YYYY-MM-DD
 * @property {string} text of the symbol
 * @property {string} svg
 * @property {string} secret what renews it or gives it back; never in the symbol
 * @property {string} [label] whose it is, in this phone's own words
 *
 * @typedef {object} VisitSent how a sending ended
 * @property {number} left how many wait still
 * @property {"" | "offline" | "busy"} problem
 * @property {number} retryS seconds that the server asks to wait, 0 where it did not
 * @property {Record<string, string>} words the word of the minute, by id of what was just recorded
 */

/** What the page and the worker share. */
class VisitBox {
  static NAME = "vaora-visits";
  static VERSION = 1;
  /** Most check-ins in one request: the server's bound. */
  static BATCH_MAX = 50;
  /** Most check-ins kept on the phone; of those already recorded, the oldest go first. */
  static SCANS_MAX = 1_000;
  /** A request without an answer after this time counts as failed, in milliseconds; what it sent may have arrived. */
  static ANSWER_MS_MAX = 20_000;

  /** @type {Promise<IDBDatabase> | undefined} */
  #opened;
  /** Told to the other tabs and the worker whenever something changed. */
  channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(VisitBox.NAME) : null;

  /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
  #done(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  /** @returns {Promise<IDBDatabase>} */
  #database() {
    this.#opened ??= (async () => {
      const request = indexedDB.open(VisitBox.NAME, VisitBox.VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("scans", { keyPath: "id" });
        request.result.createObjectStore("cards", { keyPath: "number" });
        request.result.createObjectStore("notes", { keyPath: "name" });
      };
      const made = await this.#done(request);
      made.onversionchange = made.onclose = () => {
        made.close();
        this.#opened = undefined;
      };
      return made;
    })();
    this.#opened.catch(() => { this.#opened = undefined; });
    return this.#opened;
  }

  /**
   * Runs `work` in one transaction and resolves when it is complete; what is written is then on the disk.
   * @template T
   * @param {"scans" | "cards" | "notes"} name
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => Promise<T>} work awaits nothing but requests of this store
   * @returns {Promise<T>}
   */
  async #within(name, mode, work) {
    const transaction = (await this.#database()).transaction(name, mode, { durability: "strict" });
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    complete.catch(() => {});
    const result = await work(transaction.objectStore(name));
    await complete;
    if (mode === "readwrite") this.channel?.postMessage(name);
    return result;
  }

  /** Keeps a check-in; one already kept under this id stays as it is. @param {VisitScan} scan @returns {Promise<boolean>} whether it was new */
  add(scan) {
    return this.#within("scans", "readwrite", async (store) => {
      if (await this.#done(store.get(scan.id))) return false;
      await this.#done(store.put(scan));
      if (await this.#done(store.count()) > VisitBox.SCANS_MAX) {
        const all = /** @type {VisitScan[]} */ (await this.#done(store.getAll()));
        const oldest = all.filter((one) => one.state !== "queued").sort((a, b) => a.at - b.at)[0];
        if (oldest) await this.#done(store.delete(oldest.id));
      }
      return true;
    });
  }

  /** @returns {Promise<VisitScan[]>} oldest first */
  async scans() {
    const all = /** @type {VisitScan[]} */ (await this.#within("scans", "readonly", (store) => this.#done(store.getAll())));
    return all.sort((a, b) => a.at - b.at);
  }

  /** @param {string[]} ids */
  remove(ids) {
    return this.#within("scans", "readwrite", async (store) => { for (const id of ids) await this.#done(store.delete(id)); });
  }

  /** @returns {Promise<VisitCard[]>} */
  cards() {
    return this.#within("cards", "readonly", (store) => this.#done(store.getAll()));
  }

  /** @param {VisitCard} card */
  keepCard(card) {
    return this.#within("cards", "readwrite", async (store) => { await this.#done(store.put(card)); });
  }

  /** @param {string} number */
  removeCard(number) {
    return this.#within("cards", "readwrite", async (store) => { await this.#done(store.delete(number)); });
  }

  /** The person last recorded on this phone, for the worker, which cannot read the page's storage. @returns {Promise<VisitPerson | null>} */
  async person() {
    return (await this.#within("notes", "readonly", (store) => this.#done(store.get("person"))))?.person ?? null;
  }

  /** @param {VisitPerson | null} value null: forgets */
  keepPerson(value) {
    return this.#within("notes", "readwrite", async (store) => { await this.#done(store.put({ name: "person", person: value })); });
  }

  /** @param {VisitScan} scan @returns {object} what the server is sent */
  #row(scan) {
    const { id, code, kind, at, corrected, companions } = scan;
    const person = scan.person ? { person: scan.person } : {};
    const rotating = scan.rotating ? { rotating: scan.rotating } : {};
    return { id, code, kind, at, corrected, companions, ...person, ...rotating };
  }

  /**
   * @param {VisitScan[]} batch
   * @returns {Promise<{ results: any[] } | { failed: "offline" | "busy" | "refused", retryS: number }>} refused: the request as a whole
   */
  async #post(batch) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), VisitBox.ANSWER_MS_MAX);
    try {
      const answer = await fetch("/D/me/visits", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sent_at: Date.now(), visits: batch.map((scan) => this.#row(scan)) }),
        signal: abort.signal,
      });
      if (answer.ok) return { results: (await answer.json()).results };
      const refused = [400, 413, 422].includes(answer.status);
      return { failed: refused ? "refused" : "busy", retryS: Number(answer.headers.get("retry-after")) || 0 };
    } catch {
      return { failed: "offline", retryS: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes the server's word on a batch. @param {any[]} results */
  #settle(results) {
    return this.#within("scans", "readwrite", async (store) => {
      for (const result of results) {
        const scan = /** @type {VisitScan | undefined} */ (await this.#done(store.get(result.id)));
        // Deleted from the diary meanwhile: it stays deleted here.
        if (!scan) continue;
        const known = result.place ? { place: result.place, area: result.area, commune: result.commune } : {};
        const refused = result.outcome === "refused";
        await this.#done(store.put({ ...scan, ...known, state: refused ? "refused" : "recorded", text: refused ? result.text : "" }));
      }
    });
  }

  /** Sends all that waits, oldest first. @returns {Promise<VisitSent>} */
  async #sendAll() {
    /** @type {Record<string, string>} */
    const words = {};
    let size = VisitBox.BATCH_MAX;
    for (;;) {
      const queued = (await this.scans()).filter((scan) => scan.state === "queued");
      if (queued.length === 0) return { left: 0, problem: "", retryS: 0, words };
      // "On line" may be wrong, "off line" is not: nothing to try then.
      if (!navigator.onLine) return { left: queued.length, problem: "offline", retryS: 0, words };
      const batch = queued.slice(0, size);
      const answer = await this.#post(batch);
      if ("results" in answer) {
        await this.#settle(answer.results);
        for (const result of answer.results) if (result.word) words[result.id] = result.word;
      } else if (answer.failed !== "refused") {
        return { left: queued.length, problem: answer.failed, retryS: answer.retryS, words };
      } else if (batch.length > 1) {
        // One bad row must not hold back the others: each goes alone.
        size = 1;
      } else {
        await this.#settle(batch.map((scan) => ({ id: scan.id, outcome: "refused", text: "" })));
      }
    }
  }

  /** The same, never twice at once: two senders would do no harm, but waste the network. @returns {Promise<VisitSent>} */
  async send() {
    return navigator.locks ? await navigator.locks.request(VisitBox.NAME, () => this.#sendAll()) : await this.#sendAll();
  }
}

Object.assign(globalThis, { vaoraVisitBox: new VisitBox() });
