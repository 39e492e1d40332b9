// @ts-check
// Our own place code: as the poster's link, or its ten characters typed.
import { afterPrefix, hasAccentedLetter, hasSpace, isAlphabetic, isAlphanumeric, trimEnd } from "./characters.js";
import { CODE_LENGTH, isSpacing, lettersOf, parseCode, valueOf } from "./code.js";
import { reading, refused } from "./fields.js";
import { hostWithPort } from "./link.js";
import { isVietnameseLetter } from "./text.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reading} Reading */

/** A code that an input method shortened (two letters became one) keeps at least this many characters. */
const DISTURBED_LENGTH_MIN = 6;

/** Characters of the part that a screen changes. */
const ROTATING_LENGTH = 6;

/** What an input method leaves of them at least, where each two letters became one. */
const DISTURBED_ROTATING_MIN = 3;

/** Why a code is refused, by what is wrong with it. */
const REASON_OF = /** @type {const} */ ({
  check_failed: "check_failed", wrong_character: "code_character", wrong_length: "code_length", empty: "code_length",
});

/**
 * Reads a link `HTTPS://ANYHOST/D/CODE` or, from a screen, `HTTPS://ANYHOST/D/CODE/RRRRRR`, in any case.
 * @param {import("./link.js").Link} link
 * @returns {Reading | undefined} `undefined` where the link is not of this form
 */
export function readPlaceLink(link) {
  const path = afterPrefix(link.path, "/D/");
  if (path === undefined) return undefined;
  const [code = "", shown, ...more] = trimEnd(path, (unit) => unit === "/").split("/");
  const characters = [...code];
  const hasCodeShape = characters.every((character) => isAlphanumeric(character) || isSpacing(character));
  if (!hasCodeShape || more.length > 0 || (shown !== undefined && !hasRotatingShape(shown))) return undefined;
  const length = characters.filter((character) => !isSpacing(character)).length;
  const isDisturbed = hasAccentedLetter(path) || hasAccentedLetter(link.host);
  if (isDisturbed && length >= DISTURBED_LENGTH_MIN && length <= CODE_LENGTH) return refused("place", "input_method_active");
  const rotating = shown === undefined ? undefined : rotatingOf(shown);
  if (length !== CODE_LENGTH || (shown !== undefined && rotating === undefined)) return undefined;
  return judge(parseCode(code), { host: hostWithPort(link), rotating });
}

/** @param {string} shown @returns {boolean} whether it may be a screen's part, or what an input method left of one */
function hasRotatingShape(shown) {
  const characters = [...shown];
  return characters.length >= DISTURBED_ROTATING_MIN && characters.length <= ROTATING_LENGTH && characters.every(isAlphanumeric);
}

/** @param {string} shown @returns {string | undefined} a screen's part in upper case, look-alikes put right */
function rotatingOf(shown) {
  const values = [...shown].map(valueOf);
  return values.length === ROTATING_LENGTH && !values.includes(-1) ? lettersOf(values) : undefined;
}

/**
 * Reads a code typed without its link.
 * @param {string} text
 * @returns {Reading | undefined} `undefined` where the text does not look like one
 */
export function readTyped(text) {
  const parsed = parseCode(text);
  if ("code" in parsed) return judge(parsed, {});
  const typed = [...text].filter((character) => !isSpacing(character));
  const { length } = typed;
  // Ten letters may be words and ten digits a phone number; only a mixture is surely meant as a code.
  const isMixed = typed.some((character) => /^[0-9]$/.test(character)) && typed.some(isAlphabetic);
  if (!isMixed || length < DISTURBED_LENGTH_MIN || length > CODE_LENGTH + 1) return undefined;
  const isPlain = typed.every((character) => /^[0-9A-Za-z]$/.test(character));
  if (isPlain && length >= CODE_LENGTH - 1) return judge(parsed, {});
  const fits = (/** @type {string} */ c) => valueOf(c) >= 0 || isVietnameseLetter(c) || c === "u" || c === "U";
  const isDisturbed = !isPlain && length <= CODE_LENGTH && typed.every(fits) && !hasSpace(text);
  return isDisturbed ? refused("place", "input_method_active") : undefined;
}

/** @param {ReturnType<typeof parseCode>} parsed @param {Fields} fields @returns {Reading} */
function judge(parsed, fields) {
  if ("code" in parsed) return reading("place", { ...fields, place_code: parsed.code }, []);
  return reading("place", fields, [REASON_OF[parsed.error]]);
}
