// @ts-check
// The health-insurance card (BHYT), old and new form. Fields by `|`, the last one `$`; `-` means empty; text fields are
// hexadecimal UTF-8. Old: `[0]` 2 letters and 13 digits, `[4]` address, 15 fields. New: `[0]` 10 digits, `[4]` `-`, 17
// fields, `[15]` issuing office. What a gate does not need (dates of validity, hospital) is not kept, so that a space
// before `[12]` does no harm.
import { asciiUpper, fromUtf8, hasAccentedLetter, isAlphabetic, isDigits, trimSpace } from "./characters.js";
import { reading, refused } from "./fields.js";
import { date, line, putBirthDate, putBirthYear, putName } from "./text.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reason} Reason */
/** @typedef {import("./fields.js").Reading} Reading */

/** Fields of the old form, the final `$` included. */
const OLD_FIELDS = 15;

/** Fields of the new form, the final `$` included. */
const NEW_FIELDS = 17;

/** A text with this many fields and a final `$`, or with a number of either form in front, is a BHYT card. */
const FIELDS_MIN = 8;

/**
 * Reads a health-insurance card.
 * @param {string[]} cells between the bars @param {string} today YYYY-MM-DD
 * @returns {Reading | undefined} `undefined` where the fields do not look like one
 */
export function readBhyt(cells, today) {
  const parts = cells.map(trimSpace);
  const part = (/** @type {number} */ at) => parts[at] ?? "";
  const first = part(0);
  const number = normalNumber(first);
  const hasEnd = parts.at(-1) === "$";
  const isOld = isAlphabetic([...first][0] ?? "");
  if (parts.length < FIELDS_MIN || !(hasEnd || number !== undefined)) return undefined;
  if ([0, 1, 4, 15].some((at) => hasAccentedLetter(part(at)))) return refused("bhyt", "input_method_active");
  /** @type {Fields} */ const fields = { bhyt_number: number };
  /** @type {Reason[]} */ const reasons = [];
  if (number === undefined) reasons.push("bhyt_number_invalid");
  if (!hasEnd) reasons.push("end_missing");
  else if (parts.length < (isOld ? OLD_FIELDS : NEW_FIELDS)) reasons.push("fields_missing");
  const name = decode(part(1), "name", reasons);
  if (name === "") reasons.push("name_missing");
  else if (name !== undefined) putName(name, fields, reasons);
  putBirth(part(2), today, fields, reasons);
  putSex(part(3), fields, reasons);
  fields.address = line(decode(part(4), "address", reasons) ?? "");
  if (!isOld && parts.length >= NEW_FIELDS) fields.office = line(decode(part(15), "office", reasons) ?? "");
  return reading("bhyt", fields, reasons);
}

/**
 * A health-insurance number in capitals: 2 letters and 13 digits, or 10 digits.
 * @param {string} text
 * @returns {string | undefined} `undefined` for anything else
 */
export function normalNumber(text) {
  return /^([A-Za-z]{2}[0-9]{13}|[0-9]{10})$/.test(text) ? asciiUpper(text) : undefined;
}

/**
 * Decodes a hexadecimal field.
 * @param {string} hex @param {"name" | "address" | "office"} field @param {Reason[]} reasons
 * @returns {string | undefined} empty for an empty field; `undefined` where it is damaged, and the reason has been given
 */
function decode(hex, field, reasons) {
  if (hex === "" || hex === "-") return "";
  if (!/^[0-9A-Fa-f]*$/.test(hex)) {
    reasons.push(`${field}_not_hex`);
    return undefined;
  }
  if (hex.length % 2 !== 0) {
    reasons.push(`${field}_hex_odd_length`);
    return undefined;
  }
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  const text = fromUtf8(bytes);
  if (text === undefined) reasons.push(`${field}_not_utf8`);
  return text;
}

/**
 * Reads `dd/MM/yyyy`, `yyyy`, or nothing.
 * @param {string} text @param {string} today @param {Fields} fields @param {Reason[]} reasons
 */
function putBirth(text, today, fields, reasons) {
  if (text === "" || text === "-") return;
  const [first = "", month, year, ...more] = text.split("/");
  if (month === undefined) putBirthYear(first, today, fields, reasons);
  else if (year !== undefined && more.length === 0) putBirthDate(date(year, month, first), today, fields, reasons);
  else reasons.push("birth_date_invalid");
}

/** Reads 1 for male and 2 for female. @param {string} text @param {Fields} fields @param {Reason[]} reasons */
function putSex(text, fields, reasons) {
  fields.sex = text === "1" ? "male" : text === "2" ? "female" : "unknown";
  if (!["1", "2", "", "-"].includes(text)) reasons.push("sex_invalid");
}
