// @ts-check
// The visitor's shell: under its own address the diary, the cards and the settings; under a poster's address, without
// a network, the check-in.
import { openCards } from "./cards.js";
import { openCheckIn } from "./checkin.js";
import { openDiary } from "./diary.js";
import { begin } from "./outbox.js";
import { byId } from "./page.js";
import { openSettings } from "./settings.js";
import { finishForgetting } from "./store.js";

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

const [, code = "", rotating = ""] = /^\/[Dd]\/([^/]+)(?:\/([^/]+))?$/.exec(location.pathname) ?? [];
if (code === "me") {
  byId("me").hidden = false;
  addEventListener("hashchange", showPart);
  showPart();
  openDiary();
  openCards();
  openSettings();
} else {
  byId("check-in").hidden = false;
  byId("code-line").hidden = false;
  await openCheckIn(decodeURIComponent(code), rotating);
}
begin();
void finishForgetting();
