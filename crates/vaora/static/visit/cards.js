// @ts-check
// Cards on the phone: the visitor's own, and those of children and elders who have no phone. Gates read them, also
// where neither side has a network.
import { onChange, changed } from "./outbox.js";
import { ask, button, byId, dialog, el, field, t, tell } from "./page.js";
import { box, readPerson, savedPerson } from "./store.js";
import { day, readDay } from "./time.js";

/** A card is renewed by itself when it has fewer days left than this. */
const RENEW_DAYS = 10;
/** Most cards on one phone: a family with room to spare. */
const CARDS_MAX = 20;

export function openCards() {
  onChange(() => void show());
  byId("make-own").addEventListener("click", () => void makeOwn());
  byId("make-other").addEventListener("click", () => askPerson("optional"));
  void show();
  addEventListener("online", () => void renewDue());
  void renewDue();
}

/** @param {VisitCard} card @returns {number} whole days from today to its last day, below 0 once it is past */
function daysLeft(card) {
  return Math.round((Date.parse(card.expires_on) - Date.parse(day(Date.now()))) / 86_400_000);
}

async function show() {
  const cards = await box.cards();
  byId("card-list").replaceChildren(...cards.map(entry), ...(cards.length === 0 ? [el("p", { class: "box" }, t("cards_empty"))] : []));
  const own = savedPerson()?.name;
  byId("make-own").hidden = cards.some((card) => card.label === own);
}

/** @param {VisitCard} card */
function entry(card) {
  const left = daysLeft(card);
  return el("article", { class: "card", "data-number": card.number },
    el("h2", {}, card.label || card.masked_name),
    el("p", { class: left < 0 ? "error-text" : "muted" }, left < 0 ? t("card_expired", { day: readDay(card.expires_on) }) : t("card_until", { day: readDay(card.expires_on) })),
    el("div", { class: "row" },
      button(t("card_open"), () => showCard(card)),
      button(t("card_renew"), async () => tell(await renew(card) ? t("card_renewed") : t("card_not_renewed")), "quiet"),
      button(t("delete"), () => removeCard(card), "link")));
}

/** @param {string} svg @returns {string} an address for an image: drawn, but never run */
const imageOf = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** @param {VisitCard} card */
function showCard(card) {
  const close = button(t("close"), () => sheet.close(), "quiet");
  const sheet = dialog(card.masked_name, [
    el("img", { class: "symbol", src: imageOf(card.svg), alt: t("card_symbol", { name: card.masked_name }) }),
    el("p", { class: "number" }, card.short_number),
    el("p", {}, t("card_until", { day: readDay(card.expires_on) }), el("br"), t("card_show")),
    close,
  ], "show-card");
  // A dark screen cannot be read at the gate.
  const lock = /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
  sheet.addEventListener("close", () => void lock?.then((/** @type {any} */ held) => held?.release()));
}

/**
 * @param {string} address
 * @param {object} body
 * @returns {Promise<{ made: any } | { problem: string }>}
 */
async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (answer.ok) return { made: answer.status === 204 ? null : await answer.json() };
    return { problem: await problemOf(answer) || t("card_failed") };
  } catch {
    return { problem: t("card_offline") };
  }
}

/** @param {Response} answer @returns {Promise<string>} the server's words: of a problem document, or of its page for people */
async function problemOf(answer) {
  const text = await answer.text();
  if ((answer.headers.get("content-type") ?? "").includes("json")) return JSON.parse(text).title ?? "";
  return new DOMParser().parseFromString(text, "text/html").querySelector("main .lead")?.textContent?.trim() ?? "";
}

async function makeOwn() {
  const person = savedPerson();
  if (!person) return askPerson("needed");
  const problem = await make(person);
  if (problem) tell(problem);
}

/** @param {VisitPerson} person @returns {Promise<string>} what is wrong, or empty */
async function make(person) {
  if ((await box.cards()).length >= CARDS_MAX) return t("cards_full", { n: CARDS_MAX });
  const answer = await post("/D/me/cards", { people: [person] });
  if ("problem" in answer) return answer.problem;
  for (const card of answer.made) await box.keepCard({ ...card, label: person.name });
  changed();
  tell(t("card_made"));
  return "";
}

/** @param {"needed" | "optional"} phone needed for one's own card */
function askPerson(phone) {
  const set = (/** @type {string} */ id) => ({ id: `card-${id}`, autocomplete: "off" });
  const form = el("form", { novalidate: true });
  const sheet = dialog(t(phone === "needed" ? "make_own" : "make_other"), [form]);
  const show = (/** @type {Record<string, string>} */ errors, /** @type {FormData | undefined} */ typed) => {
    const value = (/** @type {string} */ name) => ({ value: String(typed?.get(name) ?? "") });
    form.replaceChildren(
      field("name", t("name"), { ...set("name"), ...value("name"), maxlength: "100" }, errors.name),
      field("birth_year", t("birth_year"), { ...set("birth-year"), ...value("birth_year"), inputmode: "numeric", maxlength: "4", required: false }, errors.birth_year),
      field("phone", t("phone"), { ...set("phone"), ...value("phone"), type: "tel", inputmode: "tel", maxlength: "20", ...(phone === "optional" ? { required: false } : {}) }, errors.phone),
      el("p", { class: "error-text", role: "alert" }, errors.whole ?? ""),
      el("div", { class: "row" }, el("button", { class: "press" }, t("card_make")), button(t("cancel"), () => sheet.close(), "quiet")));
    /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]") ?? form.querySelector("input"))?.focus();
  };
  show({}, undefined);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const read = readPerson(data, { phone });
    if ("errors" in read) return show(Object.fromEntries(Object.entries(read.errors).map(([name, error]) => [name, t(`wrong_${error}`)])), data);
    const problem = await make(read.person);
    if (problem) show({ whole: problem }, data);
    else sheet.close();
  });
}

/** @param {VisitCard} card @returns {Promise<boolean>} */
async function renew(card) {
  const answer = await post("/D/me/cards/renew", { number: card.number, secret: card.secret });
  if ("problem" in answer) return false;
  await box.keepCard({ ...answer.made, label: card.label });
  changed();
  return true;
}

/** Renews what soon expires, without being asked. */
async function renewDue() {
  if (!navigator.onLine) return;
  for (const card of await box.cards()) if (daysLeft(card) < RENEW_DAYS) await renew(card);
}

/** @param {VisitCard} card */
async function removeCard(card) {
  if (!await ask(t("card_delete_title"), [t("card_delete_more")], t("delete"))) return;
  // Its number is given back where there is a network: whoever photographed the symbol has nothing then.
  await post("/D/me/cards/give-back", { number: card.number, secret: card.secret });
  await box.removeCard(card.number);
  changed();
  tell(t("deleted"));
}
