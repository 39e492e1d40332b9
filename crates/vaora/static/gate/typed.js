// @ts-check
// Typed entry: a person by name, a code by its characters, and those who came along.
import { parseName, parsePhone } from "../reader/read.js";
import { byId, fill, setText } from "./dom.js";

/** @typedef {Record<string, string>} Texts */

/** Most companions in one entry: the server's bound. */
const COMPANIONS_MAX = 20;

/** @param {HTMLInputElement | HTMLTextAreaElement} input @param {string} problem empty when there is none */
function mark(input, problem) {
  const told = byId(`${input.id}-problem`, HTMLElement);
  setText(told, problem);
  told.hidden = problem === "";
  if (problem) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", told.id);
  } else {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

/** @param {HTMLInputElement | HTMLTextAreaElement} input @param {Texts} texts @param {boolean} isNeeded @returns {string | null} null when it is no name */
function nameIn(input, texts, isNeeded) {
  if (!isNeeded && input.value.trim() === "") {
    mark(input, "");
    return "";
  }
  const parsed = parseName(input.value);
  mark(input, "error" in parsed ? (texts[parsed.error === "empty" ? "name_empty" : parsed.error === "too_long" ? "name_long" : "name_wrong"] ?? "") : "");
  return "error" in parsed ? null : parsed.name;
}

/** @param {HTMLTextAreaElement} input one name a line @param {Texts} texts @returns {string[] | null} null when one is no name */
function namesIn(input, texts) {
  const lines = input.value.split(/[\n,;]/).filter((line) => line.trim() !== "");
  const names = lines.map(parseName);
  const wrong = lines[names.findIndex((name) => "error" in name)];
  const problem = wrong !== undefined ? fill(texts.companion_wrong ?? "", { name: wrong.trim() }) : names.length > COMPANIONS_MAX ? texts.companions_many ?? "" : "";
  mark(input, problem);
  return problem ? null : names.flatMap((name) => ("name" in name ? [name.name] : []));
}

/**
 * @param {Texts} texts
 * @param {(entry: import("./door.js").TypedEntry) => void} onPerson
 * @param {(code: string) => void} onCode
 * @returns {HTMLDialogElement}
 */
export function wireTyped(texts, onPerson, onCode) {
  const dialog = byId("typed", HTMLDialogElement);
  const person = byId("typed-person", HTMLFormElement);
  const code = byId("typed-code", HTMLFormElement);
  const [name, phone, year] = [byId("typed-name", HTMLInputElement), byId("typed-phone", HTMLInputElement), byId("typed-year", HTMLInputElement)];
  const [address, declarer] = [byId("typed-address", HTMLInputElement), byId("typed-declarer", HTMLInputElement)];
  const along = byId("typed-along", HTMLTextAreaElement);
  byId("close-typed", HTMLButtonElement).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    person.reset();
    code.reset();
    byId("typed-more", HTMLDetailsElement).open = false;
    for (const input of [name, phone, declarer, along]) mark(input, "");
  });
  person.addEventListener("submit", (event) => {
    event.preventDefault();
    const named = nameIn(name, texts, true);
    const declaredBy = nameIn(declarer, texts, false);
    const companions = namesIn(along, texts);
    const parsed = phone.value.trim() === "" ? null : parsePhone(phone.value);
    mark(phone, parsed && "error" in parsed ? texts.phone_wrong ?? "" : "");
    if (named === null || declaredBy === null || companions === null || (parsed && "error" in parsed)) {
      person.querySelector("[aria-invalid]")?.closest("details")?.setAttribute("open", "");
      /** @type {HTMLElement | null} */ (person.querySelector("[aria-invalid]"))?.focus();
      return;
    }
    const birthYear = Number(year.value);
    const typed = {
      name: named, phone: parsed?.e164 ?? "",
      ...(birthYear ? { birth_year: birthYear } : {}), ...(address.value.trim() ? { address: address.value.trim() } : {}),
    };
    dialog.close();
    onPerson({ typed, companions, declaredBy });
  });
  code.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = String(new FormData(code).get("code")).trim();
    dialog.close();
    if (text) onCode(text);
  });
  return dialog;
}

/**
 * @param {Texts} texts
 * @returns {{ dialog: HTMLDialogElement, ask: (name: string) => Promise<string[]> }} `ask` resolves to nobody when it is closed
 */
export function wireCompanions(texts) {
  const dialog = byId("companions", HTMLDialogElement);
  const form = byId("companions-form", HTMLFormElement);
  const input = byId("companions-names", HTMLTextAreaElement);
  /** @type {(names: string[]) => void} */ let answer = () => {};
  byId("close-companions", HTMLButtonElement).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    answer([]);
    form.reset();
    mark(input, "");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const names = namesIn(input, texts);
    if (names === null || names.length === 0) return input.focus();
    answer(names);
    dialog.close();
  });
  const ask = (/** @type {string} */ name) => new Promise((/** @type {(names: string[]) => void} */ resolve) => {
    answer = resolve;
    setText(byId("companions-of", HTMLElement), name);
    dialog.showModal();
    input.focus();
  });
  return { dialog, ask };
}
