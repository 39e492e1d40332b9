// What must hold at the end of a simulated day.
import { toBase64url } from "../../crates/vaora/static/queue/base64url.js";

/** Furthest that the measured offset of a clock may be off: half of the longest wait for an answer, in milliseconds. */
const OFFSET_MS_MAX = 4_001;

/** @typedef {import("./sim-outbox.mjs").Item} Item */
/** @typedef {import("./sim-server.mjs").Row} Row */

/**
 * @typedef {object} Count
 * @property {number} green scans shown green
 * @property {number} unshown scans stored when the gate died before it could show them
 * @property {number} red scans not stored, and said so
 * @property {number} accepted at the server
 * @property {number} quarantined at the server
 * @property {number} refused on the gates' lists
 * @property {number} waiting in the outboxes of revoked gates, and nowhere else
 * @property {number} duplicates scans that left their outbox as duplicates
 */

/**
 * @param {import("./sim.mjs").World} world
 * @returns {Promise<{ count: Count, problems: string[] }>}
 */
export async function check(world) {
  /** @type {string[]} */ const problems = [];
  const count = { green: 0, unshown: 0, red: 0, accepted: 0, quarantined: 0, refused: 0, waiting: 0, duplicates: 0 };
  const sent = world.gates.flatMap((gate) => [...gate.green, ...[...gate.unsure.values()].map((item) => ({ ...item, seq: 0 }))]);
  /** @type {Map<string, Row[]>} */ const rows = new Map();
  for (const row of await world.server.rows(sent)) rows.set(row.id, [...(rows.get(row.id) ?? []), row]);
  for (const gate of world.gates) ofGate(gate, rows, count, problems);
  // What is left was never scanned by anybody.
  for (const id of rows.keys()) problems.push(`${id}: the server has it, no gate scanned it`);
  const { green, unshown, accepted, quarantined, refused, waiting } = count;
  if (green + unshown !== accepted + quarantined + refused + waiting) {
    problems.push(`${green} green + ${unshown} unshown ≠ ${accepted} accepted + ${quarantined} quarantined + ${refused} refused + ${waiting} waiting`);
  }
  return { count, problems };
}

/**
 * @param {import("./sim-gate.mjs").Gate} gate
 * @param {Map<string, Row[]>} rows those of this gate are taken out
 * @param {Count} count
 * @param {string[]} problems
 */
function ofGate(gate, rows, count, problems) {
  const { disk, green, unsure, red } = gate;
  const tell = (/** @type {string} */ words) => problems.push(`gate ${gate.number}: ${words}`);
  /** @type {number[]} */ const seqs = [];
  const durable = { all: 0, waiting: 0 };
  const scans = [...green, ...[...unsure.values()].map((item) => ({ ...item, seq: 0 }))];
  for (const scan of scans) {
    const isGreen = !unsure.has(scan.id);
    const kept = rows.get(scan.id) ?? [];
    rows.delete(scan.id);
    const [waits, refused] = [disk.outbox.get(scan.id), disk.refused.get(scan.id)];
    if (kept.length > 1) tell(`${scan.id} is at the server ${kept.length} times`);
    if (refused && (kept.length > 0 || waits)) tell(`${scan.id} is refused and somewhere else`);
    if (isGreen && kept.length === 0 && !refused && !waits) tell(`${scan.id} was shown green and is lost`);
    if (waits && gate.revoked !== "untraced") tell(`${scan.id} was never sent`);
    for (const copy of [...kept, refused, waits]) if (copy) seqs.push(same(scan, copy, tell));
    if (kept.length > 0 && waits) seqs.pop();
    for (const row of kept) count[row.outcome] += 1;
    durable.all += kept.length;
    if (kept.length > 0 && waits) durable.waiting += 1;
    if (refused) count.refused += 1;
    if (waits && kept.length === 0) count.waiting += 1;
    if (isGreen) count.green += 1;
    else if (kept.length > 0 || refused || waits) count.unshown += 1;
  }
  for (const id of red) if (rows.has(id) || disk.outbox.has(id) || disk.refused.has(id)) tell(`${id} was shown red and is stored`);
  count.red += red.length;
  count.duplicates += disk.settled.duplicate;
  numbers(seqs, disk.seq, tell);
  const { accepted, duplicate, quarantined } = disk.settled;
  if (accepted + duplicate + quarantined !== durable.all - durable.waiting) {
    tell(`${accepted} accepted + ${duplicate} duplicate + ${quarantined} quarantined ≠ ${durable.all - durable.waiting} sent`);
  }
  engines(gate, tell);
}

/**
 * The copy is what was scanned: place of sealing, time and number.
 * @param {Item} scan
 * @param {Item | Row} copy
 * @param {(words: string) => void} tell
 * @returns {number} the copy's sequence number
 */
function same(scan, copy, tell) {
  if (copy.device !== scan.device) tell(`${scan.id} is of device ${copy.device}, not ${scan.device}`);
  if (copy.at !== scan.at) tell(`${scan.id} was scanned at ${scan.at} and kept as of ${copy.at}`);
  if (scan.seq > 0 && copy.seq !== scan.seq) tell(`${scan.id} had number ${scan.seq} and has ${copy.seq}`);
  const sealed = typeof copy.sealed === "string" ? copy.sealed : toBase64url(copy.sealed);
  if (sealed !== toBase64url(scan.sealed)) tell(`${scan.id} was changed on its way`);
  return copy.seq;
}

/** Sequence numbers run from 1 without gaps. @param {number[]} seqs @param {number} last @param {(words: string) => void} tell */
function numbers(seqs, last, tell) {
  seqs.sort((one, other) => one - other);
  if (seqs.length !== last || seqs.some((seq, index) => seq !== index + 1)) tell(`numbers ${seqs.join(" ")} instead of 1 to ${last}`);
}

/** What the pages show in the end. @param {import("./sim-gate.mjs").Gate} gate @param {(words: string) => void} tell */
function engines(gate, tell) {
  for (const { sync, offsetTakenAt } of gate.tabs) {
    const { phase, left, clockOffsetMs } = sync.state;
    const isDone = phase === "idle" || (phase === "revoked" && gate.revoked === "untraced");
    if (!isDone) tell(`is ${phase} in the end`);
    if (left !== gate.disk.outbox.size) tell(`shows ${left} unsent of ${gate.disk.outbox.size}`);
    // A clock that was set while the answer was on its way is known at the next answer only.
    if (clockOffsetMs === null || offsetTakenAt < gate.skewChangedAt + 2 * OFFSET_MS_MAX) continue;
    if (Math.abs(clockOffsetMs + gate.skewMs) > OFFSET_MS_MAX) tell(`takes its clock to be off by ${-clockOffsetMs} ms instead of ${gate.skewMs}`);
  }
}
