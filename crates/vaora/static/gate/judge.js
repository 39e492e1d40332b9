// @ts-check
// What a read text is worth at a gate: a person to record, or a refusal by name. All of it on the device.
import { fold, read } from "../reader/read.js";
import { REASONS } from "../reader/reasons.js";

/**
 * @typedef {object} Person
 * @property {"person"} verdict
 * @property {string} name as it stands on what was shown; on our own card shortened; may be empty
 * @property {string} identity tells this person from others; never leaves the device, and is kept as a keyed hash only
 * @property {boolean} lacksPhone true where the commune would have no number to call
 * @property {string[]} warnings sentences, none of which turns anybody away
 *
 * @typedef {{ verdict: "refused", title: string, text: string }} Refusal
 * @typedef {Record<string, string>} Texts
 */

/** @param {Texts} texts @param {string} key */
const words = (texts, key) => texts[key] ?? key;

/** @param {import("../reader/read.js").Reading} reading @param {Texts} texts @returns {Refusal} */
function refusalOf(reading, texts) {
  const [reason] = reading.reasons;
  const text = reason === undefined ? "" : REASONS[reason][texts.lang === "en" ? "en" : "vi"];
  if (reading.system !== undefined) return { verdict: "refused", title: words(texts, "foreign").replace("{system}", reading.system), text };
  if (reason === "input_method_active") return { verdict: "refused", title: words(texts, "input_method_title"), text };
  if (reason === "payment_code") return { verdict: "refused", title: words(texts, "payment"), text };
  return { verdict: "refused", title: words(texts, reading.kind === "card" ? "card_refused" : "unread"), text };
}

/** @param {import("../reader/read.js").Reading} reading @returns {string} */
function identityOf({ fields }) {
  if (fields.card_number) return `card ${fields.card_number}`;
  if (fields.id_number) return `id ${fields.id_number}`;
  if (fields.bhyt_number) return `bhyt ${fields.bhyt_number.slice(-10)}`;
  return `qid ${fields.qid ?? ""} ${fold(fields.name ?? "")} ${fields.birth_date ?? fields.birth_year ?? ""}`;
}

/**
 * @param {string} text of a code
 * @param {import("./kit.js").Kit} kit
 * @param {string} today local date
 * @param {Texts} texts
 * @returns {Promise<Person | Refusal>}
 */
export async function judge(text, kit, today, texts) {
  const reading = read(text, today);
  if (reading.verdict === "reject") return refusalOf(reading, texts);
  if (reading.kind === "place") return { verdict: "refused", title: words(texts, "place_title"), text: words(texts, "place_text") };
  if (reading.kind === "card") {
    const problem = await kit.cardProblem(reading);
    if (problem) return { verdict: "refused", title: words(texts, `${problem}_title`), text: words(texts, `${problem}_text`) };
    return { verdict: "person", name: reading.fields.masked_name ?? "", identity: identityOf(reading), lacksPhone: false, warnings: [] };
  }
  const warnings = reading.reasons.map((reason) => REASONS[reason][texts.lang === "en" ? "en" : "vi"]);
  const { name = "", phone } = reading.fields;
  return { verdict: "person", name, identity: identityOf(reading), lacksPhone: phone === undefined, warnings };
}

/** @param {{ name: string, phone: string }} typed @returns {string} */
export function typedIdentity({ name, phone }) {
  return `typed ${fold(name)} ${phone}`;
}
