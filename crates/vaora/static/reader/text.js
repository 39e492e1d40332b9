// @ts-check
// What the readers share: trimming, dates, single lines and signs of a disturbed keyboard.
import { isDigits, words } from "./characters.js";
import { parseName } from "./name.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reason} Reason */

/** Nobody at a door was born before this year. */
const BIRTH_YEAR_MIN = 1850;

/** What readers and keyboards leave at the ends of a text: line ends, NUL, tabs, spaces, a byte-order mark. */
const TRIMMED = "\r\n\0\t \ufeff";

/** Invisible characters that turn the direction of writing. */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** @param {string} unit @returns {boolean} whether it is taken from the ends of a text */
export const isTrimmed = (unit) => TRIMMED.includes(unit);

/** @param {Uint8Array} bytes @returns {Uint8Array} without the one-byte characters of {@link isTrimmed} at its ends */
export function trimBytes(bytes) {
  const isTaken = (/** @type {number | undefined} */ byte) => byte !== undefined && byte < 0x80 && isTrimmed(String.fromCharCode(byte));
  let from = 0;
  let until = bytes.length;
  while (from < until && isTaken(bytes[from])) from += 1;
  while (from < until && isTaken(bytes[until - 1])) until -= 1;
  return bytes.subarray(from, until);
}

/**
 * Whether a letter is one that Vietnamese input methods make of ASCII letters: đ, or a vowel with marks.
 * @param {string} character one code point
 * @returns {boolean}
 */
export function isVietnameseLetter(character) {
  if (character <= "\x7f") return false;
  const [base = character] = character.normalize("NFD");
  return "aeiouyAEIOUYđĐ".includes(base);
}

/**
 * One line of NFC text: control characters and runs of spaces become one space, and invisible characters that turn the
 * direction of writing are dropped.
 * @param {string} text
 * @returns {string | undefined} `undefined` when nothing is left
 */
export function line(text) {
  const visible = text.normalize("NFC").replace(DIRECTIONS, "");
  return words(visible.replace(/\p{Cc}/gu, " ")).join(" ") || undefined;
}

/**
 * Puts a name into the fields, or says what is wrong with it. Question marks, digits and the replacement character are
 * what accents become on the way through a wrong code page or the VNI input method: the name is then left out, and the
 * person is not turned away.
 * @param {string} text @param {Fields} fields @param {Reason[]} reasons
 */
export function putName(text, fields, reasons) {
  const parsed = parseName(text);
  if ("name" in parsed) fields.name = parsed.name;
  else if (parsed.error === "empty") reasons.push("name_missing");
  else if (parsed.error === "wrong_character" && /[?\ufffd0-9]/.test(parsed.character)) reasons.push("accents_lost");
  else reasons.push("name_invalid");
}

/**
 * A calendar date from its digits.
 * @param {string} year @param {string} month @param {string} day
 * @returns {string | undefined} YYYY-MM-DD, or `undefined` where the calendar has no such day
 */
export function date(year, month, day) {
  if (!(isDigits(year, 4) && isDigits(month, 2) && isDigits(day, 2))) return undefined;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isLeap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][m - 1];
  return days !== undefined && d >= 1 && d <= days ? `${year}-${month}-${day}` : undefined;
}

/** @param {string} text written ddMMyyyy @returns {string | undefined} YYYY-MM-DD */
export const dateDdmmyyyy = (text) => date(text.slice(4), text.slice(2, 4), text.slice(0, 2));

/**
 * Puts a date of birth into the fields, or says what is wrong with it.
 * @param {string | undefined} born YYYY-MM-DD @param {string} today YYYY-MM-DD @param {Fields} fields @param {Reason[]} reasons
 */
export function putBirthDate(born, today, fields, reasons) {
  // Dates written year first, each part of its full length, are ordered as texts.
  if (born !== undefined && born > today) reasons.push("birth_date_future");
  else if (born !== undefined && Number(born.slice(0, 4)) >= BIRTH_YEAR_MIN) fields.birth_date = born;
  else reasons.push("birth_date_invalid");
}

/**
 * Puts a year of birth (four digits) into the fields, or says what is wrong with it.
 * @param {string} text @param {string} today YYYY-MM-DD @param {Fields} fields @param {Reason[]} reasons
 */
export function putBirthYear(text, today, fields, reasons) {
  const year = isDigits(text, 4) ? Number(text) : 0;
  if (year > Number(today.slice(0, 4))) reasons.push("birth_date_future");
  else if (year >= BIRTH_YEAR_MIN) fields.birth_year = year;
  else reasons.push("birth_date_invalid");
}
