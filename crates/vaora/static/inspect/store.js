// @ts-check
// What the phone keeps: the downloaded list, and each visit from its first touch until the server has it. A visit is
// removed only on the server's own word.

/**
 * @typedef {object} Place as downloaded
 * @property {string} id of the inspection
 * @property {string} place
 * @property {string} kind
 * @property {string} address
 * @property {string} commune
 * @property {string} day
 * @property {string[]} whys
 * @property {{ code: string, area: string }[]} in_force
 * @property {string[]} retired
 *
 * @typedef {{ account: string, name: string, at: number, inspections: Place[] }} List
 *
 * @typedef {object} Visit
 * @property {string} id of the inspection
 * @property {string} account that it is for
 * @property {string} owner name of that account
 * @property {string} place
 * @property {"draft" | "queued" | "refused"} state
 * @property {string} problem the server's words, when refused
 * @property {string} delivery made here, so that it is kept once
 * @property {number} began_at
 * @property {number} ended_at
 * @property {import("./verdict.js").Judged[]} scans
 * @property {Record<string, string>} fields of the form by name
 * @property {number} entering
 * @property {number} scanning
 * @property {number} count_ms counted so far
 * @property {number} count_began_at 0 while nobody counts
 * @property {number} count_goal_ms
 * @property {ArrayBuffer[]} photos
 */

const NAME = "vaora-inspect";
const LIST = "list";
const VISITS = "visits";

/** @returns {Promise<IDBDatabase>} @throws when the browser refuses storage */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore(LIST);
      request.result.createObjectStore(VISITS, { keyPath: "id" });
    });
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
    request.addEventListener("blocked", () => reject(new Error("another tab holds an older version")));
  });
}

/** @template T @param {IDBTransactionMode} mode @param {string} store @param {(store: IDBObjectStore) => IDBRequest<T> | undefined} work @returns {Promise<T>} */
async function run(mode, store, work) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      // Strict: what the page says is kept must survive a flat battery.
      const transaction = db.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.addEventListener("complete", () => resolve(/** @type {T} */ (request?.result)));
      transaction.addEventListener("abort", () => reject(transaction.error));
    });
  } finally {
    db.close();
  }
}

/** @returns {Promise<List | undefined>} */
export const readList = () => run("readonly", LIST, (store) => store.get("now"));
/** @param {List} list */
export const keepList = (list) => run("readwrite", LIST, (store) => store.put(list, "now"));
/** @returns {Promise<Visit[]>} */
export const visits = () => run("readonly", VISITS, (store) => store.getAll());
/** @param {string} id @returns {Promise<Visit | undefined>} */
export const visit = (id) => run("readonly", VISITS, (store) => store.get(id));
/** @param {Visit} one */
export const keepVisit = (one) => run("readwrite", VISITS, (store) => store.put(one));
/** @param {string} id */
export const removeVisit = (id) => run("readwrite", VISITS, (store) => /** @type {any} */ (store.delete(id)));

/** @param {Place} place @param {List} list @returns {Visit} */
export function newVisit(place, list) {
  return {
    id: place.id, account: list.account, owner: list.name, place: place.place, state: "draft", problem: "",
    delivery: [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    began_at: Date.now(), ended_at: 0, scans: [], fields: {}, entering: 0, scanning: 0, count_ms: 0, count_began_at: 0, count_goal_ms: 0, photos: [],
  };
}
