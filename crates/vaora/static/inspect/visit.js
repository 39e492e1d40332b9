// @ts-check
// One visit: the form, saved on the phone at every touch.
import { Camera } from "../gate/camera.js";
import { workerAddress } from "../gate/shell.js";
import { Counter } from "./count.js";
import { byId, el, shownDay, t, today, verdictWords } from "./page.js";
import { PHOTOS_MAX, shrink } from "./photo.js";
import { keepVisit } from "./store.js";
import { judge } from "./verdict.js";

/** Most posters of a visit: the server's bound. */
const SCANS_MAX = 20;
/** The same symbol before the camera counts once in this time, in milliseconds. */
const SAME_MS = 4_000;

const form = byId("visit", HTMLFormElement);

export class VisitForm {
  /** @type {import("./store.js").Visit | undefined} */ #visit;
  /** @type {import("./store.js").Place | undefined} */ #place;
  #saving = Promise.resolve();
  #camera = new Camera(byId("video", HTMLVideoElement), (text) => this.#seen(text), () => workerAddress("/static/gate/decode-worker.js", "/inspect"));
  #last = { text: "", at: 0 };
  #counter = new Counter((change) => this.#change(change));

  /** @param {() => void} onSend called when a visit was queued */
  constructor(onSend) {
    form.addEventListener("input", () => this.#change({ fields: this.#fields() }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(onSend);
    });
    byId("camera", HTMLButtonElement).addEventListener("click", () => void this.#toggleCamera());
    byId("add-code", HTMLButtonElement).addEventListener("click", () => this.#typed());
    byId("unreadable", HTMLButtonElement).addEventListener("click", () => this.#add({ verdict: "unreadable", kept: "" }));
    byId("code", HTMLInputElement).addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#typed();
    });
    byId("photo", HTMLInputElement).addEventListener("change", () => void this.#photo());
  }

  /** @param {import("./store.js").Visit} visit @param {import("./store.js").Place} place */
  open(visit, place) {
    this.#visit = visit;
    this.#place = place;
    byId("visit-title", HTMLElement).textContent = place.place;
    byId("visit-facts", HTMLElement).replaceChildren(`${place.kind} · ${place.address}, ${place.commune}`, el("br"), `${t("day", { day: shownDay(place.day) })} · ${place.whys.join("; ")} · ${t("areas", { n: place.in_force.length })}`);
    form.reset();
    for (const [name, value] of Object.entries(visit.fields)) this.#put(name, value);
    this.#problem(visit.problem);
    this.#showScans();
    this.#showPhotos();
    this.#counter.open(visit);
  }

  /** Lets go of camera and clock; what was typed is kept already. */
  async close() {
    this.#closeCamera();
    this.#counter.close();
    await this.#saving;
    this.#visit = undefined;
  }

  /** @param {string} name @param {string} value */
  #put(name, value) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList) field.value = value;
    else if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "1";
    else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
  }

  /** @returns {Record<string, string>} */
  #fields() {
    /** @type {Record<string, string>} */ const fields = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields[name] = value;
    return fields;
  }

  /** Keeps a change; one after the other, so that the last one stays. @param {Partial<import("./store.js").Visit>} change */
  #change(change) {
    if (!this.#visit) return;
    // A refused visit that is mended is a draft again.
    const state = this.#visit.state === "refused" ? { state: /** @type {const} */ ("draft"), problem: "" } : {};
    const visit = { ...this.#visit, ...state, ...change };
    this.#visit = visit;
    this.#saving = this.#saving.then(async () => void (await keepVisit(visit))).catch(() => this.#problem(t("noStorage")));
  }

  /** @param {string} text */
  #problem(text) {
    const box = byId("problem", HTMLElement);
    box.textContent = text;
    box.hidden = text === "";
  }

  async #toggleCamera() {
    if (this.#camera.isOpen) return this.#closeCamera();
    byId("finder", HTMLElement).hidden = false;
    try {
      await this.#camera.open();
      byId("camera", HTMLButtonElement).lastChild?.replaceWith(t("cameraClose"));
    } catch {
      this.#closeCamera();
      const words = byId("camera-words", HTMLElement);
      words.textContent = t("cameraOff");
      words.hidden = false;
    }
  }

  #closeCamera() {
    this.#camera.close();
    byId("finder", HTMLElement).hidden = true;
    byId("camera", HTMLButtonElement).lastChild?.replaceWith(t("cameraOpen"));
  }

  /** @param {string} text of a symbol before the camera */
  #seen(text) {
    if (text === this.#last.text && Date.now() - this.#last.at < SAME_MS) {
      this.#last.at = Date.now();
      return;
    }
    this.#last = { text, at: Date.now() };
    this.#judge(text);
  }

  #typed() {
    const input = byId("code", HTMLInputElement);
    if (input.value.trim() === "") return input.focus();
    this.#judge(input.value);
    input.value = "";
  }

  /** @param {string} text */
  #judge(text) {
    if (this.#place) this.#add(judge(text, this.#place.in_force, this.#place.retired, today()));
  }

  /** @param {import("./verdict.js").Judged} judged */
  #add(judged) {
    const scans = this.#visit?.scans ?? [];
    const isKnown = scans.some((one) => one.verdict === judged.verdict && one.kept === judged.kept && judged.kept !== "");
    if (isKnown || scans.length >= SCANS_MAX) return;
    this.#change({ scans: [...scans, judged] });
    this.#showScans();
  }

  #showScans() {
    const scans = this.#visit?.scans ?? [];
    byId("scans", HTMLElement).replaceChildren(...scans.map((one, index) => {
      const area = this.#place?.in_force.find((known) => known.code === one.kept)?.area ?? "";
      const remove = el("button", { type: "button", class: "button secondary small" }, t("remove"));
      remove.addEventListener("click", () => {
        this.#change({ scans: scans.filter((_, other) => other !== index) });
        this.#showScans();
      });
      const tag = el("span", { class: `tag ${one.verdict === "right" ? "good" : "bad"}` }, verdictWords(one.verdict));
      return el("li", { "data-verdict": one.verdict }, tag, " ", el("code", {}, one.kept), area ? ` · ${area} ` : " ", remove);
    }));
  }

  async #photo() {
    const input = byId("photo", HTMLInputElement);
    const file = input.files?.[0];
    input.value = "";
    const photos = this.#visit?.photos ?? [];
    if (!file) return;
    if (photos.length >= PHOTOS_MAX) return this.#problem(t("photoMany"));
    try {
      const jpeg = await shrink(file);
      this.#change({ photos: [...photos, jpeg] });
      this.#problem("");
    } catch {
      this.#problem(t("photoBad"));
    }
    this.#showPhotos();
  }

  #showPhotos() {
    const photos = this.#visit?.photos ?? [];
    byId("photos", HTMLElement).replaceChildren(...photos.map((jpeg, index) => {
      const address = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
      const image = /** @type {HTMLImageElement} */ (el("img", { alt: t("photo", { n: index + 1 }) }));
      image.addEventListener("load", () => URL.revokeObjectURL(address));
      image.src = address;
      const remove = el("button", { type: "button", class: "button secondary small" }, t("remove"));
      remove.addEventListener("click", () => {
        this.#change({ photos: photos.filter((_, other) => other !== index) });
        this.#showPhotos();
      });
      return el("li", {}, image, remove);
    }));
  }

  /** @returns {string} what is missing, in words; empty when nothing is */
  #missing() {
    const fields = this.#fields();
    const items = [...form.querySelectorAll(".check-item")].map((item) => item.id.slice(5));
    if (items.some((item) => !fields[`answer_${item}`])) return t("needAnswers");
    if ((this.#visit?.scans.length ?? 0) === 0 && fields.answer_poster !== "no") return t("needCode");
    if (!fields.representative?.trim() && fields.refused !== "1") return t("needRepresentative");
    return "";
  }

  /** @param {() => void} onSend */
  async #send(onSend) {
    const missing = this.#missing();
    this.#problem(missing);
    if (missing || !this.#visit) return;
    this.#counter.stop();
    this.#change({ fields: this.#fields(), state: "queued", problem: "", ended_at: Date.now() });
    await this.close();
    onSend();
  }
}
