// @ts-check
// A poster's page without a network: the same two buttons; what is pressed is on this phone's disk before it is shown.
import { grouped, parseCode } from "./code.js";
import { offerVoice } from "./after.js";
import { lastSent, onChange, sendLater, sendNow } from "./outbox.js";
import { button, byId, drawing, el, field, t } from "./page.js";
import { insideSince } from "./pair.js";
import { box, forgetPerson, maskedPhone, newScan, readNames, readPerson, savedPerson, savePerson } from "./store.js";
import { clockAndDay, second } from "./time.js";

/** How long a success counts as fresh, in milliseconds. */
const FRESH_MS = 60_000;

const ARROWS = { in: ["M13 4h6v16h-6M3 12h11M10 7.5l4.5 4.5-4.5 4.5"], out: ["M11 4H5v16h6M10 12h11M16.5 7.5L21 12l-4.5 4.5"] };
const TICK = ["M4 12.5l5.5 5.5L20 6.5"];
const HOURGLASS = ["M6 3h12M6 21h12M7.5 3c0 5 4.5 6 4.5 9s-4.5 4-4.5 9M16.5 3c0 5-4.5 6-4.5 9s4.5 4 4.5 9"];
const CROSS = ["M5 5l14 14M19 5L5 19"];

/** @typedef {{ code: string, rotating: string, place: string, area: string, commune: string }} Here */

/**
 * @param {string} typed the code in the address
 * @param {string} rotating what a screen showed beside it, or empty
 */
export async function openCheckIn(typed, rotating) {
  const code = parseCode(typed);
  if (!code) return showWrongCode(typed);
  // Without storage the page opens all the same, and says at the press that nothing can be kept.
  const scans = await box.scans().catch(() => []);
  const known = [...scans].reverse().find((scan) => scan.code === code && scan.place);
  /** @type {Here} */
  const here = { code, rotating, place: known?.place ?? "", area: known?.area ?? "", commune: known?.commune ?? "" };
  document.title = `${here.place || grouped(code)} – Vào Ra`;
  byId("code").textContent = code;
  const saved = new URLSearchParams(location.search).get("saved") ?? "";
  if (saved === "forget") await forgetPerson(code);
  const kept = scans.find((scan) => scan.id === saved);
  if (kept?.person) await savePerson(kept.person);
  if (kept) showKept(kept.id, here);
  else showForm(here, scans);
}

/** @param {string} typed */
function showWrongCode(typed) {
  byId("check-in").replaceChildren(
    el("h1", { class: "place" }, t("wrong_code")),
    el("p", { class: "next" }, t("wrong_code_more", { code: typed.slice(0, 20) })),
    el("p", {}, el("a", { class: "back", href: "/D/me" }, t("to_me"))));
}

/** @param {Here} here */
function heading(here) {
  const sub = here.place ? [here.area, here.commune].filter(Boolean).join(" · ") : t("place_unknown");
  return [el("h1", { class: "place" }, here.place || t("code_named", { code: grouped(here.code) })), el("p", { class: "sub" }, sub)];
}

/** @param {"in" | "out"} kind @param {boolean} strong */
function go(kind, strong) {
  return el("button", { class: `go ${kind}${strong ? "" : " quiet"}`, name: "action", value: kind }, drawing(ARROWS[kind], "arrow"), el("span", {}, t(kind)));
}

/**
 * @param {Here} here
 * @param {VisitScan[]} scans
 * @param {Record<string, string>} [errors] by field
 * @param {FormData} [typed] what was typed before
 */
function showForm(here, scans, errors = {}, typed) {
  const person = savedPerson();
  const open = person ? insideSince(scans, here.code, person.name, Date.now()) : null;
  const value = (/** @type {string} */ name) => String(typed?.get(name) ?? "");
  const along = el("textarea", { class: "textarea", id: "companions", name: "companions", rows: "3", maxlength: "1500" });
  along.value = value("companions");
  const form = el("form", { id: "offline-form", novalidate: true },
    ...(person ? greeting(person, open) : personFields(value, errors)),
    el("details", { class: "along" }, el("summary", {}, t("along")), el("div", { class: "field" }, el("label", { for: "companions" }, t("along_names")), along)),
    el("div", { class: "gos" }, go("in", !open), go("out", Boolean(open) || !person)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = event.submitter instanceof HTMLButtonElement && event.submitter.value === "out" ? "out" : "in";
    void take(here, scans, kind, new FormData(form));
  });
  const forget = button(t("not_me"), async () => { await forgetPerson(here.code); showForm(here, scans); }, "link");
  byId("check-in").replaceChildren(
    el("p", { class: "box warn", id: "no-network" }, t(navigator.onLine ? "slow_network" : "no_network")),
    ...heading(here), form, ...(person ? [forget] : []),
    el("p", { class: "ways" }, el("a", { href: location.pathname }, t("load_again")), el("a", { href: "/D/me" }, t("to_me"))));
}

/** @param {VisitPerson} person @param {VisitScan | null} open */
function greeting(person, open) {
  const hello = el("p", { class: "hello" }, `${t("hello")} `, el("strong", {}, person.name), el("br"), el("span", { class: "muted" }, maskedPhone(person.phone)));
  return open ? [hello, el("p", { class: "box" }, t("inside_since", { time: clockAndDay(open.at) }))] : [hello];
}

/** @param {(name: string) => string} value @param {Record<string, string>} errors */
function personFields(value, errors) {
  return [
    field("name", t("name"), { autocomplete: "name", maxlength: "100", value: value("name") }, errors.name),
    field("phone", t("phone"), { type: "tel", inputmode: "tel", autocomplete: "tel", maxlength: "20", value: value("phone") }, errors.phone),
    el("div", { class: "pair" },
      field("birth_year", t("birth_year"), { inputmode: "numeric", autocomplete: "bday-year", maxlength: "4", required: false, value: value("birth_year") }, errors.birth_year),
      field("commune", t("commune"), { autocomplete: "off", maxlength: "80", required: false, value: value("commune") })),
    el("p", { class: "box law" }, t("notice", { n: byId("app").dataset.days ?? "" })),
  ];
}

/** @param {Here} here @param {VisitScan[]} scans @param {"in" | "out"} kind @param {FormData} data */
async function take(here, scans, kind, data) {
  let person = savedPerson();
  if (!person) {
    const read = readPerson(data, { phone: "needed" });
    if ("errors" in read) {
      showForm(here, scans, Object.fromEntries(Object.entries(read.errors).map(([name, error]) => [name, t(`wrong_${error}`)])), data);
      document.querySelector("#offline-form [aria-invalid]")?.scrollIntoView({ block: "center" });
      /** @type {HTMLElement | null} */ (document.querySelector("#offline-form [aria-invalid]"))?.focus();
      return;
    }
    person = read.person;
  }
  const companions = readNames(String(data.get("companions") ?? ""));
  const scan = newScan({ ...here, kind, at: Date.now(), person, companions });
  try {
    await box.add(scan);
  } catch {
    byId("no-network").textContent = t("not_kept");
    byId("no-network").className = "box bad";
    byId("no-network").scrollIntoView({ block: "center" });
    return;
  }
  await savePerson(person);
  showKept(scan.id, here);
  // So that a reload shows this again and asks nothing twice.
  history.replaceState(null, "", `${location.pathname}?saved=${scan.id}`);
  void sendNow();
  void sendLater();
}

/** Shows a kept check-in as it stands, and again whenever that changes. @param {string} id @param {Here} here */
function showKept(id, here) {
  let shown = "";
  const show = async () => {
    const scan = (await box.scans()).find((one) => one.id === id);
    const word = lastSent().words[id] ?? "";
    if (!scan || shown === scan.state + word) return;
    shown = scan.state + word;
    render(scan, here, word);
  };
  onChange(() => void show());
  void show();
}

/** @param {VisitScan} scan @param {Here} here @param {string} word */
function render(scan, here, word) {
  const place = [scan.place || here.place, scan.area || here.area].filter(Boolean).join(" · ") || t("code_named", { code: grouped(scan.code) });
  const styles = { queued: "kept", recorded: scan.kind, refused: "refused" };
  const marks = { queued: HOURGLASS, recorded: TICK, refused: CROSS };
  const title = { queued: t("kept"), recorded: t(`recorded_${scan.kind}`), refused: t("refused") };
  const done = el("section", { class: `done ${styles[scan.state]}`, id: "kept", role: "status", "data-listen": t("listen") },
    drawing(marks[scan.state], "mark"), el("h1", {}, title[scan.state]),
    scan.state === "queued" ? el("p", { class: "kind" }, t(scan.kind)) : null,
    el("p", { class: "where" }, place), el("p", { class: "commune" }, scan.commune || here.commune),
    word ? el("p", { class: "word" }, el("span", {}, t("word")), " ", el("b", { lang: "vi" }, word)) : null,
    el("p", { class: "when" }, `${clockAndDay(scan.at)} `, el("span", { class: "second" }, t("second", { n: second(scan.at) }))));
  const next = { queued: t("kept_more"), recorded: t(scan.kind === "in" ? "when_leaving" : "thanks"), refused: scan.text || t("refused_more") };
  byId("check-in").replaceChildren(done, el("p", { class: "next" }, next[scan.state]),
    el("p", {}, el("a", { class: "back", href: `/D/${scan.code}` }, t("to_place"))),
    el("p", {}, el("a", { class: "back", href: "/D/me" }, t("to_me"))),
    el("p", { class: "old" }, t("old")));
  setTimeout(() => done.classList.add("past"), Math.max(0, scan.at + FRESH_MS - Date.now()));
  if (scan.state === "recorded") offerVoice(done);
}
