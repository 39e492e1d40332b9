// @ts-check
// Names of people: checked, searched without accents, and shortened for shared screens.
//
// Names here are Kinh, Ê Đê (`H'Hen Niê`, `Y Bhăm Êban`) and M'Nông among others. Ê̆, Ô̆, Ơ̆ and Ư̆ have no code point of
// their own, so lengths and initials are counted in graphemes.
import { byteLength, isAlphabetic, isAlphanumeric, isCombiningMark, wellFormed, words } from "./characters.js";

/**
 * @typedef {{ error: "empty" | "too_long" | "no_letter_first" }
 *   | { error: "wrong_character", at: number, character: string }} NameError `at` counts characters from 1
 */

/** Longest name, in graphemes (what a reader calls letters). */
export const NAME_GRAPHEMES_MAX = 80;

/** Longest name, in bytes of UTF-8: a bound on letters with many marks. */
const NAME_BYTES_MAX = 512;

/** What a name may hold besides letters and their marks. */
const PUNCTUATION = " '’‘\u02bc.-\u2010\u2011";

const graphemes = new Intl.Segmenter("vi", { granularity: "grapheme" });

/**
 * Reads a name as typed or as a card carries it: normalises to NFC and collapses spaces. Takes letters with their marks,
 * apostrophes, dots and hyphens.
 * @param {string} input
 * @returns {{ name: string } | NameError}
 */
export function parseName(input) {
  const text = wellFormed(input);
  // Bounded before any work: four times the limit leaves room for wide spacing and decomposed marks.
  if (byteLength(text) > 4 * NAME_BYTES_MAX) return { error: "too_long" };
  const name = words(text.normalize("NFC")).join(" ");
  const characters = [...name];
  const [first] = characters;
  if (first === undefined) return { error: "empty" };
  const wrong = characters.findIndex((character) => !isNameCharacter(character));
  const character = characters[wrong];
  if (character !== undefined) return { error: "wrong_character", at: wrong + 1, character };
  if (!isLetter(first)) return { error: "no_letter_first" };
  if (byteLength(name) > NAME_BYTES_MAX || [...graphemes.segment(name)].length > NAME_GRAPHEMES_MAX) return { error: "too_long" };
  return { name };
}

/**
 * Folds a text for search: two names that differ only in accents, đ or d, the form of the apostrophe, spaces,
 * punctuation or case fold to the same text. Not for display.
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  let folded = "";
  for (const character of wellFormed(text).normalize("NFKD")) {
    if (isCombiningMark(character)) continue;
    // Letter by letter: in a whole word, the Greek sigma would depend on its neighbours. One letter may become two.
    for (const letter of character.toLowerCase()) {
      // The apostrophe U+02BC is a letter to Unicode, and a break to the reader.
      if (!isAlphanumeric(letter) || letter === "\u02bc" || isCombiningMark(letter)) continue;
      // Some sources write Đ as the Icelandic Ð, which looks the same.
      folded += letter === "đ" || letter === "ð" ? "d" : letter;
    }
  }
  return folded;
}

/**
 * Shortens a name for a screen that others can see: the first word whole, of the others the first letter:
 * `Nguyễn Văn A` gives `NGUYỄN V. A.`. A name of one word gives its first letter alone.
 * @param {string} name
 * @returns {string}
 */
export function mask(name) {
  const [first, ...rest] = words(wellFormed(name).normalize("NFC").toUpperCase());
  if (first === undefined) return "";
  const others = rest.map(initial).filter((shown) => shown !== "");
  const shown = others.length === 0 ? initial(first) : first;
  return [shown, ...others].join(" ").normalize("NFC");
}

/** @param {string} word @returns {string} its first letter with its marks and a dot; empty for a word without a letter */
function initial(word) {
  for (const { segment } of graphemes.segment(word)) {
    if ([...segment].some(isLetter)) return `${segment}.`;
  }
  return "";
}

/** @param {string} character @returns {boolean} */
function isLetter(character) {
  return isAlphabetic(character) && !isCombiningMark(character) && character !== "\u02bc";
}

/** @param {string} character @returns {boolean} */
function isNameCharacter(character) {
  return isAlphabetic(character) || isCombiningMark(character) || PUNCTUATION.includes(character);
}
