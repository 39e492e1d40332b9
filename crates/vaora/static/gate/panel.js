// @ts-check
// The answer's panel. Everything from outside goes in as text, never as markup.
import { signal } from "./signals.js";

/** @typedef {import("./signals.js").Tone} Tone */
/** @typedef {import("./scans.js").Result} Result */

/** How long a name and its outcome stand, in milliseconds. */
const STAND_MS = 8_000;

/** @type {Record<Tone, string>} */
const ICONS = { good: "check", warn: "warn", info: "info", ask: "question", bad: "cross" };

/** @param {string} name @returns {SVGElement} */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** @param {keyof HTMLElementTagNameMap} tag @param {string} className @param {string} text */
function words(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** @param {string} className @param {string} text @param {() => void} onPress */
function button(className, text, onPress) {
  const element = /** @type {HTMLButtonElement} */ (words("button", `button ${className}`, text));
  element.type = "button";
  element.addEventListener("click", onPress);
  return element;
}

export class Panel {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

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

  /** @param {Tone | "idle" | "busy"} tone @param {Node[]} parts @param {boolean} passes true when it goes away by itself */
  #show(tone, parts, passes) {
    clearTimeout(this.#timer);
    const body = document.createElement("div");
    body.className = "answer";
    if (tone in ICONS) {
      const mark = words("span", "mark", "");
      mark.append(icon(ICONS[/** @type {Tone} */ (tone)]));
      body.append(mark);
    }
    const say = words("div", "say", "");
    say.append(...parts);
    body.append(say);
    if (passes) body.append(words("span", "left", ""));
    this.root.replaceChildren(body);
    this.root.dataset.tone = tone;
    this.app.dataset.tone = tone;
    if (passes) this.#timer = setTimeout(() => this.idle(), STAND_MS);
    if (tone in ICONS) signal(/** @type {Tone} */ (tone));
  }

  idle() {
    this.#show("idle", [words("p", "title", this.#t("ready")), words("p", "more", this.#t("ready_more"))], false);
  }

  busy() {
    this.#show("busy", [words("p", "title", this.#t("sending"))], false);
  }

  /** @param {Result} result */
  result(result) {
    const warned = result.warnings.length > 0;
    /** @type {Tone} */
    const tone = result.outcome === "accepted" ? (warned ? "warn" : "good") : result.outcome === "duplicate" ? "info" : "bad";
    const parts = [words("p", "title", result.title)];
    if (result.name) parts.push(words("p", "name", result.name));
    if (result.text) parts.push(words("p", "more", result.text));
    for (const warning of result.warnings) parts.push(words("p", "warning", warning));
    this.#show(tone, parts, true);
  }

  /** @param {string} title @param {string} text */
  rejected(title, text) {
    this.#show("bad", [words("p", "title", title), words("p", "more", text)], true);
  }

  /** @param {string} text the server's words, if any */
  revoked(text) {
    const link = /** @type {HTMLAnchorElement} */ (words("a", "button secondary", this.#t("enrol_again")));
    link.href = "/gate/enrol";
    this.#show("bad", [words("p", "title", this.#t("revoked_title")), words("p", "more", text || this.#t("revoked_text")), link], false);
  }

  /** @param {number} count scans that wait @param {boolean} busy the server answered, but could not @param {() => void} onRetry */
  unsent(count, busy, onRetry) {
    this.#show("bad", [
      words("p", "title", this.#t("unsent_title")),
      words("p", "more", this.#t(busy ? "unsent_busy" : "unsent_network")),
      words("p", "more", this.#t("unsent_count").replace("{n}", String(count))),
      button("secondary retry", this.#t("retry"), onRetry),
    ], false);
  }

  /** @param {string | null} name @param {(answer: { phone: string | null } | null) => void} onAnswer null: nothing is recorded */
  askPhone(name, onAnswer) {
    const form = document.createElement("form");
    form.className = "ask";
    form.noValidate = true;
    const label = /** @type {HTMLLabelElement} */ (words("label", "more", this.#t("ask_phone")));
    label.htmlFor = "ask-phone";
    const input = document.createElement("input");
    Object.assign(input, { id: "ask-phone", type: "tel", inputMode: "tel", autocomplete: "off", maxLength: 20, className: "input" });
    const save = button("", this.#t("save"), () => form.requestSubmit());
    const none = button("secondary", this.#t("no_phone"), () => onAnswer({ phone: null }));
    const skip = /** @type {HTMLButtonElement} */ (words("button", "link-button", this.#t("skip")));
    skip.type = "button";
    skip.addEventListener("click", () => onAnswer(null));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const phone = input.value.replace(/[\s.\-()]/g, "");
      if (/^\+?\d{9,12}$/.test(phone)) onAnswer({ phone });
      else {
        input.setAttribute("aria-invalid", "true");
        label.textContent = this.#t("phone_wrong");
        input.focus();
      }
    });
    form.append(label, input, save, none, skip);
    this.#show("ask", [words("p", "title", this.#t("ask_title")), ...(name ? [words("p", "name", name)] : []), form], false);
    input.focus();
  }
}
