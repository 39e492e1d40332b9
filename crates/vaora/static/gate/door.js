// @ts-check
// One person after the other: read, judged, sealed, stored, and only then answered. Knows no page.
import { StorageFull } from "../queue/outbox.js";
import { judge, typedIdentity } from "./judge.js";
import { Seen, store } from "./scans.js";
import { lastEnd, localDate } from "./time.js";

/**
 * @typedef {import("./scans.js").Kind} Kind
 * @typedef {import("./judge.js").Refusal} Refusal
 *
 * @typedef {object} Stored on the device's disk
 * @property {"stored"} verdict
 * @property {string} id
 * @property {Kind} kind
 * @property {string} name
 * @property {string} code empty for a typed person
 * @property {string[]} warnings
 * @property {boolean} asksPhone true where the phone may be asked for, this once
 * @property {number} companions
 *
 * @typedef {{ verdict: "not_stored", full: boolean }} NotStored
 * @typedef {Stored | Refusal | NotStored} Answer
 *
 * @typedef {object} TypedEntry
 * @property {import("./scans.js").Typed} typed
 * @property {string[]} companions
 * @property {string} declaredBy may be empty
 *
 * @typedef {object} Needs
 * @property {import("../queue/outbox.js").Outbox} outbox
 * @property {import("./people.js").People} people
 * @property {import("./tally.js").Tally} tally
 * @property {() => import("./kit.js").Kit} kit
 * @property {() => Kind | "auto"} choice
 * @property {() => number} now milliseconds of the device's clock
 * @property {import("./judge.js").Texts} texts
 */

/** A code still in view, or read again within this time, is not recorded twice. Milliseconds. */
const HOLD_MS = 5_000;
/** A code that could not be stored may be tried again after this, in milliseconds. */
const AGAIN_MS = 3_000;

export class Door {
  #needs;
  #seen = new Seen(HOLD_MS);
  /** @type {Promise<unknown>} people are recorded in the order in which they were read */ #before = Promise.resolve();

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** @param {string} code */
  #key(code) {
    return `${this.#needs.choice()} ${code}`;
  }

  /** A code that is in view while the page is busy with its person: it is not a new scan after that. @param {string} code */
  hold(code) {
    this.#seen.isNew(this.#key(code), this.#needs.now());
  }

  /** @param {string} code @returns {boolean} true when it was not in view a moment ago; asking makes it so */
  isNew(code) {
    return this.#seen.isNew(this.#key(code), this.#needs.now());
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(work) {
    const turn = this.#before.then(work);
    this.#before = turn.catch(() => {});
    return turn;
  }

  /** @param {string} code that {@link isNew} @returns {Promise<Answer>} */
  take(code) {
    return this.#inTurn(async () => {
      const { kit, now, texts, people } = this.#needs;
      const at = now();
      const person = await judge(code, kit(), localDate(at), texts);
      if (person.verdict === "refused") return person;
      const hash = await people.hash(person.identity);
      const answer = await this.#store({ code, how: "read" }, person.name, hash, at, 0);
      if (answer.verdict === "not_stored") setTimeout(() => this.#seen.forget(this.#key(code)), AGAIN_MS);
      if (answer.verdict !== "stored") return answer;
      return { ...answer, code, warnings: person.warnings, asksPhone: person.lacksPhone && !people.wasAsked(hash) };
    });
  }

  /** @param {TypedEntry} entry @returns {Promise<Answer>} */
  takeTyped({ typed, companions, declaredBy }) {
    return this.#inTurn(async () => {
      const at = this.#needs.now();
      const hash = await this.#needs.people.hash(typedIdentity(typed));
      const captured = {
        typed, how: /** @type {const} */ ("typed"), no_phone: typed.phone === "",
        ...(companions.length > 0 ? { companions } : {}), ...(declaredBy ? { declared_by: declaredBy } : {}),
      };
      return this.#store(captured, typed.name, hash, at, companions.length);
    });
  }

  /**
   * Where the direction is automatic, whoever is inside leaves.
   * @param {Omit<import("./scans.js").Captured, "kind">} what @param {string} name @param {string} hash @param {number} at @param {number} companions
   * @returns {Promise<Stored | NotStored>}
   */
  async #store(what, name, hash, at, companions) {
    const { outbox, kit, people, tally, choice } = this.#needs;
    const since = this.#insideSince(at);
    const chosen = choice();
    const kind = chosen !== "auto" ? chosen : people.isInside(hash, since) ? "out" : "in";
    try {
      const id = await store(outbox, kit(), { kind, ...what }, at);
      people.moved(hash, kind, at, since);
      tally.add(id, kind, 1 + companions, at);
      return { verdict: "stored", id, kind, name, code: "", warnings: [], asksPhone: false, companions };
    } catch (error) {
      return { verdict: "not_stored", full: error instanceof StorageFull };
    }
  }

  /** @param {number} now @returns {number} */
  #insideSince(now) {
    const { opens_at, closes_at } = this.#needs.kit().text;
    return Math.max(lastEnd(now, opens_at, closes_at), this.#needs.tally.figures.closedAt ?? 0);
  }

  /** The phone field was shown for this card: it is not shown again on this device. @param {string} code */
  async wasAsked(code) {
    const { kit, now, texts, people } = this.#needs;
    const person = await judge(code, kit(), localDate(now()), texts);
    if (person.verdict === "person") people.asked(await people.hash(person.identity), now());
  }

  /** Adds a phone to a scan: a scan of its own by which nobody comes or goes. @param {Stored} scan @param {string} phone @returns {Promise<boolean>} true when it is on the disk */
  addPhone(scan, phone) {
    const { outbox, kit, now } = this.#needs;
    return this.#inTurn(() => store(outbox, kit(), { kind: scan.kind, code: scan.code, phone, phone_of: scan.id, how: "read" }, now()).then(() => true, () => false));
  }

  /** Those who came along with somebody who was recorded a moment ago. @param {Stored} scan @param {string[]} names @returns {Promise<number>} how many are on the disk */
  addCompanions(scan, names) {
    return this.#inTurn(async () => {
      const { outbox, kit, now, tally, people } = this.#needs;
      let stored = 0;
      for (const name of names) {
        const at = now();
        const typed = { name, phone: "" };
        try {
          const id = await store(outbox, kit(), { kind: scan.kind, typed, no_phone: true, how: "typed", ...(scan.name ? { declared_by: scan.name } : {}) }, at);
          tally.add(id, scan.kind, 1, at);
          people.moved(await people.hash(typedIdentity(typed)), scan.kind, at, this.#insideSince(at));
        } catch {
          return stored;
        }
        stored += 1;
      }
      return stored;
    });
  }
}
