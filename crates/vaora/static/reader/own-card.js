// @ts-check
// Our own personal card: a signed token in the fragment of `https://HOST/C#TOKEN`.
//
// The token is base64url without padding of, in this order: version (1), id of the issuing key (1 byte), card number
// (8 bytes, random), last valid day (2 bytes, days since 1970-01-01), length of the masked name (1 byte), the masked name
// (UTF-8), and a P-256 signature (64 bytes, r then s) over all that precedes it. Numbers are big-endian. Reading looks at
// its form alone; `verifyCard` checks the signature, and the list of revoked cards is for the caller.
import { afterPrefix, fromUtf8, hasAccentedLetter } from "./characters.js";
import { reading, refused } from "./fields.js";
import { hostWithPort } from "./link.js";
import { line } from "./text.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reading} Reading */

/**
 * @typedef {object} SignedCard a token taken apart
 * @property {number} keyId which issuing key signed
 * @property {string} number 16 hexadecimal digits in lower case
 * @property {string} expiresOn last day the card is valid, YYYY-MM-DD
 * @property {string} maskedName
 * @property {Uint8Array<ArrayBuffer>} message the signed bytes, exactly as they came
 * @property {Uint8Array<ArrayBuffer>} signature r then s, unchecked
 */

/** What the cards' signatures are made for; a signature made for anything else does not count. */
const PURPOSE = "vaora personal card v1";

/** The version this program reads. */
const VERSION = 1;

/** Bytes of a P-256 signature in fixed form. */
const SIGNATURE_BYTES = 64;

/** Bytes before the masked name. */
const HEAD_BYTES = 13;

/** Longest masked name, in bytes; keeps the printed symbol at 5 × 5 cm readable. */
const MASKED_NAME_BYTES_MAX = 120;

/** A fragment at least this long, in characters, behind `/C` is taken for a token: the shortest has 103. */
const TOKEN_CHARS_MIN = 100;

/** Milliseconds in a day. */
const DAY_MS = 86_400_000;

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The card behind each reading made here, so that a reading can be verified without its text. @type {WeakMap<Reading, SignedCard>} */
const cards = new WeakMap();

/**
 * Reads a link `https://HOST/C#TOKEN`.
 * @param {import("./link.js").Link} link @param {string} today YYYY-MM-DD
 * @returns {Reading | undefined} `undefined` where the link is not of this form
 */
export function readCardLink(link, today) {
  const rest = afterPrefix(link.path, "/C");
  const token = link.fragment;
  if ((rest !== "" && rest !== "/") || token === undefined || [...token].length < TOKEN_CHARS_MIN) return undefined;
  if (hasAccentedLetter(token) || hasAccentedLetter(link.host)) return refused("card", "input_method_active");
  const host = hostWithPort(link);
  const signed = parseToken(token);
  if (typeof signed === "string") return reading("card", { host }, [signed]);
  const { number, keyId, expiresOn } = signed;
  /** @type {Fields} */
  const fields = { host, card_number: number, card_key_id: keyId, expires_on: expiresOn, masked_name: line(signed.maskedName) };
  const made = reading("card", fields, [today > expiresOn ? "card_expired" : "signature_unchecked"]);
  cards.set(made, signed);
  return made;
}

/**
 * Takes a token apart; checks its form, not its signature.
 * @param {string} token
 * @returns {SignedCard | "token_damaged" | "card_version_unknown"}
 */
export function parseToken(token) {
  const bytes = decodeBase64Url(token);
  const [version, keyId] = bytes ?? [];
  if (bytes === undefined || version === undefined) return "token_damaged";
  if (version !== VERSION) return "card_version_unknown";
  const nameEnd = bytes.length - SIGNATURE_BYTES;
  const name = bytes.subarray(HEAD_BYTES, Math.max(nameEnd, HEAD_BYTES));
  if (nameEnd < HEAD_BYTES || keyId === undefined || name.length !== bytes[12] || name.length > MASKED_NAME_BYTES_MAX) return "token_damaged";
  const maskedName = fromUtf8(name);
  if (maskedName === undefined) return "token_damaged";
  const number = Array.from(bytes.subarray(2, 10), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const day = new DataView(bytes.buffer).getUint16(10);
  const expiresOn = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return { keyId, number, expiresOn, maskedName, message: bytes.subarray(0, nameEnd), signature: bytes.subarray(nameEnd) };
}

/**
 * Whether one of our issuing keys signed a card. Says nothing of its last day and of revocation. An unknown key id, a key
 * that is no point of the curve and a damaged card are not signed. Throws a `TypeError` where the browser offers no
 * cryptography, as on a page that came over plain HTTP.
 * @param {string | Reading} card the token, the text of the symbol, or a reading that `read` returned on this page
 * @param {Map<number, Uint8Array<ArrayBuffer>>} keys by key id: P-256 public keys, uncompressed (65 bytes, SEC 1)
 * @returns {Promise<boolean>}
 */
export async function verifyCard(card, keys) {
  const signed = typeof card === "string" ? parseToken(tokenOf(card)) : cards.get(card);
  if (signed === undefined || typeof signed === "string") return false;
  const raw = keys.get(signed.keyId);
  if (raw === undefined) return false;
  const { subtle } = crypto;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const key = await subtle.importKey("raw", raw, curve, false, ["verify"]).catch((/** @type {unknown} */ error) => {
    // A TypeError is a fault of this program or of the page; what the bytes lack comes as a DOMException.
    if (error instanceof TypeError) throw error;
    return undefined;
  });
  if (key === undefined) return false;
  const purpose = new TextEncoder().encode(`${PURPOSE}\0`);
  const message = new Uint8Array(purpose.length + signed.message.length);
  message.set(purpose);
  message.set(signed.message, purpose.length);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signed.signature, message);
}

/** @param {string} text of a symbol, or the token alone @returns {string} */
function tokenOf(text) {
  return text.slice(text.indexOf("#") + 1).trim();
}

/**
 * Decodes base64url without padding (RFC 4648, section 5). As on the server, and unlike in the browser's own decoders,
 * the bits left over at the end must be zero, so that one card has one text.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
function decodeBase64Url(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let [held, bits, at] = [0, 0, 0];
  for (const character of text) {
    const value = BASE64URL.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = held >> bits;
    at += 1;
    held &= (1 << bits) - 1;
  }
  // Six bits left over are a whole character, which cannot end a token.
  return bits === 6 || held !== 0 ? undefined : bytes;
}
