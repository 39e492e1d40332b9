// @ts-check
// Vietnamese mobile numbers: read from any usual typing, kept as E.164, shown with a leading zero.
import { byteLength, isSpace, wellFormed } from "./characters.js";

/**
 * @typedef {{ e164: string, display: string }} Phone `+84912345678` to store and to index, `0912 345 678` to show
 * @typedef {{ error: "empty" | "other_country" | "landline" | "eleven_digits" }
 *   | { error: "wrong_character", at: number }
 *   | { error: "wrong_length", found: number }
 *   | { error: "unknown_range", first: string, second: string }} PhoneError `at` counts characters from 1, `found` digits
 *   with the leading 0 and without the country code. Never holds the number.
 */

/** Longest typed text looked at, in bytes of UTF-8. */
const TYPED_BYTES_MAX = 64;

/** Digits after the country code, or after the leading zero. */
const NATIONAL_DIGITS = 9;

/**
 * The two digits after the 0 that mobile networks use: ranges after the renumbering of 2018, including ranges kept free
 * for new networks.
 */
const MOBILE_RANGE = /^(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])/;

/**
 * Reads a number as typed: `0912 345 678`, `+84912345678`, `84 912.345.678`, `0084-912-345-678`, `+84 (0)912 345 678`, or
 * without its leading zero, as spreadsheets leave it.
 * @param {string} input
 * @returns {Phone | PhoneError}
 */
export function parsePhone(input) {
  const typed = digitsOf(wellFormed(input));
  if ("error" in typed) return typed;
  const national = nationalPart(typed.digits, typed.plus);
  if (national === undefined) return { error: "other_country" };
  const { length } = national;
  if (length === NATIONAL_DIGITS + 1 && national.startsWith("1")) return { error: "eleven_digits" };
  if (national.startsWith("2") && (length === 9 || length === 10)) return { error: "landline" };
  if (length !== NATIONAL_DIGITS) return { error: "wrong_length", found: length + 1 };
  if (!MOBILE_RANGE.test(national)) return { error: "unknown_range", first: national.charAt(0), second: national.charAt(1) };
  return { e164: `+84${national}`, display: `0${national.slice(0, 3)} ${national.slice(3, 6)} ${national.slice(6)}` };
}

/**
 * The digits of a typed number, and whether a plus stood before them.
 * @param {string} text
 * @returns {{ digits: string, plus: boolean } | PhoneError}
 */
function digitsOf(text) {
  if (byteLength(text) > TYPED_BYTES_MAX) return { error: "wrong_length", found: text.replace(/[^0-9]/g, "").length };
  let digits = "";
  let plus = false;
  for (const [index, character] of [...text].entries()) {
    if (/[0-9]/.test(character)) digits += character;
    else if (character === "+" && digits === "" && !plus) plus = true;
    else if (!/[.()\u2010-\u2014-]/.test(character) && !isSpace(character)) return { error: "wrong_character", at: index + 1 };
  }
  return digits === "" ? { error: "empty" } : { digits, plus };
}

/**
 * The digits after the country code and the leading zero.
 * @param {string} digits @param {boolean} plus
 * @returns {string | undefined} `undefined` for a number of another country
 */
function nationalPart(digits, plus) {
  const withoutZero = (/** @type {string} */ text) => (text.startsWith("0") ? text.slice(1) : text);
  if (plus || digits.startsWith("00")) {
    const international = plus ? digits : digits.slice(2);
    return international.startsWith("84") ? withoutZero(international.slice(2)) : undefined;
  }
  if (digits.startsWith("0")) return digits.slice(1);
  // `84912345678` has the country code without its plus; `849123456` lacks only its leading zero.
  if (digits.startsWith("84") && digits.length > NATIONAL_DIGITS) return withoutZero(digits.slice(2));
  return digits;
}
