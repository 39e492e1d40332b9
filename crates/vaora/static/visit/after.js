// @ts-check
// After a success of the form: the diary's line, the service worker for the next time, and the words read aloud.
import { box, noteDone } from "./store.js";

/** @param {HTMLElement} done @param {import("./store.js").Success} success */
export async function recorded(done, success) {
  offerVoice(done);
  await Promise.allSettled([noteDone(success).then(() => box.send()), register()]);
}

/** Installs the worker, which then fetches the app's own files. */
async function register() {
  await navigator.serviceWorker?.register(`/visit-worker.js?lang=${document.documentElement.lang}`, { scope: "/D/" });
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
