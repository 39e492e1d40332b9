// @ts-check
// The national personal QR, Decision 1405/QĐ-BTTTT of 11 September 2021, version 1.1:
// `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`, with EXT by `<`: declarer's QID, sex, BHYT number, phone, signature, and
// more that may follow and is ignored, as are further fields by `|`.
import { normalNumber } from "./bhyt.js";
import { checkNumber } from "./cccd.js";
import { asciiUpper, hasAccentedLetter, isDigits, trimSpace } from "./characters.js";
import { reading, refused } from "./fields.js";
import { parsePhone } from "./phone.js";
import { date, putBirthDate, putBirthYear, putName } from "./text.js";

/** @typedef {import("./fields.js").Fields} Fields */
/** @typedef {import("./fields.js").Reason} Reason */
/** @typedef {import("./fields.js").Reading} Reading */

/** `dddd-dd-dd`, where any digit may be an asterisk. */
const BIRTH_SHAPE = /^[0-9*]{4}-[0-9*]{2}-[0-9*]{2}$/;

/** A letter or two, then digits. */
const PASSPORT = /^[A-Za-z][0-9A-Za-z][0-9]{5,7}$/;

/** A document number with its first six characters masked. */
const MASKED_DOCUMENT = /^\*{6}[0-9A-Za-z]{0,6}$/;

/** At most 36 characters: a UUID with hyphens has as many. */
const QID = /^[0-9A-Za-z-]{1,36}$/;

/**
 * Reads a national personal QR.
 * @param {string[]} cells between the bars @param {string} today YYYY-MM-DD
 * @returns {Reading | undefined} `undefined` where the fields do not look like one
 */
export function readQr1405(cells, today) {
  const [id = "", name = "", birth = "", declared, qid, ext = ""] = cells.map(trimSpace);
  if (declared === undefined || qid === undefined) {
    return BIRTH_SHAPE.test(birth) ? refused("qr1405", "fields_missing") : undefined;
  }
  const isDeclared = declared === "0" || declared === "1";
  if (!BIRTH_SHAPE.test(birth) && !(isDeclared && (isWholeDocument(id) || MASKED_DOCUMENT.test(id)))) return undefined;
  if ([id, birth, qid].some(hasAccentedLetter)) return refused("qr1405", "input_method_active");
  /** @type {Fields} */ const fields = {};
  /** @type {Reason[]} */ const reasons = [];
  putId(id, fields, reasons);
  putName(name, fields, reasons);
  putBirth(birth, today, fields, reasons);
  if (isDeclared) fields.declared_by_other = declared === "1";
  else reasons.push("declaration_invalid");
  putQid(qid, fields, reasons);
  putExt(ext, fields, reasons);
  checkNumber(fields, reasons);
  return reading("qr1405", fields, reasons);
}

/** @param {string} id @returns {boolean} whether it is a number of a CCCD, a CMND or a passport */
function isWholeDocument(id) {
  return isDigits(id, 12) || isDigits(id, 9) || PASSPORT.test(id);
}

/** @param {string} id @param {Fields} fields @param {Reason[]} reasons */
function putId(id, fields, reasons) {
  if (isWholeDocument(id)) fields.id_number = asciiUpper(id);
  else if (MASKED_DOCUMENT.test(id)) fields.id_masked = true;
  else if (id !== "") reasons.push("id_number_invalid");
}

/**
 * Reads `YYYY-MM-DD`, where day and month may be masked.
 * @param {string} text @param {string} today @param {Fields} fields @param {Reason[]} reasons
 */
function putBirth(text, today, fields, reasons) {
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8)];
  if (!BIRTH_SHAPE.test(text)) reasons.push("birth_date_invalid");
  else if (month === "**" || day === "**") {
    fields.birth_masked = true;
    putBirthYear(year, today, fields, reasons);
  } else putBirthDate(date(year, month, day), today, fields, reasons);
}

/**
 * The QID is what to key on where the document number is masked, so one of the two must be there.
 * @param {string} qid @param {Fields} fields @param {Reason[]} reasons
 */
function putQid(qid, fields, reasons) {
  if (QID.test(qid)) fields.qid = qid;
  else if (qid !== "") reasons.push("qid_invalid");
  else reasons.push(fields.id_number === undefined ? "no_identifier" : "qid_missing");
}

/**
 * Reads the extension. Nothing in it decides whether a person may come in, so what is wrong there is left out with a
 * warning.
 * @param {string} ext @param {Fields} fields @param {Reason[]} reasons
 */
function putExt(ext, fields, reasons) {
  const [declarer = "", sex = "", bhyt = "", phone = ""] = ext.split("<").map(trimSpace);
  if (QID.test(declarer)) fields.declarer_qid = declarer;
  fields.sex = sex === "1" ? "male" : sex === "2" ? "female" : "unknown";
  if (!["1", "2", "0", ""].includes(sex)) reasons.push("sex_invalid");
  if (bhyt !== "") {
    fields.bhyt_number = normalNumber(bhyt);
    if (fields.bhyt_number === undefined) reasons.push("bhyt_number_ignored");
  }
  if (phone !== "") {
    const parsed = parsePhone(phone);
    if ("e164" in parsed) fields.phone = parsed.e164;
    else reasons.push("phone_invalid");
  }
}
