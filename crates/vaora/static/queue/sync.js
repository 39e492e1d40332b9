// @ts-check
// Empties the outbox into the server, whatever the network does. Pure: clock, chance, sleep and network are passed in.

/**
 * @typedef {import("./outbox.js").Item} Item
 * @typedef {import("./outbox.js").Result} Result
 * @typedef {import("./net.js").Batch} Batch
 * @typedef {import("./net.js").Answer} Answer
 *
 * @typedef {object} Waiting what the engine needs of an outbox
 * @property {() => Promise<number>} count
 * @property {() => Promise<number | null>} oldestAt
 * @property {(limit: number, now: number) => Promise<import("./outbox.js").Taken>} batch
 * @property {(results: Result[], now: number) => Promise<void>} settle
 *
 * @typedef {object} State for the page
 * @property {"idle" | "sending" | "waiting" | "revoked"} phase
 * @property {number} left scans that the server has not confirmed
 * @property {number | null} oldestAt time of the oldest of them, milliseconds of the device's clock
 * @property {number} failures in a row
 * @property {number | null} nextTryAt when it is tried again, milliseconds of the device's clock
 * @property {number | null} lastOkAt when the server last took a batch
 * @property {number | null} clockOffsetMs what to add to the device's clock to have the server's
 *
 * @typedef {object} Needs
 * @property {Waiting} outbox
 * @property {(batch: Batch) => Promise<Answer>} post
 * @property {() => number} now milliseconds of the device's clock
 * @property {() => number} random at least 0, below 1
 * @property {(ms: number) => Promise<void>} sleep
 * @property {(state: State) => void} onChange
 * @property {<T>(work: () => Promise<T>) => Promise<T | undefined>} lock runs the work unless another tab does, then undefined
 *
 * @typedef {"item" | "online" | "visible" | "timer" | "asked"} Cause why to look: "asked" is the keeper's button
 * @typedef {"empty" | "failed" | "revoked"} Ending of a run
 */

/** Most items in a batch; the server takes no more. */
export const BATCH_MAX = 100;
/** Back-off: the first delay's bound and the last's, in milliseconds. */
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 120_000;
/** The longest that a server's Retry-After is believed, in milliseconds. */
const RETRY_AFTER_MS_MAX = 3_600_000;
/** Longest pause between two batches of a backlog, in milliseconds: thousands of gates come back at once. */
const PAUSE_MS_MAX = 400;
/** Longest wait after the network is back, in milliseconds, for a backlog of `SPREAD_BACKLOG` or more. */
const SPREAD_MS_MAX = 5_000;
const SPREAD_BACKLOG = 50;
/** When to look again after another tab was found sending, in milliseconds, plus up to as much again by chance. */
const OTHER_TAB_MS = 2_000;

export class Sync {
  #needs;
  /** @type {State} */
  #state = { phase: "idle", left: 0, oldestAt: null, failures: 0, nextTryAt: null, lastOkAt: null, clockOffsetMs: null };
  /** @type {Promise<void> | null} the round that goes on, through its waits */ #round = null;
  /** Something came while a run went on, so that it may have missed it. */ #again = false;
  /** The network came back: the next run waits its turn first. */ #spread = false;
  /** @type {{ cutBy: Set<Cause>, cut: () => void } | null} */ #wait = null;
  /** Most items in a batch just now; smaller after a 413 until the outbox is empty. */ #limit = BATCH_MAX;
  /** How many items are still to be sent one by one, after a 422. */ #alone = 0;
  /** The server's lower bound on the next delay, in milliseconds. */ #retryAfterMs = 0;
  #revoked = false;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /**
   * Says that there may be something to send. Harmless at any time and any number of times.
   * @param {Cause} [cause]
   * @returns {Promise<void>} resolves when the outbox is empty or the device is revoked; it need not be awaited
   */
  kick(cause = "item") {
    if (this.#revoked) return this.#look();
    if (cause === "online") this.#spread = true;
    if (this.#round) {
      this.#again = true;
      if (this.#wait?.cutBy.has(cause)) this.#wait.cut();
      if (this.#state.phase === "waiting") void this.#look();
      return this.#round;
    }
    this.#round = this.#go();
    return this.#round;
  }

  /** @param {Partial<State>} change */
  #show(change) {
    this.#state = { ...this.#state, ...change };
    this.#needs.onChange(this.#state);
  }

  /** Shows what waits, without sending. */
  async #look() {
    try {
      const [left, oldestAt] = [await this.#needs.outbox.count(), await this.#needs.outbox.oldestAt()];
      this.#show({ left, oldestAt });
    } catch {
      // The figures of before stand until the storage can be read again.
    }
  }

  /** Runs until the outbox is empty, waiting in between. */
  async #go() {
    try {
      for (;;) {
        this.#again = false;
        if (this.#spread) await this.#spreadOut();
        const ending = await this.#run();
        if (ending === "revoked") return;
        if (ending === "failed") await this.#backOff();
        if (ending === "other") await this.#wayOfOther();
        if (ending !== "empty" || this.#again) continue;
        this.#show({ phase: "idle", nextTryAt: null });
        // Looked at again, and given up in the same breath: a scan stored in between must find no round or be seen.
        if (!this.#again) return;
      }
    } finally {
      this.#round = null;
    }
  }

  /** @returns {Promise<Ending | "other">} one run, if no other tab is at it */
  async #run() {
    try {
      return (await this.#needs.lock(() => this.#drain())) ?? "other";
    } catch {
      return "failed";
    }
  }

  /** After an outage every gate is back in the same second: waits a time by chance, unless somebody stands at the door. */
  async #spreadOut() {
    this.#spread = false;
    await this.#look();
    const backlog = this.#state.left;
    const { random, outbox, now } = this.#needs;
    const { live } = await outbox.batch(1, now()).catch(() => ({ live: 0 }));
    if (backlog > 0 && live === 0) {
      await this.#pause(random() * SPREAD_MS_MAX * Math.min(1, backlog / SPREAD_BACKLOG), ["item", "asked"]);
    }
  }

  /** @returns {Promise<Ending>} */
  async #drain() {
    for (;;) {
      const { outbox, now, random, sleep } = this.#needs;
      const limit = this.#alone > 0 ? 1 : this.#limit;
      const taken = await outbox.batch(limit, now());
      this.#show({ left: taken.items.length + taken.left, oldestAt: oldestOf(taken.items, taken.oldestAt) });
      if (taken.items.length === 0) {
        this.#limit = BATCH_MAX;
        return "empty";
      }
      this.#show({ phase: "sending", nextTryAt: null });
      const ending = await this.#send(taken.items, taken.left, taken.oldestAt);
      if (ending) return ending;
      this.#show({ left: await outbox.count(), oldestAt: await outbox.oldestAt() });
      if (this.#state.left > 0) await sleep(random() * PAUSE_MS_MAX);
    }
  }

  /**
   * Sends one batch and carries out the answer.
   * @param {Item[]} items
   * @param {number} left
   * @param {number | null} oldestAt
   * @returns {Promise<Ending | undefined>} undefined to go on
   */
  async #send(items, left, oldestAt) {
    const { post, now } = this.#needs;
    const sentAt = now();
    const answer = await post({ sentAt, left, oldestAt, items });
    switch (answer.kind) {
      case "taken":
        return this.#taken(items, answer, sentAt);
      case "revoked":
        this.#revoked = true;
        this.#show({ phase: "revoked", nextTryAt: null, left: items.length + left, oldestAt: oldestOf(items, oldestAt) });
        return "revoked";
      case "too_large":
        if (items.length === 1) return this.#giveUp(items, "too_large", answer);
        this.#limit = Math.floor(items.length / 2);
        return undefined;
      case "malformed":
        if (items.length === 1) return this.#giveUp(items, "malformed", answer);
        this.#alone = items.length;
        return undefined;
      case "busy":
        this.#retryAfterMs = Math.min(answer.retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
        return "failed";
      default:
        return "failed";
    }
  }

  /**
   * @param {Item[]} items
   * @param {import("./net.js").Taken} answer
   * @param {number} sentAt
   * @returns {Promise<Ending | undefined>}
   */
  async #taken(items, answer, sentAt) {
    const { outbox, now } = this.#needs;
    const receivedAt = now();
    const clockOffsetMs = answer.serverTime === null ? this.#state.clockOffsetMs : answer.serverTime - (sentAt + receivedAt) / 2;
    const sent = new Set(items.map((item) => item.id));
    const results = answer.results.filter((result) => sent.has(result.id));
    // An answer about none of the items is no answer: without a pause they would be sent again at once, for ever.
    if (results.length === 0) return "failed";
    await outbox.settle(results, receivedAt);
    this.#alone = Math.max(0, this.#alone - 1);
    this.#show({ failures: 0, lastOkAt: receivedAt, clockOffsetMs });
    return undefined;
  }

  /**
   * The server can't read this one item, now or later: it goes where the keeper sees it, and the others go on.
   * @param {Item[]} items exactly one
   * @param {"too_large" | "malformed"} reason
   * @param {{ title: string, text: string }} words
   * @returns {Promise<undefined>}
   */
  async #giveUp(items, reason, { title, text }) {
    const { outbox, now } = this.#needs;
    await outbox.settle(items.map(({ id }) => ({ id, outcome: "refused", reason, title, text })), now());
    this.#alone = Math.max(0, this.#alone - 1);
    this.#show({ failures: 0 });
    return undefined;
  }

  /** Waits after a failure: a time by chance below a bound that doubles ("full jitter"), after the server's own bound. */
  async #backOff() {
    const failures = this.#state.failures + 1;
    const bound = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (failures - 1));
    const atLeast = this.#retryAfterMs;
    this.#retryAfterMs = 0;
    this.#show({ failures });
    await this.#look();
    // Even a network that is back does not shorten what the server asked for.
    const jitter = this.#needs.random() * bound;
    if (atLeast > 0) await this.#pause(atLeast, [], jitter);
    await this.#pause(jitter, ["online", "asked"]);
  }

  /** Waits while another tab sends, to see whether it finished or died. */
  async #wayOfOther() {
    await this.#pause(OTHER_TAB_MS * (1 + this.#needs.random()), []);
    await this.#look();
  }

  /**
   * @param {number} ms
   * @param {Cause[]} cutBy what ends the wait early
   * @param {number} [more] what may be waited after it, for the page's figure
   */
  async #pause(ms, cutBy, more = 0) {
    const { now, sleep } = this.#needs;
    this.#show({ phase: "waiting", nextTryAt: now() + ms + more });
    await new Promise((resolve) => {
      this.#wait = { cutBy: new Set(cutBy), cut: () => resolve(undefined) };
      sleep(ms).then(resolve, resolve);
    });
    this.#wait = null;
  }
}

/** @param {Item[]} items @param {number | null} other @returns {number | null} */
function oldestOf(items, other) {
  const times = items.map((item) => item.at);
  if (other !== null) times.push(other);
  return times.length > 0 ? Math.min(...times) : null;
}
