// @ts-check
// The visitor's shell: under its own address the diary, the cards and the settings; under a poster's address, without
// a network, the check-in.
import { openCards } from "./cards.js";
import { openCheckIn } from "./checkin.js";
import { openDiary } from "./diary.js";
import { begin } from "./outbox.js";
import { byId, el, t } from "./page.js";
import { openSettings } from "./settings.js";
import { finishForgetting, noteDone } from "./store.js";

/** Names of the parts, as in the address after the #; no element has such an id, or the page would jump to it. */
const PARTS = ["diary", "cards", "settings"];

function showPart() {
  const wanted = location.hash.slice(1);
  const chosen = PARTS.includes(wanted) ? wanted : PARTS[0];
  for (const part of PARTS) {
    byId(`part-${part}`).hidden = part !== chosen;
    const link = byId(`to-${part}`);
    if (part === chosen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function openMe() {
  byId("me").hidden = false;
  addEventListener("hashchange", showPart);
  showPart();
  try {
    await noteDone();
  } catch {
    // A private window keeps nothing: said once, in place of lists that would stay empty.
    byId("me").replaceChildren(el("p", { class: "box bad" }, t("no_storage")));
    return;
  }
  openDiary();
  openCards();
  openSettings();
  begin();
}

async function openPlace() {
  byId("check-in").hidden = false;
  byId("code-line").hidden = false;
  await noteDone().catch(() => {});
  await openCheckIn(decodeURIComponent(code), rotating);
  begin();
}

const [, code = "", rotating = ""] = /^\/[Dd]\/([^/]+)(?:\/([^/]+))?$/.exec(location.pathname) ?? [];
void (code === "me" ? openMe() : openPlace());
void finishForgetting();
