// @ts-check
// Reader of every code a gate meets: our own, the national cards, and those of others. It gives the verdict of the
// server's reader (`domain::card`) for the same bytes, without a network; the cases both must agree on are in
// `crates/domain/tests/fixtures/codes.jsonl`.
//
// A text is trimmed, bounded and normalised to NFC, then recognised by its shape. Nothing is fetched and no link is
// followed. Browsers and server may know different versions of Unicode: their answers may then differ for characters
// that the older one has not heard of, which stand on no card.
import { readBhyt } from "./bhyt.js";
import { readCccd } from "./cccd.js";
import { byteLength, fromUtf8, trim, wellFormed } from "./characters.js";
import { refused } from "./fields.js";
import { readForeign } from "./foreign.js";
import { parseLink } from "./link.js";
import { readCardLink } from "./own-card.js";
import { readPlaceLink, readTyped } from "./place.js";
import { readQr1405 } from "./qr1405.js";
import { isTrimmed, trimBytes } from "./text.js";

export { fold, mask, parseName } from "./name.js";
export { verifyCard } from "./own-card.js";
export { parsePhone } from "./phone.js";

/** @typedef {import("./fields.js").Reading} Reading */

/**
 * Longest input, in bytes of UTF-8 after trimming: what the largest QR symbol (version 40-L) holds in its alphanumeric
 * mode; in byte mode it holds 2,953. ISO/IEC 18004.
 */
export const INPUT_BYTES_MAX = 4_296;

/**
 * Reads a scanned or typed text.
 * @param {string} input
 * @param {string} today the local day, YYYY-MM-DD: birth dates after it and cards expired before it are refused
 * @returns {Reading}
 */
export function read(input, today) {
  const trimmed = trim(input, isTrimmed);
  // No text has fewer bytes than UTF-16 units, so a huge one is refused before any work.
  if (trimmed.length > INPUT_BYTES_MAX) return refused("unknown", "too_long");
  const text = wellFormed(trimmed);
  if (byteLength(text) > INPUT_BYTES_MAX) return refused("unknown", "too_long");
  if (text === "") return refused("unknown", "empty");
  return recognise(text.normalize("NFC"), today);
}

/**
 * Reads scanned bytes; see {@link read}. Bytes that are not UTF-8 are refused, as their accents cannot be known.
 * @param {Uint8Array} input
 * @param {string} today the local day, YYYY-MM-DD
 * @returns {Reading}
 */
export function readBytes(input, today) {
  const trimmed = trimBytes(input);
  const text = fromUtf8(trimmed);
  if (text !== undefined) return read(text, today);
  return refused("unknown", trimmed.length > INPUT_BYTES_MAX ? "too_long" : "not_utf8");
}

/**
 * Tries each shape in turn; the first that fits decides the kind.
 * @param {string} text @param {string} today
 * @returns {Reading}
 */
function recognise(text, today) {
  const foreign = readForeign(text);
  if (foreign !== undefined) return foreign;
  const link = parseLink(text);
  if (link !== undefined) return readPlaceLink(link) ?? readCardLink(link, today) ?? refused("unknown", "not_our_link");
  if (text.includes("|")) {
    const cells = text.split("|");
    return readBhyt(cells, today) ?? readQr1405(cells, today) ?? readCccd(cells, today) ?? refused("unknown", "not_a_code");
  }
  return readTyped(text) ?? refused("unknown", unknownReason(text));
}

/**
 * Payment codes hang beside every till in Viet Nam, so they are named. EMVCo's merchant-presented codes begin with the
 * format indicator `000201` and carry their checksum in the data object `6304`.
 * @param {string} text
 */
function unknownReason(text) {
  return text.startsWith("000201") && text.includes("6304") ? "payment_code" : "not_a_code";
}
