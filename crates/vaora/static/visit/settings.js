// @ts-check
// Who is remembered on this phone, the diary as a file, everything deleted, the app on the home screen.
import { saveFile, toCsv, toJson } from "./export.js";
import { changed, onChange } from "./outbox.js";
import { ask, byId, t, tell } from "./page.js";
import { box, forgetPerson, maskedPhone, savedPerson } from "./store.js";
import { day } from "./time.js";

export function openSettings() {
  byId("save-json").addEventListener("click", async () => saveFile(`${fileName()}.json`, "application/json", toJson(await box.scans())));
  byId("save-csv").addEventListener("click", async () => saveFile(`${fileName()}.csv`, "text/csv;charset=utf-8", toCsv(await box.scans())));
  byId("delete-all").addEventListener("click", () => void deleteAll());
  byId("forget").addEventListener("click", () => void forget());
  onChange(show);
  show();
  offerInstall();
}

function fileName() {
  return `vao-ra-${day(Date.now())}`;
}

function show() {
  const person = savedPerson();
  byId("person").textContent = person ? `${person.name} · ${maskedPhone(person.phone)}` : t("nobody");
  byId("forget").hidden = !person;
}

async function forget() {
  const scans = await box.scans();
  await forgetPerson(scans[scans.length - 1]?.code ?? "");
  changed();
  tell(t("forgotten"));
}

async function deleteAll() {
  const scans = await box.scans();
  const unsent = scans.filter((scan) => scan.state === "queued").length;
  const words = [t("delete_more", { n: byId("app").dataset.days ?? "" }), ...(unsent > 0 ? [t("delete_all_unsent", { n: unsent })] : [])];
  if (!await ask(t("delete_all_title"), words, t("delete_all"))) return;
  await box.remove(scans.map((scan) => scan.id));
  for (const card of await box.cards()) await box.removeCard(card.number);
  await forgetPerson(scans[scans.length - 1]?.code ?? "");
  changed();
  tell(t("deleted"));
}

/** Where the browser offers it: the app as an icon on the home screen. */
function offerInstall() {
  const button = byId("install");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    button.onclick = () => {
      button.hidden = true;
      void /** @type {any} */ (event).prompt();
    };
  });
}
