// @ts-check
// What a code says, as the server's reader serialises it (`domain::card::Reading`).

/**
 * @typedef {"place" | "card" | "cccd" | "bhyt" | "qr1405" | "foreign" | "unknown"} Kind
 * @typedef {"accept" | "warn" | "reject"} Verdict warn: look at it, and turn nobody away for it
 * @typedef {"male" | "female" | "unknown"} Sex
 *
 * @typedef {object} Fields most are personal data; what a code does not say is absent
 * @property {string} [id_number] CCCD 12 digits, CMND 9, or a passport; absent where masked
 * @property {string} [old_id_number] of the document that this card replaced
 * @property {boolean} [id_masked] true where part of the number is hidden; key on `qid` then
 * @property {string} [name] NFC, as the card writes it
 * @property {string} [masked_name] of our own card, already shortened
 * @property {string} [birth_date] YYYY-MM-DD; absent where only the year is known
 * @property {number} [birth_year] only where `birth_date` is absent
 * @property {boolean} [birth_masked] true where the day or the month is hidden
 * @property {Sex} [sex]
 * @property {string} [address] one line
 * @property {string} [phone] mobile number, E.164
 * @property {string} [bhyt_number] 2 letters and 13 digits, or 10 digits
 * @property {string} [office] that issued the health-insurance card
 * @property {string} [qid] identifier of the national platform (Decision 1405/QĐ-BTTTT)
 * @property {string} [declarer_qid] of the person who declared for this one
 * @property {boolean} [declared_by_other]
 * @property {string} [issued_on] YYYY-MM-DD
 * @property {string} [place_code] ten characters, upper case
 * @property {string} [rotating] the six characters that a screen changes, upper case
 * @property {string} [host] of our link in lower case, with its port if it has one; the caller compares it with its own
 * @property {string} [card_number] of our own card, 16 hexadecimal digits
 * @property {number} [card_key_id] which issuing key signed our own card, 0 to 255
 * @property {string} [expires_on] last day our own card is valid, YYYY-MM-DD
 *
 * @typedef {import("./reasons.js").Reason} Reason
 *
 * @typedef {object} Reading
 * @property {Kind} kind
 * @property {Verdict} verdict the gravest among the reasons
 * @property {string} [system] name of the foreign system
 * @property {Fields} fields what could be read soundly, on a refusal too, so that a gate need not type it again
 * @property {Reason[]} reasons in the order found
 */
import { gravest } from "./reasons.js";

/** The fields in the order in which the server writes them. @type {(keyof Fields)[]} */
const ORDER = [
  "id_number", "old_id_number", "id_masked", "name", "masked_name", "birth_date", "birth_year", "birth_masked", "sex", "address",
  "phone", "bhyt_number", "office", "qid", "declarer_qid", "declared_by_other", "issued_on", "place_code", "rotating", "host",
  "card_number", "card_key_id", "expires_on",
];

/**
 * A reading whose verdict follows from its reasons.
 * @param {Kind} kind @param {Fields} fields @param {Reason[]} reasons @param {string} [system]
 * @returns {Reading}
 */
export function reading(kind, fields, reasons, system) {
  const present = ORDER.filter((key) => fields[key] !== undefined).map((key) => [key, fields[key]]);
  const named = system === undefined ? {} : { system };
  return { kind, verdict: gravest(reasons), ...named, fields: Object.fromEntries(present), reasons };
}

/** A refusal of which nothing could be read. @param {Kind} kind @param {Reason} reason */
export function refused(kind, reason) {
  return reading(kind, {}, [reason]);
}
