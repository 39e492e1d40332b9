// @ts-check
// The box for modules, and the person of this phone.
import "./box.js";

export const box = /** @type {VisitBox} */ (/** @type {any} */ (globalThis).vaoraVisitBox);

/** Where the page keeps the person: as JSON. */
const PERSON = "vaora-person";

/** @returns {VisitPerson | null} the person of this phone, where one is known */
export function savedPerson() {
  try {
    const person = JSON.parse(localStorage.getItem(PERSON) ?? "null");
    return typeof person?.name === "string" && typeof person.phone === "string" ? person : null;
  } catch {
    return null;
  }
}

/** @param {VisitPerson | null} person null: forgets him; what waits to be sent keeps its own */
export async function savePerson(person) {
  try {
    if (person) localStorage.setItem(PERSON, JSON.stringify(person));
    else localStorage.removeItem(PERSON);
  } catch {
    // Storage may be refused; then the person is asked again.
  }
  await box.keepPerson(person);
}

/** Where a poster's code stands through which the server's cookie has yet to be cleared. */
const FORGET = "vaora-forget";

/** Forgets the person here, and in the server's cookie as soon as there is a network. @param {string} code of any place known here */
export async function forgetPerson(code) {
  await savePerson(null);
  try {
    if (code) localStorage.setItem(FORGET, code);
  } catch {
    // Then only what stands here is forgotten.
  }
  await finishForgetting();
}

/** @returns {Promise<boolean>} whether a cookie was cleared that was still to be cleared */
export async function finishForgetting() {
  try {
    const code = localStorage.getItem(FORGET);
    if (!code) return false;
    const answer = await fetch(`/D/${code}`, { method: "POST", body: new URLSearchParams({ action: "forget" }) });
    if (answer.ok) localStorage.removeItem(FORGET);
    return answer.ok;
  } catch {
    // No network: the next opening tries again.
    return false;
  }
}

/** @returns {string} a new id for a check-in */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64;
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * A check-in of this phone, to be kept until the server has it.
 * @param {Pick<VisitScan, "code" | "kind" | "at"> & Partial<VisitScan>} parts
 * @returns {VisitScan}
 */
export function newScan(parts) {
  return {
    id: newId(), state: "queued", place: "", area: "", commune: "", text: "", who: parts.person?.name ?? "", person: null,
    companions: [], rotating: "", corrected: false, corrects: "", ...parts,
  };
}

/** Where the page keeps a success that is not in the diary yet: as JSON. */
const DONE = "vaora-done";

/**
 * @typedef {{ kind?: string, code?: string, at?: string, place?: string, area?: string, commune?: string, who?: string,
 *   sent?: { id?: string, companions?: string, person?: VisitPerson | null } | null }} Success what the page said, and the form as sent
 */

/** Brings a success into the diary. @param {Success | null} [success] the page's; else the one left by a page that closed too early */
export async function noteDone(success = leftDone()) {
  if (!success) return;
  const { sent, kind, code = "", at, place = "", area = "", commune = "", who = "" } = success;
  // Under the name as the server wrote it, so that all lines of one person agree.
  const typed = sent?.person && who ? { ...sent.person, name: who } : null;
  if (typed) await savePerson(typed);
  const saved = typed ?? savedPerson();
  await box.add(newScan({
    ...(sent?.id ? { id: sent.id } : {}), code, kind: kind === "out" ? "out" : "in", at: Number(at), state: "recorded",
    place, area, commune, who, person: saved?.name === who ? saved : null, companions: readNames(sent?.companions ?? ""),
  }));
  try {
    localStorage.removeItem(DONE);
  } catch {
    // Then nothing was left there either.
  }
}

/** @returns {Success | null} */
function leftDone() {
  try {
    return JSON.parse(localStorage.getItem(DONE) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} text a name a line, or commas between @returns {string[]} */
export const readNames = (text) => text.split(/[\n,;]/).map((name) => name.trim()).filter(Boolean);

/** @param {string} phone @returns {string} with most digits hidden, as the server shows it */
export function maskedPhone(phone) {
  const digits = phone.replace(/\D/g, "");
  return digits ? `**** *** ${digits.slice(-3)}` : "";
}

/**
 * A person from typed fields, or what is wrong with them, by field. The server looks more closely.
 * @param {FormData} data with name, phone, birth_year and commune
 * @param {{ phone: "needed" | "optional" }} rules
 * @returns {{ person: VisitPerson } | { errors: Record<string, "name" | "phone" | "birth_year"> }}
 */
export function readPerson(data, rules) {
  const text = (/** @type {string} */ field) => String(data.get(field) ?? "").trim().replace(/\s+/g, " ");
  /** @type {Record<string, "name" | "phone" | "birth_year">} */
  const errors = {};
  const [name, phone, year, address] = [text("name"), text("phone").replace(/[\s.\-()]/g, ""), text("birth_year"), text("commune")];
  if (!/\p{L}/u.test(name)) errors.name = "name";
  if (phone ? !/^(0|\+?84)[35789]\d{8}$/.test(phone) : rules.phone === "needed") errors.phone = "phone";
  if (year && !(/^\d{4}$/.test(year) && Number(year) >= 1900 && Number(year) <= new Date().getFullYear())) errors.birth_year = "birth_year";
  if (Object.keys(errors).length > 0) return { errors };
  return { person: { name, phone, ...(year ? { birth_year: Number(year) } : {}), ...(address ? { address } : {}) } };
}
