// @ts-check
// The inspector's app: a list that was downloaded, one visit at a time, and a queue that is delivered once.
import { byId, el, shownDay, t } from "./page.js";
import { deliver, download } from "./send.js";
import { keepVisit, newVisit, readList, visit, visits } from "./store.js";
import { VisitForm } from "./visit.js";

/** How often what waits is tried again, in milliseconds. */
const AGAIN_MS = 30_000;

const state = byId("state", HTMLElement);
const form = new VisitForm(() => void showList().then(sendNow));
/** What was last told of a delivery. @type {string} */
let told = "";

/** @param {"list" | "visit"} part */
function show(part) {
  byId("list-part", HTMLElement).hidden = part !== "list";
  byId("visit-part", HTMLElement).hidden = part !== "visit";
  scrollTo(0, 0);
}

/** @param {import("./send.js").Way} way */
async function tell(way) {
  const list = await readList();
  const all = await visits();
  const own = all.filter((one) => one.account === list?.account);
  const waiting = own.filter((one) => one.state === "queued").length;
  const other = all.find((one) => one.account !== list?.account);
  const lines = [told, ...own.filter((one) => one.state === "refused").map((one) => t("refused", { place: one.place, text: one.problem }))];
  if (way === "sign_in") lines.push(t("signIn"));
  if (way === "offline" && !navigator.onLine) lines.push(t("offline"));
  if (waiting > 0) lines.push(t("queued", { n: waiting }));
  if (other) lines.push(t("otherAccount", { name: other.owner }));
  const tone = way === "sign_in" || own.some((one) => one.state === "refused") ? "bad" : waiting > 0 || way === "offline" ? "warn" : "good";
  const shown = lines.filter(Boolean);
  const box = el("div", { class: `notice ${tone}` }, el("div", {}, ...shown.map((line) => el("p", {}, line))));
  if (way === "sign_in") box.firstElementChild?.append(el("a", { class: "button", href: "/login?next=/inspect" }, t("signInLink")));
  state.replaceChildren(...(shown.length > 0 ? [box] : []));
}

async function showList() {
  const list = await readList();
  const known = new Map((await visits()).map((one) => [one.id, one]));
  byId("who", HTMLElement).textContent = list?.name ?? "";
  const line = byId("list-part", HTMLElement).querySelector(".muted");
  if (line instanceof HTMLElement) {
    line.dataset.source ??= line.textContent ?? "";
    line.textContent = line.dataset.source.replace("{time}", list ? new Date(list.at).toLocaleString("vi-VN") : "–");
  }
  const places = list?.inspections ?? [];
  byId("list", HTMLElement).replaceChildren(...places.map((place) => {
    const one = known.get(place.id);
    const button = el("button", { type: "button", class: "todo-words", "data-id": place.id }, el("strong", {}, place.place), el("br"), el("span", { class: "muted" }, `${t("day", { day: shownDay(place.day) })} · ${place.address}, ${place.commune}${one ? ` · ${t(one.state === "queued" ? "waiting" : "draft")}` : ""}`));
    button.addEventListener("click", () => void openVisit(place));
    return el("li", { class: one?.state === "queued" ? "good" : one ? "warn" : "info" }, button);
  }));
  byId("no-list", HTMLElement).hidden = places.length > 0;
  show("list");
}

/** @param {import("./store.js").Place} place */
async function openVisit(place) {
  const list = await readList();
  if (!list) return;
  const known = await visit(place.id);
  const one = known ?? newVisit(place, list);
  // What waits to be sent is opened to be mended; it is then sent anew under the same delivery.
  if (one.state === "queued") await keepVisit({ ...one, state: "draft" });
  form.open(one.state === "queued" ? { ...one, state: "draft" } : one, place);
  location.hash = place.id;
  show("visit");
  byId("visit-title", HTMLElement).focus();
}

async function closeVisit() {
  await form.close();
  history.replaceState(null, "", location.pathname);
  await showList();
}

async function sendNow() {
  history.replaceState(null, "", location.pathname);
  const list = await readList();
  const way = await deliver(list?.account ?? "", (one, outcome) => { if (outcome === "sent") told = t("sent", { place: one.place }); });
  if (way === "done") await refresh();
  else await tell(way);
}

async function refresh() {
  const way = await download();
  // Who works on a visit is left alone.
  if (byId("visit-part", HTMLElement).hidden) await showList();
  await tell(way);
}

async function begin() {
  try {
    await visits();
  } catch {
    state.replaceChildren(el("div", { class: "notice bad" }, el("div", {}, el("p", {}, t("noStorage")))));
    return;
  }
  void navigator.storage?.persist?.();
  byId("back", HTMLButtonElement).addEventListener("click", () => void closeVisit());
  byId("refresh", HTMLButtonElement).addEventListener("click", () => void refresh());
  guardLeaving();
  const list = await readList();
  const open = list?.inspections.find((place) => place.id === location.hash.slice(1));
  await showList();
  if (open && (await visit(open.id))) await openVisit(open);
  await sendNow();
  addEventListener("online", () => void sendNow());
  setInterval(() => void visits().then((all) => { if (all.some((one) => one.state === "queued")) void sendNow(); }), AGAIN_MS);
}

function guardLeaving() {
  const leave = byId("leave", HTMLFormElement);
  const dialog = byId("leaving", HTMLDialogElement);
  leave.addEventListener("submit", (event) => {
    event.preventDefault();
    void visits().then((all) => (all.length > 0 ? dialog.showModal() : leave.submit()));
  });
  byId("stay", HTMLButtonElement).addEventListener("click", () => dialog.close());
  byId("leave-anyway", HTMLButtonElement).addEventListener("click", () => leave.submit());
}

async function keepApp() {
  const container = navigator.serviceWorker;
  if (!container) return;
  // The worker asks for the page by itself: it shall get it in the language that stands here.
  document.cookie = `lang=${document.documentElement.lang}; path=/; max-age=31536000; samesite=lax`;
  const registration = await container.register("/inspect-worker.js", { scope: "/inspect", updateViaCache: "none" }).catch(() => undefined);
  // This page has all its modules already: a new version may take over for the next opening.
  const apply = () => registration?.waiting?.postMessage("take-over");
  registration?.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", apply));
  apply();
}

void keepApp();
void begin();
