// @ts-check
// The citizen card with chip (CCCD, and CC from July 2024):
// `12 digits|old CMND 9 or empty|name|ddMMyyyy|Nam/Nữ|address|ddMMyyyy issued`, in UTF-8. Cards from July 2024 leave the
// second field empty and add fields at the end, which are ignored.
import { asciiLower, hasAccentedLetter, isDigits, trimEnd, trimSpace } from "./characters.js";
import { reading, refused } from "./fields.js";
import { fold } from "./name.js";
import { dateDdmmyyyy, line, putBirthDate, putName } from "./text.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reason} Reason */
/** @typedef {import("./fields.js").Reading} Reading */

/** Fields up to the address; the issue date may be missing. */
const FIELDS_MIN = 6;

/** Forms of `nữ` that lost their accent, or were typed out as keystrokes of Telex or VNI. */
const DAMAGED_FEMALE = ["n?", "n\ufffd", "nuwx", "nuxw", "nu74", "nu47"];

/**
 * Reads a citizen card.
 * @param {string[]} cells between the bars @param {string} today YYYY-MM-DD
 * @returns {Reading | undefined} `undefined` where the fields do not look like one
 */
export function readCccd(cells, today) {
  const [number = "", oldNumber, name, birth, sex, address, issuedOn = ""] = cells.map(trimSpace);
  const hasBirthDate = cells.length >= FIELDS_MIN && birth !== undefined && isDigits(birth, 8);
  if (!isDigits(number, 12) && !hasBirthDate) return undefined;
  if (oldNumber === undefined || name === undefined || birth === undefined || sex === undefined || address === undefined) {
    return refused("cccd", "fields_missing");
  }
  if (hasAccentedLetter(number) || hasAccentedLetter(birth)) return refused("cccd", "input_method_active");
  /** @type {Fields} */ const fields = {};
  /** @type {Reason[]} */ const reasons = [];
  if (isDigits(number, 12)) fields.id_number = number;
  else reasons.push("id_number_invalid");
  if (isDigits(oldNumber, 9) || isDigits(oldNumber, 12)) fields.old_id_number = oldNumber;
  putName(name, fields, reasons);
  putBirthDate(dateDdmmyyyy(birth), today, fields, reasons);
  putSex(sex, fields, reasons);
  fields.address = line(address);
  putIssuedOn(issuedOn, today, fields, reasons);
  if (isTypedOut(name, address) || /[?\ufffd]/.test(address)) reasons.push("accents_lost");
  checkNumber(fields, reasons);
  return reading("cccd", fields, withoutRepeatedAccentsLost(reasons));
}

/**
 * Compares the CCCD number with birth year and sex: digit 4 gives the century and the sex, 5 and 6 the year (Circular
 * 59/2021/TT-BCA, article 4). A disagreement is a warning, as the official specimen disagrees.
 * @param {Fields} fields @param {Reason[]} reasons
 */
export function checkNumber(fields, reasons) {
  const number = fields.id_number ?? "";
  if (!isDigits(number, 12)) return;
  const centuryAndSex = Number(number.charAt(3));
  const year = 1900 + 100 * Math.floor(centuryAndSex / 2) + Number(number.slice(4, 6));
  const stated = fields.birth_year ?? (fields.birth_date === undefined ? undefined : Number(fields.birth_date.slice(0, 4)));
  if (stated !== undefined && stated !== year) reasons.push("number_birth_year_differs");
  const sex = centuryAndSex % 2 === 0 ? "male" : "female";
  if (fields.sex !== undefined && fields.sex !== "unknown" && fields.sex !== sex) reasons.push("number_sex_differs");
}

/**
 * Reads `Nam` or `Nữ`. Forms of `Nữ` that lost their accent, or were typed out as keystrokes, are understood and
 * mentioned.
 * @param {string} text @param {Fields} fields @param {Reason[]} reasons
 */
function putSex(text, fields, reasons) {
  const lower = text.toLowerCase();
  if (lower === "nam") fields.sex = "male";
  else if (lower === "nữ") fields.sex = "female";
  else if (DAMAGED_FEMALE.includes(lower) || fold(lower) === "nu") {
    fields.sex = "female";
    reasons.push("accents_lost");
  } else {
    fields.sex = "unknown";
    reasons.push("sex_invalid");
  }
}

/**
 * Reads the issue date. It decides nothing at a door, so a wrong one is left out with a warning.
 * @param {string} text @param {string} today @param {Fields} fields @param {Reason[]} reasons
 */
function putIssuedOn(text, today, fields, reasons) {
  if (text === "") return;
  const issuedOn = dateDdmmyyyy(text);
  if (issuedOn !== undefined && issuedOn <= today) fields.issued_on = issuedOn;
  else reasons.push("issued_on_invalid");
}

/**
 * Whether name and address were typed out as the keystrokes of an input method that was off: no accent in either, and a
 * Telex vowel with its tone letter at a word's end (`Nguyeenx`), as no language here writes.
 * @param {string} name @param {string} address
 * @returns {boolean}
 */
function isTypedOut(name, address) {
  const isKeystrokes = (/** @type {string} */ word) => {
    const lower = asciiLower(trimEnd(word, (unit) => unit === "," || unit === "."));
    return /aa|ee|oo|dd|aw|ow|uw/.test(lower) && /[sfrxj]$/.test(lower);
  };
  const isAscii = /^[\0-\x7f]*$/.test(name + address);
  return isAscii && [...name.split(" "), ...address.split(" ")].some(isKeystrokes);
}

/** Keeps the first mention of lost accents; name, sex and address may each have found it. @param {Reason[]} reasons */
function withoutRepeatedAccentsLost(reasons) {
  return reasons.filter((reason, at) => reason !== "accents_lost" || reasons.indexOf(reason) === at);
}
