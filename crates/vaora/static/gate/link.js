// @ts-check
// The device and its server: the kit, the place's figures, the queue, each as fresh as the network allows.
import { lockOf, post } from "../queue/net.js";
import { Sync } from "../queue/sync.js";
import { fetchKit, fetchState, KIT, Kit } from "./kit.js";

/** How often the kit is fetched anew, in milliseconds. */
const KIT_MS = 10 * 60_000;
/** How often the place's figures are asked for, in milliseconds. */
const STATE_MS = 20_000;
/** Shortest time between two questions that follow a batch, in milliseconds. */
const STATE_MS_MIN = 2_000;
/** How long the start waits for a fresh kit where an older one is at hand, in milliseconds. */
const START_MS_MAX = 4_000;

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @typedef {import("../queue/outbox.js").Outbox} Outbox
 * @typedef {import("./kit.js").Kept} Kept
 * @typedef {{ onKit: () => void, onChange: () => void, onRevoked: () => void, onRefused: () => void }} Told
 */

export class Link {
  /** @type {Kit | null} */ kit = null;
  /** When the kit was fetched, milliseconds of the device's clock. @type {number | null} */ kitAt = null;
  /** What to add to the device's clock to have the server's, as last measured. @type {number | null} */ offsetMs = null;
  isRevoked = false;
  /** The device's token is known to nobody. */ isUnknown = false;
  #outbox;
  #tally;
  #told;
  #askedAt = 0;
  /** @type {Sync} */ sync;

  /** @param {Outbox} outbox @param {import("./tally.js").Tally} tally @param {Told} told */
  constructor(outbox, tally, told) {
    this.#outbox = outbox;
    this.#tally = tally;
    this.#told = told;
    let lastOkAt = /** @type {number | null} */ (null);
    this.sync = new Sync({
      outbox: {
        count: () => outbox.count(),
        oldestAt: () => outbox.oldestAt(),
        batch: (limit, now) => outbox.batch(limit, now),
        settle: (results, now) => this.#settle(results, now),
      },
      post,
      now: Date.now,
      random: Math.random,
      sleep,
      lock: lockOf(navigator.locks),
      onChange: (state) => {
        if (state.clockOffsetMs !== null) this.offsetMs = state.clockOffsetMs;
        if (state.phase === "revoked") this.#revoke();
        if (state.lastOkAt !== lastOkAt && Date.now() - this.#askedAt > STATE_MS_MIN) void this.askState();
        lastOkAt = state.lastOkAt;
        told.onChange();
      },
    });
  }

  /** @param {import("../queue/outbox.js").Result[]} results @param {number} now */
  async #settle(results, now) {
    await this.#outbox.settle(results, now);
    this.#tally.settle(results, now);
    if (results.some(({ outcome, reason }) => outcome === "quarantined" && reason === "revoked")) this.#revoke();
    if (results.some(({ outcome }) => outcome === "refused")) this.#told.onRefused();
  }

  #revoke() {
    if (this.isRevoked) return;
    this.isRevoked = true;
    this.#told.onRevoked();
  }

  /** The server's clock as this device knows it. @returns {number} milliseconds */
  serverNow() {
    return Date.now() + (this.offsetMs ?? 0);
  }

  /** Makes the kit ready: the server's of now, or the one kept on the device. @returns {Promise<boolean>} false when there is none at all */
  async start() {
    const kept = /** @type {Kept | undefined} */ (await this.#outbox.getMeta(KIT).catch(() => undefined));
    const fresh = this.renewKit();
    // A device just enrolled anew must not go on under its former place; an old kit is for when the network is away.
    await Promise.race([fresh, ...(kept ? [sleep(START_MS_MAX)] : [])]);
    if (!this.kit && kept) await this.#use(kept);
    return this.kit !== null;
  }

  /** @param {Kept} kept */
  async #use(kept) {
    this.kit = await Kit.open(kept.kit, this.kit);
    this.kitAt = kept.fetchedAt;
    this.offsetMs ??= kept.offsetMs;
    this.#told.onKit();
  }

  async renewKit() {
    const askedAt = Date.now();
    const answer = await fetchKit();
    if (answer === "network") return;
    if (answer === "revoked") {
      this.isUnknown = true;
      return this.#revoke();
    }
    this.offsetMs = answer.offsetMs;
    await this.#use(answer);
    this.#tally.share(answer.kit.state, askedAt);
    await this.#outbox.putMeta(KIT, answer).catch(() => {
      // A full device keeps its former kit, and goes on with this one while the page is open.
    });
  }

  async askState() {
    if (this.isRevoked || !this.kit) return;
    const askedAt = Date.now();
    this.#askedAt = askedAt;
    const answer = await fetchState();
    if (answer === "network") return;
    if (answer === "revoked" || answer.state.revoked) return this.#revoke();
    this.offsetMs = answer.offsetMs;
    this.#tally.share(answer.state, askedAt);
    this.#told.onChange();
  }

  /** Keeps everything fresh from now on. */
  run() {
    addEventListener("online", () => {
      void this.sync.kick("online");
      void this.askState();
      this.#told.onChange();
    });
    addEventListener("offline", () => this.#told.onChange());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return this.kit?.leave();
      void this.sync.kick("visible");
      void this.askState();
    });
    // A page may be put away whole, and come back as it was.
    addEventListener("pagehide", () => this.kit?.leave());
    setInterval(() => { if (!document.hidden && navigator.onLine) void this.askState(); }, STATE_MS);
    setInterval(() => { if (navigator.onLine) void this.renewKit(); }, KIT_MS);
    setInterval(() => void this.sync.kick("timer"), STATE_MS);
    void this.sync.kick("timer");
  }
}
