// An outbox in memory with the interface of the browser's: what a simulated gate has on its disk.
import { exported, heldRoom, isLive, StorageFull } from "../../crates/vaora/static/queue/outbox.js";

/** @typedef {import("../../crates/vaora/static/queue/outbox.js").Item} Item */

/** What outlives a crash of the gate: shared by all of its tabs. */
export class Disk {
  /** @type {Map<string, Item>} in the order of storing, which is that of the sequence numbers */
  outbox = new Map();
  /** @type {Map<string, import("../../crates/vaora/static/queue/outbox.js").Refused>} */
  refused = new Map();
  seq = 0;
  /** No room for anything new. */
  full = false;
  /** How many left the outbox, by the outcome that took them out. */
  settled = { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
}

export class MemoryOutbox {
  /**
   * @param {Disk} disk
   * @param {() => Promise<void>} delay passes before and after each commit; never resolves for a gate that has crashed
   */
  constructor(disk = new Disk(), delay = async () => {}) {
    this.disk = disk;
    this.delay = delay;
  }

  /** @param {import("../../crates/vaora/static/queue/outbox.js").NewItem} item */
  async add(item) {
    await this.delay();
    const { disk } = this;
    const known = disk.outbox.get(item.id);
    if (!known && disk.full) throw new StorageFull("no room");
    if (!known) {
      disk.seq += 1;
      disk.outbox.set(item.id, { ...item, seq: disk.seq });
    }
    const seq = known?.seq ?? disk.seq;
    // A crash here leaves a scan that is stored but was never shown green.
    await this.delay();
    return seq;
  }

  async count() {
    return this.disk.outbox.size;
  }

  async oldestAt() {
    for (const item of this.disk.outbox.values()) return item.at;
    return null;
  }

  /** @param {number} limit @param {number} now */
  async batch(limit, now) {
    const all = [...this.disk.outbox.values()];
    let from = all.length;
    while (from > 0 && all.length - from < limit) {
      const item = all[from - 1];
      if (!item || !isLive(item, now)) break;
      from -= 1;
    }
    const live = all.length - from;
    const oldest = all.slice(0, Math.min(from, heldRoom(limit, live)));
    const items = [...all.slice(from), ...oldest];
    const behind = all.find((item) => !items.includes(item));
    return { items, live, left: all.length - items.length, oldestAt: behind?.at ?? null };
  }

  /** @param {import("../../crates/vaora/static/queue/outbox.js").Result[]} results @param {number} now */
  async settle(results, now) {
    await this.delay();
    const { outbox, refused, full, settled } = this.disk;
    for (const { id, outcome } of results) if (outcome !== "refused" && outbox.delete(id)) settled[outcome] += 1;
    for (const { id, outcome, reason, title, text } of results) {
      const item = outbox.get(id);
      if (outcome !== "refused" || !item) continue;
      if (full) throw new StorageFull("no room");
      refused.set(id, { ...item, reason, title, text, refused_at: now });
      outbox.delete(id);
      settled.refused += 1;
    }
  }

  async refused() {
    return [...this.disk.refused.values()].sort((one, other) => one.seq - other.seq);
  }

  /** @param {string} id */
  async dismiss(id) {
    this.disk.refused.delete(id);
  }

  /** @param {number} now */
  async exportText(now) {
    return exported([...this.disk.outbox.values()], now);
  }
}
