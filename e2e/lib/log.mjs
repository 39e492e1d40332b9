// The scan log as it lies on the disk: id, direction and second of each scan (`scanlog::embedded::block`). Who it was is
// sealed; that can't be read here.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./env.mjs";

/** Bytes of one scan. */
const ROW_LEN = 48;
/** Milliseconds of 2020-01-01 in UTC, from which seconds are counted. */
const FROM = Date.UTC(2020, 0, 1);

/** @typedef {{ id: string, out: boolean, area: number, at: number }} Row `at`: milliseconds */

/**
 * @param {string} folder of the demo
 * @returns {Row[]} all scans that arrived in the last two days
 */
export function scanLog(folder) {
  const scans = join(folder, "data", "scans");
  if (!existsSync(scans)) throw new Error(`${scans} is missing`);
  const files = readdirSync(scans).filter((name) => name.endsWith(".sqlite")).sort().slice(-2);
  return files.flatMap((name) => {
    const said = run("sqlite3", ["-readonly", join(scans, name), "SELECT hex(scans) FROM blocks ORDER BY block_id"]).toString();
    return said.split("\n").filter(Boolean).flatMap(rowsOf);
  });
}

/** @param {string} hex @returns {Row[]} */
function rowsOf(hex) {
  const bytes = Buffer.from(hex, "hex");
  return Array.from({ length: bytes.length / ROW_LEN }, (_, index) => {
    const row = bytes.subarray(index * ROW_LEN, (index + 1) * ROW_LEN);
    const id = row.subarray(0, 16).toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    const place = row.readUInt32LE(32);
    return { id, out: place >>> 31 === 1, area: place & 0x7fffffff, at: FROM + row.readUInt32LE(36) * 1_000 };
  });
}
