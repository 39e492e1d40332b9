// @ts-check
// The visitor's box: his check-ins and cards on his own phone, and the sending of what waits. Both the page and the
// service worker use it. A classic worker reads scripts by importScripts, which knows no exports, so this file has
// none: it hangs its functions on the one global `vaoraVisitBox`, and visit/store.js hands them to modules.

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
 * @property {string} [label] whose it is, in this phone's own words
 *
 * @typedef {object} VisitSent how a sending ended
 * @property {number} left how many wait still
 * @property {"" | "offline" | "busy"} problem
 * @property {number} retryS seconds that the server asks to wait, 0 where it did not
 * @property {Record<string, string>} words the word of the minute, by id of what was just recorded
 */

/** What the page and the worker share. */
function makeVisitBox() {
  const NAME = "vaora-visits";
  const VERSION = 1;
  /** Most check-ins in one request: the server's bound. */
  const BATCH_MAX = 50;
  /** Most check-ins kept on the phone; of those already recorded, the oldest go first. */
  const SCANS_MAX = 1_000;
  /** A request without an answer after this time counts as failed, in milliseconds; what it sent may have arrived. */
  const ANSWER_MS_MAX = 20_000;

  /** @type {Promise<IDBDatabase> | undefined} */
  let opened;
  /** Told to the other tabs and the worker whenever something changed. */
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(NAME) : null;

  /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
  function done(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  /** @returns {Promise<IDBDatabase>} */
  function database() {
    opened ??= (async () => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("scans", { keyPath: "id" });
        request.result.createObjectStore("cards", { keyPath: "number" });
        request.result.createObjectStore("notes", { keyPath: "name" });
      };
      const made = await done(request);
      made.onversionchange = made.onclose = () => {
        made.close();
        opened = undefined;
      };
      return made;
    })();
    opened.catch(() => { opened = undefined; });
    return opened;
  }

  /**
   * Runs `work` in one transaction and resolves when it is complete; what is written is then on the disk.
   * @template T
   * @param {"scans" | "cards" | "notes"} name
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => Promise<T>} work awaits nothing but requests of this store
   * @returns {Promise<T>}
   */
  async function within(name, mode, work) {
    const transaction = (await database()).transaction(name, mode, { durability: "strict" });
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    complete.catch(() => {});
    const result = await work(transaction.objectStore(name));
    await complete;
    if (mode === "readwrite") channel?.postMessage(name);
    return result;
  }

  /** Keeps a check-in; one already kept under this id stays as it is. @param {VisitScan} scan @returns {Promise<boolean>} whether it was new */
  function add(scan) {
    return within("scans", "readwrite", async (store) => {
      if (await done(store.get(scan.id))) return false;
      await done(store.put(scan));
      if (await done(store.count()) > SCANS_MAX) {
        const all = /** @type {VisitScan[]} */ (await done(store.getAll()));
        const oldest = all.filter((one) => one.state !== "queued").sort((a, b) => a.at - b.at)[0];
        if (oldest) await done(store.delete(oldest.id));
      }
      return true;
    });
  }

  /** @returns {Promise<VisitScan[]>} oldest first */
  async function scans() {
    const all = /** @type {VisitScan[]} */ (await within("scans", "readonly", (store) => done(store.getAll())));
    return all.sort((a, b) => a.at - b.at);
  }

  /** @param {string[]} ids */
  function remove(ids) {
    return within("scans", "readwrite", async (store) => { for (const id of ids) await done(store.delete(id)); });
  }

  /** @returns {Promise<VisitCard[]>} */
  function cards() {
    return within("cards", "readonly", (store) => done(store.getAll()));
  }

  /** @param {VisitCard} card */
  function keepCard(card) {
    return within("cards", "readwrite", async (store) => { await done(store.put(card)); });
  }

  /** @param {string} number */
  function removeCard(number) {
    return within("cards", "readwrite", async (store) => { await done(store.delete(number)); });
  }

  /** The person last recorded on this phone, for the worker, which cannot read the page's storage. @returns {Promise<VisitPerson | null>} */
  async function person() {
    return (await within("notes", "readonly", (store) => done(store.get("person"))))?.person ?? null;
  }

  /** @param {VisitPerson | null} value null: forgets */
  function keepPerson(value) {
    return within("notes", "readwrite", async (store) => { await done(store.put({ name: "person", person: value })); });
  }

  /** @param {VisitScan} scan @returns {object} what the server is sent */
  function row(scan) {
    const { id, code, kind, at, corrected, companions } = scan;
    const person = scan.person ? { person: scan.person } : {};
    const rotating = scan.rotating ? { rotating: scan.rotating } : {};
    return { id, code, kind, at, corrected, companions, ...person, ...rotating };
  }

  /**
   * @param {VisitScan[]} batch
   * @returns {Promise<{ results: any[] } | { failed: "offline" | "busy" | "refused", retryS: number }>} refused: the request as a whole
   */
  async function post(batch) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_MS_MAX);
    try {
      const answer = await fetch("/D/me/visits", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sent_at: Date.now(), visits: batch.map(row) }),
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
  function settle(results) {
    return within("scans", "readwrite", async (store) => {
      for (const result of results) {
        const scan = /** @type {VisitScan | undefined} */ (await done(store.get(result.id)));
        // Deleted from the diary meanwhile: it stays deleted here.
        if (!scan) continue;
        const known = result.place ? { place: result.place, area: result.area, commune: result.commune } : {};
        const refused = result.outcome === "refused";
        await done(store.put({ ...scan, ...known, state: refused ? "refused" : "recorded", text: refused ? result.text : "" }));
      }
    });
  }

  /** Sends all that waits, oldest first. @returns {Promise<VisitSent>} */
  async function sendAll() {
    /** @type {Record<string, string>} */
    const words = {};
    let size = BATCH_MAX;
    for (;;) {
      const queued = (await scans()).filter((scan) => scan.state === "queued");
      if (queued.length === 0) return { left: 0, problem: "", retryS: 0, words };
      // "On line" may be wrong, "off line" is not: nothing to try then.
      if (!navigator.onLine) return { left: queued.length, problem: "offline", retryS: 0, words };
      const batch = queued.slice(0, size);
      const answer = await post(batch);
      if ("results" in answer) {
        await settle(answer.results);
        for (const result of answer.results) if (result.word) words[result.id] = result.word;
      } else if (answer.failed !== "refused") {
        return { left: queued.length, problem: answer.failed, retryS: answer.retryS, words };
      } else if (batch.length > 1) {
        // One bad row must not hold back the others: each goes alone.
        size = 1;
      } else {
        await settle(batch.map((scan) => ({ id: scan.id, outcome: "refused", text: "" })));
      }
    }
  }

  /** The same, never twice at once: two senders would do no harm, but waste the network. @returns {Promise<VisitSent>} */
  async function send() {
    return navigator.locks ? await navigator.locks.request(NAME, sendAll) : await sendAll();
  }

  return { add, scans, remove, cards, keepCard, removeCard, person, keepPerson, send, channel };
}

Object.assign(globalThis, { vaoraVisitBox: makeVisitBox() });
