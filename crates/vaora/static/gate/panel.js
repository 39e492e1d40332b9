// @ts-check
// The answer's panel: colour, shape, words, sound and vibration of each outcome.
import { parsePhone } from "../reader/read.js";
import { button, icon, words } from "./dom.js";
import { signal } from "./signals.js";

/** @typedef {import("./signals.js").Tone} Tone */
/** @typedef {import("./door.js").Stored} Stored */

/**
 * @typedef {object} Doings what the keeper may do about a person just recorded
 * @property {((phone: string) => Promise<boolean>) | null} onPhone null: no phone is asked for; resolves to whether it is on the disk
 * @property {(() => void) | null} onCompanions null: nobody is asked for
 */

/** How long a name and its outcome stand, in milliseconds. */
const STAND_MS = 8_000;
/** The same in the busy hour. */
const STAND_BUSY_MS = 2_000;
/** How long it stands after the last key of a phone number, in milliseconds. */
const TYPING_MS = 20_000;

/** @type {Record<Tone, string>} */
const ICONS = { good: "check", warn: "warn", info: "info", ask: "question", bad: "cross" };

export class Panel {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {HTMLInputElement | null} */ #phone = null;

  /** @param {HTMLElement} root @param {HTMLElement} app its data-tone colours the frame of the whole screen @param {Record<string, string>} texts */
  constructor(root, app, texts) {
    this.root = root;
    this.app = app;
    this.texts = texts;
  }

  /** @param {string} key */
  #t(key) {
    return this.texts[key] ?? key;
  }

  get #standMs() {
    return this.app.dataset.busy ? STAND_BUSY_MS : STAND_MS;
  }

  /** True while a phone number is half typed: the next person is read after it. */
  get isTyping() {
    return this.#phone !== null && this.#phone.value !== "";
  }

  /** @param {Tone | "idle"} tone @param {Node[]} parts @param {boolean} passes true when it goes away by itself */
  #show(tone, parts, passes) {
    clearTimeout(this.#timer);
    this.#phone = null;
    const body = document.createElement("div");
    body.className = "answer";
    if (tone !== "idle") {
      const mark = words("span", "mark", "");
      mark.append(icon(ICONS[tone]));
      body.append(mark);
    }
    const say = words("div", "say", "");
    say.append(...parts);
    body.append(say);
    if (passes) body.append(words("span", "left", ""));
    this.root.replaceChildren(body);
    this.root.dataset.tone = tone;
    this.app.dataset.tone = tone;
    if (passes) this.#timer = setTimeout(() => this.idle(), this.#standMs);
    if (tone !== "idle") signal(tone);
  }

  idle() {
    this.#show("idle", [words("p", "title", this.#t("ready")), words("p", "more", this.#t("ready_more"))], false);
  }

  /** @param {Stored} scan on the disk @param {Doings} doings */
  stored(scan, { onPhone, onCompanions }) {
    const title = words("p", `title way ${scan.kind}`, this.#t(scan.kind === "in" ? "stored_in" : "stored_out"));
    title.prepend(icon(scan.kind));
    const parts = [title];
    if (scan.name) parts.push(words("p", "name", scan.name));
    if (scan.companions > 0) parts.push(words("p", "more", this.#t("with_more").replace("{n}", String(scan.companions))));
    for (const warning of scan.warnings) parts.push(words("p", "warning", warning));
    if (onPhone) parts.push(this.#phoneForm(onPhone));
    if (onCompanions) parts.push(button("secondary along", this.#t("companions_add"), onCompanions, "plus"));
    this.#show(scan.warnings.length > 0 ? "warn" : "good", parts, true);
    this.#phone = this.root.querySelector("input");
  }

  /** Keeps the panel while the keeper writes. */
  #stay() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.idle(), TYPING_MS);
    this.root.querySelector(".left")?.remove();
  }

  /** @param {(phone: string) => Promise<boolean>} onPhone @returns {HTMLFormElement} */
  #phoneForm(onPhone) {
    const form = document.createElement("form");
    form.className = "ask";
    form.noValidate = true;
    const label = /** @type {HTMLLabelElement} */ (words("label", "more", this.#t("ask_phone")));
    label.htmlFor = "ask-phone";
    const input = document.createElement("input");
    Object.assign(input, { id: "ask-phone", type: "tel", inputMode: "tel", autocomplete: "off", maxLength: 20, className: "input" });
    input.addEventListener("input", () => this.#stay());
    input.addEventListener("focus", () => this.#stay());
    form.append(label, input, button("", this.#t("save"), () => form.requestSubmit()));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const phone = parsePhone(input.value);
      if ("error" in phone) {
        input.setAttribute("aria-invalid", "true");
        label.textContent = this.#t("phone_wrong");
        input.focus();
        return;
      }
      const isStored = await onPhone(phone.e164);
      if (!form.isConnected) return;
      if (!isStored) return this.notStored(false);
      this.#phone = null;
      const saved = words("p", "more saved", this.#t("phone_saved"));
      saved.prepend(icon("check"));
      form.replaceWith(saved);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.idle(), this.#standMs);
      signal("good");
    });
    return form;
  }

  /** @param {string} title @param {string} text */
  refused(title, text) {
    this.#show("bad", [words("p", "title", title), words("p", "more", text)], true);
  }

  /** A note that is no outcome. @param {string} title */
  told(title) {
    this.#show("info", [words("p", "title", title)], true);
  }

  /** @param {boolean} full the device has no room left */
  notStored(full) {
    this.#show("bad", [
      words("p", "title shout", this.#t(full ? "full_title" : "failed_title")),
      words("p", "more", this.#t(full ? "full_text" : "failed_text")),
      button("secondary", this.#t("what_waits"), () => this.app.dispatchEvent(new Event("open-status"))),
    ], false);
  }

  revoked() {
    const link = /** @type {HTMLAnchorElement} */ (words("a", "button secondary", this.#t("enrol_again")));
    link.href = "/gate/enrol";
    const row = words("div", "row", "");
    row.append(link, button("secondary", this.#t("what_waits"), () => this.app.dispatchEvent(new Event("open-status"))));
    this.#show("bad", [words("p", "title", this.#t("revoked_title")), words("p", "more", this.#t("revoked_text")), row], false);
  }
}
