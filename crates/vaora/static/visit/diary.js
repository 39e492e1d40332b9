// @ts-check
// The diary: where this phone's people were, in and out, and what waits to be sent. It stands on this phone alone.
import { grouped } from "./code.js";
import { changed, lastSent, onChange, sendLater, sendNow } from "./outbox.js";
import { ask, button, byId, dialog, el, t, tell } from "./page.js";
import { INSIDE_MS_MAX, startOf, visits } from "./pair.js";
import { box, newScan, savedPerson } from "./store.js";
import { clock, clockAndDay, day, fromField, readDay, toField } from "./time.js";

/** The server takes no check-in older than this, in milliseconds. */
const LATE_MS_MAX = 7 * 86_400_000;

/** @typedef {import("./pair.js").Visit} Visit */

export function openDiary() {
  onChange(() => void show());
  void show();
}

async function show() {
  const scans = await box.scans();
  showQueue(scans.filter((scan) => scan.state === "queued"));
  const found = visits(scans);
  const people = new Set(scans.map((scan) => scan.who).filter(Boolean));
  const root = byId("diary-list");
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
  /** @type {Node[]} */
  const parts = [];
  let today = "";
  for (const visit of found) {
    const on = day(startOf(visit));
    if (on !== today) parts.push(el("h2", { class: "day" }, readDay(on)));
    today = on;
    parts.push(entry(visit, people.size > 1));
  }
  if (found.length === 0) parts.push(el("p", { class: "box" }, t("diary_empty")));
  root.replaceChildren(...parts);
  if (focused) /** @type {HTMLElement | null} */ (root.querySelector(`[data-key="${focused}"]`))?.focus();
}

/** @param {VisitScan[]} queued */
function showQueue(queued) {
  const first = queued[0];
  const root = byId("queue");
  root.hidden = !first;
  if (!first) return root.replaceChildren();
  const { problem } = lastSent();
  const why = problem === "busy" ? t("queue_busy") : problem === "offline" || !navigator.onLine ? t("queue_offline") : "";
  root.replaceChildren(
    el("p", {}, el("strong", {}, t("queue_count", { n: queued.length })), ` ${t("queue_oldest", { time: clockAndDay(first.at) })} ${why}`),
    button(t("send_now"), async () => tell((await sendNow()).left === 0 ? t("all_sent") : t("still_waiting"))));
}

/** @param {VisitScan} scan @returns {string} what the place is called here */
function placeOf(scan) {
  return [scan.place, scan.area].filter(Boolean).join(" · ") || t("code_named", { code: grouped(scan.code) });
}

/** @param {Visit} visit @param {boolean} named whether to say whose it is */
function entry(visit, named) {
  const first = /** @type {VisitScan} */ (visit.in ?? visit.out);
  const isRefused = first.state === "refused";
  const isOpen = visit.in && !visit.out && !isRefused && Date.now() - visit.in.at < LATE_MS_MAX;
  const out = /** @type {HTMLButtonElement} */ (button(t("i_left"), () => leave(first, Date.now(), false)));
  out.dataset.key = `out ${first.id}`;
  const others = first.companions.length > 0 ? el("p", { class: "muted" }, t("with_names", { names: first.companions.join(", ") })) : null;
  return el("article", { class: "visit", "data-id": first.id },
    el("h3", {}, placeOf(first)),
    el("p", { class: "muted" }, [first.commune, named ? first.who : ""].filter(Boolean).join(" · ")),
    others,
    el("dl", { class: "times" }, ...(visit.in ? moment(visit.in, visit) : []), ...(visit.out ? moment(visit.out, visit) : [])),
    el("div", { class: "row" },
      ...(isOpen ? [...(Date.now() - startOf(visit) < INSIDE_MS_MAX ? [out] : []), button(t("left_at"), () => leaveAt(first), "quiet")] : []),
      button(t("delete"), () => removeVisit(visit), "link")));
}

/** @param {VisitScan} scan @param {Visit} visit */
function moment(scan, visit) {
  const state = el("span", { class: `state ${scan.state}` }, t(`state_${scan.state}`));
  const original = scan.corrects ? visit.scans.find((one) => one.id === scan.corrects) : undefined;
  const canCorrect = scan.state !== "refused" && Date.now() - scan.at < LATE_MS_MAX;
  const correct = button(t("correct"), () => correctTime(scan, visit), "link");
  correct.dataset.key = `correct ${scan.kind} ${scan.corrects || scan.id}`;
  correct.setAttribute("aria-label", `${t("correct")}: ${t(scan.kind)} ${clock(scan.at)}, ${placeOf(scan)}`);
  // The heading says the day on which the visit began.
  const said = (/** @type {number} */ at) => (day(at) === day(startOf(visit)) ? clock(at) : clockAndDay(at));
  return [el("div", { class: scan.kind }, el("dt", {}, t(scan.kind)),
    el("dd", {}, el("b", {}, said(scan.at)), " ", state, canCorrect ? correct : null,
      original ? el("span", { class: "note" }, t("corrected_from", { time: said(original.at) })) : null,
      scan.state === "refused" ? el("span", { class: "note" }, scan.text || t("refused_more")) : null))];
}

/** Whose an added check-in is. @param {VisitScan} scan @returns {VisitPerson | null | "unknown"} null: the person of the cookie */
function personFor(scan) {
  if (scan.person) return scan.person;
  const saved = savedPerson();
  if (!saved || saved.name === scan.who) return saved;
  return "unknown";
}

/** @param {VisitScan} first whose visit it is @param {Partial<VisitScan> & Pick<VisitScan, "kind" | "at">} parts */
async function addTo(first, parts) {
  const person = personFor(first);
  // Another person uses this phone now: only the place's page can ask who it was.
  if (person === "unknown") {
    location.href = `/D/${first.code}`;
    return;
  }
  const { code, place, area, commune, who, companions } = first;
  await box.add(newScan({ code, place, area, commune, companions, ...parts, person, who }));
  changed();
  const { left } = await sendNow();
  tell(left === 0 ? t("all_sent") : t("kept"));
  if (left > 0) void sendLater();
}

/** @param {VisitScan} first @param {number} at @param {boolean} corrected */
function leave(first, at, corrected) {
  return addTo(first, { kind: "out", at, corrected });
}

/**
 * Asks for a time within what the server takes and the visit allows.
 * @param {string} title @param {string} words @param {number} suggested @param {number} from @param {number} until
 * @param {(at: number) => unknown} take
 */
function askTime(title, words, suggested, from, until, take) {
  const input = el("input", { class: "input", id: "time", type: "datetime-local", required: true, min: toField(from), max: toField(until), value: toField(suggested) });
  const wrong = el("p", { class: "error-text", id: "time-error", role: "alert" });
  const form = el("form", { novalidate: true }, el("p", {}, words), el("label", { for: "time" }, t("time")), wrong, input,
    el("div", { class: "row" }, el("button", { class: "press" }, t("save")), button(t("cancel"), () => sheet.close(), "quiet")));
  const sheet = dialog(title, [form]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const at = fromField(input.value);
    // The field holds minutes, so the minute in which the visit began counts as after it.
    if (at === null || at < from - 60_000 || at > until) {
      wrong.textContent = t("wrong_time", { from: clockAndDay(from), until: clockAndDay(until) });
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", "time-error");
      input.focus();
      return;
    }
    sheet.close();
    void take(at);
  });
}

/** @param {VisitScan} first */
function leaveAt(first) {
  const now = Date.now();
  askTime(t("left_at"), t("left_at_more"), Math.min(now, first.at + 3_600_000), Math.max(first.at, now - LATE_MS_MAX), now,
    (at) => leave(first, Math.max(at, first.at), true));
}

/** @param {VisitScan} scan @param {Visit} visit */
function correctTime(scan, visit) {
  const now = Date.now();
  const from = Math.max(now - LATE_MS_MAX, scan.kind === "out" ? visit.in?.at ?? 0 : 0);
  const until = scan.kind === "in" ? visit.out?.at ?? now : now;
  // The field holds whole minutes: within the minute of the other end, the visit keeps its order.
  const fit = (/** @type {number} */ at) => Math.min(Math.max(at, from), until);
  askTime(t("correct"), t("correct_more"), scan.at, from, until,
    (at) => addTo(scan, { kind: scan.kind, at: fit(at), corrected: true, corrects: scan.corrects || scan.id }));
}

/** @param {Visit} visit */
async function removeVisit(visit) {
  const unsent = visit.scans.some((scan) => scan.state === "queued");
  const words = [t("delete_more", { n: byId("app").dataset.days ?? "" }), ...(unsent ? [t("delete_unsent")] : [])];
  if (!await ask(t("delete_title"), words, t("delete"))) return;
  await box.remove(visit.scans.map((scan) => scan.id));
  changed();
  tell(t("deleted"));
}
