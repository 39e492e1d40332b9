// @ts-check
// Questions about characters and lengths, answered as the server answers them: its texts are UTF-8, ours UTF-16.

const ALPHABETIC = /^\p{Alphabetic}$/u;
const ALPHANUMERIC = /^[\p{Alphabetic}\p{N}]$/u;
const COMBINING_MARK = /^\p{M}$/u;
// JavaScript's own `\s` and `trim` know the byte-order mark as a space and U+0085 not; Unicode has it the other way.
const SPACE = /^\p{White_Space}$/u;
const SPACES = /\p{White_Space}+/u;
const ACCENTED_LETTER = /(?=[^\0-\x7f])\p{Alphabetic}/u;
const DIGITS = /^[0-9]*$/;

/** @param {string} character one code point @returns {boolean} */
export const isAlphabetic = (character) => ALPHABETIC.test(character);

/** @param {string} character one code point @returns {boolean} */
export const isAlphanumeric = (character) => ALPHANUMERIC.test(character);

/** @param {string} character one code point @returns {boolean} */
export const isCombiningMark = (character) => COMBINING_MARK.test(character);

/** @param {string} character one code point @returns {boolean} */
export const isSpace = (character) => SPACE.test(character);

/** @param {string} text @returns {boolean} */
export const hasSpace = (text) => SPACES.test(text);

/** @param {string} text @param {number} count @returns {boolean} whether it is exactly `count` ASCII digits */
export const isDigits = (text, count) => text.length === count && DIGITS.test(text);

/**
 * Whether a text holds a letter outside ASCII: in a number, in hexadecimal or in our own link only an input method can
 * have put it there.
 * @param {string} text
 * @returns {boolean}
 */
export const hasAccentedLetter = (text) => ACCENTED_LETTER.test(text);

/** @param {string} text @returns {string[]} the words between spaces */
export const words = (text) => text.split(SPACES).filter((word) => word !== "");

/** @param {string} text @returns {number} its length in UTF-8, in bytes */
export const byteLength = (text) => new TextEncoder().encode(text).length;

/**
 * JavaScript's texts may hold half of a surrogate pair, which the server's can't: it becomes the replacement character,
 * as on the way through UTF-8.
 * @param {string} text
 * @returns {string}
 */
export const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/** @param {string} text @returns {string} with A to Z in lower case and nothing else changed */
export const asciiLower = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** @param {string} text @returns {string} with a to z in upper case and nothing else changed */
export const asciiUpper = (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/**
 * Takes characters from the end. A loop, as a regular expression for this needs quadratic time.
 * @param {string} text
 * @param {(unit: string) => boolean} isTaken
 * @returns {string}
 */
export function trimEnd(text, isTaken) {
  let until = text.length;
  while (until > 0 && isTaken(text.charAt(until - 1))) until -= 1;
  return text.slice(0, until);
}

/**
 * Takes characters from both ends.
 * @param {string} text
 * @param {(unit: string) => boolean} isTaken
 * @returns {string}
 */
export function trim(text, isTaken) {
  let from = 0;
  while (from < text.length && isTaken(text.charAt(from))) from += 1;
  return trimEnd(text.slice(from), isTaken);
}

/** @param {string} text @returns {string} without the spaces at its ends */
export const trimSpace = (text) => trim(text, isSpace);

/**
 * Removes a prefix in ASCII letters of any case.
 * @param {string} text @param {string} prefix
 * @returns {string | undefined} what follows
 */
export function afterPrefix(text, prefix) {
  const isThere = asciiLower(text.slice(0, prefix.length)) === asciiLower(prefix);
  return isThere ? text.slice(prefix.length) : undefined;
}

/**
 * Bytes as text, or `undefined` where they are not UTF-8. A byte-order mark stays.
 * @param {Uint8Array} bytes
 * @returns {string | undefined}
 */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
