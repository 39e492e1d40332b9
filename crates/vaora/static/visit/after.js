// @ts-check
// After a success of the form: the diary's line, the service worker for the next time, and the words read aloud.
import { box, newScan, readNames, savedPerson, savePerson } from "./store.js";

/** @typedef {{ id?: string, companions?: string, rotating?: string, person?: VisitPerson | null } | null} SentForm */

/** @param {HTMLElement} done @param {SentForm} sent what the form was, where this phone kept it */
export async function recorded(done, sent) {
  offerVoice(done);
  await Promise.allSettled([note(done, sent), register()]);
}

/** @param {HTMLElement} done @param {SentForm} sent */
async function note(done, sent) {
  const { kind, code = "", at, place = "", area = "", commune = "", who = "" } = done.dataset;
  // Under the name as the server wrote it, so that all lines of one person agree.
  const typed = sent?.person && who ? { ...sent.person, name: who } : null;
  if (typed) await savePerson(typed);
  const saved = typed ?? savedPerson();
  await box.add(newScan({
    ...(sent?.id ? { id: sent.id } : {}), code, kind: kind === "out" ? "out" : "in", at: Number(at), state: "recorded",
    place, area, commune, who, person: saved?.name === who ? saved : null, companions: readNames(sent?.companions ?? ""),
  }));
  await box.send();
}

/** Installs the worker, which then fetches the app's own files. */
async function register() {
  await navigator.serviceWorker?.register(`/visit-worker.js?lang=${document.documentElement.lang}`, { scope: "/D/" });
  // Otherwise a phone short of room may throw the diary away.
  await navigator.storage?.persist?.();
}

/** A button that reads the success aloud, where the phone has a Vietnamese voice. @param {HTMLElement} done */
export function offerVoice(done) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  const show = () => {
    const voice = speech.getVoices().find((one) => one.lang.replace("_", "-").startsWith("vi"));
    if (!voice || done.querySelector(".listen")) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "listen", textContent: done.dataset.listen ?? "" });
    button.addEventListener("click", () => {
      const parts = [...done.querySelectorAll("h1, .where, .commune, .word, .when")].map((part) => part.textContent?.replace(/\s+/g, " ").trim());
      const words = new SpeechSynthesisUtterance(parts.join(". "));
      Object.assign(words, { voice, lang: voice.lang });
      speech.cancel();
      speech.speak(words);
    });
    done.append(button);
  };
  show();
  speech.addEventListener?.("voiceschanged", show);
}
