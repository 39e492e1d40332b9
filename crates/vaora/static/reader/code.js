// @ts-check
// The place code: the ten characters on a poster, which a person can also type or telephone. Eight characters of
// Crockford base32 carry 40 random bits, two check characters follow; see `domain::code` for the arithmetic.
import { asciiUpper, byteLength, isSpace } from "./characters.js";

/**
 * @typedef {{ error: "empty" | "check_failed" }
 *   | { error: "wrong_length", found: number }
 *   | { error: "wrong_character", at: number }} CodeError spaces and hyphens are not counted, `at` counts from 1
 */

/** Crockford's base32 alphabet, without I, L, O and U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Characters of a code, check characters included. */
export const CODE_LENGTH = 10;

/** Longest typed text looked at, in bytes of UTF-8; ten characters with any sensible spacing are shorter. */
const TYPED_BYTES_MAX = 64;

/** Hyphens and dashes of keyboards, the minus sign too. */
const DASHES = /^[-\u2010-\u2014\u2212]$/;

/**
 * Reads a code as a person types it: any case, spaces and hyphens anywhere, I and L for 1, O for 0.
 * @param {string} text
 * @returns {{ code: string } | CodeError} the ten characters, upper case
 */
export function parseCode(text) {
  const bytes = byteLength(text);
  if (bytes > TYPED_BYTES_MAX) return { error: "wrong_length", found: bytes };
  const typed = [...text].filter((character) => !isSpacing(character));
  if (typed.length === 0) return { error: "empty" };
  if (typed.length !== CODE_LENGTH) return { error: "wrong_length", found: typed.length };
  const values = typed.map(valueOf);
  const wrong = values.indexOf(-1);
  if (wrong >= 0) return { error: "wrong_character", at: wrong + 1 };
  return isSound(values) ? { code: lettersOf(values) } : { error: "check_failed" };
}

/** @param {string} character one code point @returns {boolean} whether it may be typed between the characters */
export function isSpacing(character) {
  return isSpace(character) || DASHES.test(character);
}

/** @param {string} character one code point @returns {number} its value, 0 to 31, or −1 where no code has it */
export function valueOf(character) {
  const upper = asciiUpper(character);
  if (upper === "I" || upper === "L") return 1;
  return upper === "O" ? 0 : ALPHABET.indexOf(upper);
}

/** @param {number[]} values 0 to 31 each @returns {string} */
export function lettersOf(values) {
  return values.map((value) => ALPHABET.charAt(value)).join("");
}

/** @param {number[]} values @returns {boolean} whether `Σ cᵢ = 0` and `Σ αⁱ·cᵢ = 0` */
function isSound(values) {
  let [sum, weighted, weight] = [0, 0, 1];
  for (const value of values) {
    sum ^= value;
    weighted ^= multiply(weight, value);
    weight = multiply(weight, 2);
  }
  return sum === 0 && weighted === 0;
}

/** Product in GF(32) over the primitive polynomial `x⁵ + x² + 1`. @param {number} left @param {number} right @returns {number} */
function multiply(left, right) {
  let product = 0;
  for (let [from, by] = [left, right]; by !== 0; by >>= 1) {
    if (by & 1) product ^= from;
    from <<= 1;
    if (from & 0b10_0000) from ^= 0b10_0101;
  }
  return product;
}
