// @ts-check
// The diary as a file, made on this phone.
import { iso } from "./time.js";

const COLUMNS = ["at", "kind", "place", "area", "commune", "code", "who", "companions", "state", "corrected", "id", "corrects"];

/** @param {VisitScan} scan @returns {Record<string, string | boolean | string[]>} */
function plain(scan) {
  const { id, code, kind, place, area, commune, who, companions, state, corrected, corrects } = scan;
  return { at: iso(scan.at), kind, place, area, commune, code, who, companions, state, corrected, id, corrects };
}

/** @param {VisitScan[]} scans @returns {string} */
export function toJson(scans) {
  return `${JSON.stringify({ app: "vaora", visits: scans.map(plain) }, null, 2)}\n`;
}

/** One field; a text that a spreadsheet would run as a formula is made harmless. @param {unknown} value @returns {string} */
function cell(value) {
  const text = Array.isArray(value) ? value.join("; ") : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {VisitScan[]} scans @returns {string} with the mark by which spreadsheets know UTF-8 */
export function toCsv(scans) {
  const rows = scans.map((scan) => {
    const values = plain(scan);
    return COLUMNS.map((column) => cell(values[column])).join(",");
  });
  return `\uFEFF${[COLUMNS.join(","), ...rows].join("\r\n")}\r\n`;
}

/** @param {string} name @param {string} type @param {string} text */
export function saveFile(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
