// @ts-check
// The gate: camera, hand-held reader and typed entry in; outcome in colour, shape, words, sound and vibration out. It works
// without a network: a person is recorded on the device's disk before the sign turns green, and sent when there is one.
import { byId, fill, setText } from "./gate/dom.js";
import { Door } from "./gate/door.js";
import { Eyes } from "./gate/eyes.js";
import { Link } from "./gate/link.js";
import { Moment } from "./gate/moment.js";
import { Panel } from "./gate/panel.js";
import { People } from "./gate/people.js";
import { keepApp } from "./gate/shell.js";
import { unlockSound } from "./gate/signals.js";
import { Status } from "./gate/status.js";
import { Tally } from "./gate/tally.js";
import { wireCompanions, wireTyped } from "./gate/typed.js";
import { listenToReader } from "./gate/wedge.js";
import { keepStorage, Outbox } from "./queue/outbox.js";

/** @typedef {import("./gate/door.js").Answer} Answer */
/** @typedef {import("./gate/door.js").Stored} Stored */

/** So long nothing was scanned before a new version is taken by itself, in milliseconds. */
const QUIET_MS = 60_000;
/** How often ages and the word of the minute are painted, in milliseconds. */
const PAINT_MS = 1_000;

/** @type {Record<string, string>} */
const texts = JSON.parse(byId("texts", HTMLScriptElement).text);
const app = byId("gate", HTMLElement);
const panel = new Panel(byId("panel", HTMLElement), app, texts);
const tally = new Tally(localStorage, Date.now);

/** @returns {"in" | "out" | "auto"} */
function choice() {
  const chosen = document.querySelector('input[name="kind"]:checked');
  const value = chosen instanceof HTMLInputElement ? chosen.value : "in";
  return value === "out" || value === "auto" ? value : "in";
}

/** Everything that needs the device's storage. */
class Gate {
  #status;
  #link;
  #door;
  #eyes;
  #typed;
  #companions;
  /** @type {Moment | null} */ #moment = null;
  /** @type {boolean | null} */ #persisted = null;
  #lastScanAt = 0;

  /** @param {Outbox} outbox @param {People} people */
  constructor(outbox, people) {
    this.#link = new Link(outbox, tally, {
      onKit: () => this.#paintPlace(),
      onChange: () => this.#paint(),
      onRevoked: () => this.#revoked(),
      onRefused: () => void this.#status.showRefused(),
    });
    this.#status = new Status(texts, outbox, () => this.#facts(), () => void this.#link.sync.kick("asked"), Date.now);
    this.#door = new Door({ outbox, people, tally, kit: () => this.#kit, choice, now: Date.now, texts });
    this.#eyes = new Eyes(app, texts, (code) => this.take(code));
    this.#typed = wireTyped(texts, (entry) => void this.#answer(this.#door.takeTyped(entry)), (code) => this.take(code));
    this.#companions = wireCompanions(texts);
    outbox.onClosed = () => location.reload();
  }

  get #kit() {
    if (!this.#link.kit) throw new Error("there is no kit yet");
    return this.#link.kit;
  }

  #facts() {
    const { sync, offsetMs, kitAt, kit, isRevoked } = this.#link;
    return { sync: sync.state, online: navigator.onLine, offsetMs, persisted: this.#persisted, device: kit?.device ?? "–", kitAt, revoked: isRevoked };
  }

  /** True while the next person is not read. */
  get #isBusy() {
    return this.#link.isRevoked || !app.dataset.begun || this.#typed.open || this.#companions.dialog.open || this.#status.isOpen || panel.isTyping;
  }

  /** @param {string} code from the camera, a reader or typed */
  take(code) {
    // A card may stay in view while something about its person is written: it is not a new scan then.
    if (this.#isBusy) return this.#door.hold(code);
    if (!this.#door.isNew(code)) return;
    performance.clearMarks();
    performance.mark("code-read");
    void this.#answer(this.#door.take(code));
  }

  /** @param {Promise<Answer>} coming */
  async #answer(coming) {
    this.#lastScanAt = Date.now();
    const answer = await coming;
    if (answer.verdict === "refused") panel.refused(answer.title, answer.text);
    else if (answer.verdict === "not_stored") panel.notStored(answer.full);
    else this.#stored(answer);
  }

  /** @param {Stored} scan on the disk: now it may be green */
  #stored(scan) {
    const isHurried = Boolean(app.dataset.busy);
    const asks = scan.asksPhone && !isHurried;
    panel.stored(scan, {
      onPhone: asks ? (phone) => this.#addPhone(scan, phone) : null,
      onCompanions: isHurried ? null : () => void this.#addCompanions(scan),
    });
    requestAnimationFrame(() => performance.mark("green"));
    if (asks) void this.#door.wasAsked(scan.code);
    void this.#link.sync.kick();
  }

  /** @param {Stored} scan @param {string} phone */
  async #addPhone(scan, phone) {
    const isStored = await this.#door.addPhone(scan, phone);
    void this.#link.sync.kick();
    return isStored;
  }

  /** @param {Stored} scan */
  async #addCompanions(scan) {
    panel.idle();
    const names = await this.#companions.ask(scan.name);
    if (names.length === 0) return;
    const stored = await this.#door.addCompanions(scan, names);
    if (stored < names.length) panel.notStored(true);
    else panel.stored({ ...scan, name: names.join(", "), warnings: [], companions: 0 }, { onPhone: null, onCompanions: null });
    void this.#link.sync.kick();
  }

  #revoked() {
    this.#eyes.close();
    // Nothing is to be begun any more: what happened must stand in sight.
    byId("start", HTMLElement).hidden = true;
    byId("work", HTMLElement).inert = false;
    app.dataset.revoked = "yes";
    byId("controls", HTMLElement).inert = true;
    panel.revoked();
    this.#paint();
  }

  #paintPlace() {
    const { kit } = this.#link;
    if (!kit) return;
    const { place, gate, area, commune } = kit.text;
    setText(byId("place", HTMLElement), place);
    setText(byId("where", HTMLElement), [gate, area, commune].filter(Boolean).join(" · "));
    this.#moment = new Moment(kit.text);
    byId("begin", HTMLButtonElement).disabled = false;
    setText(byId("start-words", HTMLElement), texts.start_words ?? "");
    this.#paint();
  }

  #paint() {
    const { in: came, out, inside, capacity } = tally.figures;
    const number = (/** @type {number} */ value) => value.toLocaleString(texts.lang === "en" ? "en" : "vi-VN");
    setText(byId("count-in", HTMLElement), number(came));
    setText(byId("count-out", HTMLElement), number(out));
    setText(byId("count-inside", HTMLElement), capacity === null ? number(inside) : `${number(inside)}/${number(capacity)}`);
    const isFull = capacity !== null && inside >= capacity;
    const full = byId("full", HTMLElement);
    full.hidden = !isFull;
    if (isFull) setText(full, fill(texts.full ?? "", { n: number(inside), max: number(capacity) }));
    app.dataset.full = isFull ? "yes" : "";
    this.#status?.show();
  }

  async #paintWord() {
    const word = await this.#moment?.word(this.#link.serverNow());
    for (const id of ["word", "status-word"]) setText(byId(id, HTMLElement), word ?? "–");
  }

  /** Keeps the screen lit; browsers take the lock back whenever the page is hidden. */
  async #keepAwake() {
    try {
      await navigator.wakeLock?.request("screen");
    } catch {
      // Low battery or an old browser: the screen may sleep, nothing is lost.
    }
  }

  #begin() {
    byId("start", HTMLElement).hidden = true;
    byId("work", HTMLElement).inert = false;
    app.dataset.begun = "yes";
    byId("sink", HTMLTextAreaElement).focus({ preventScroll: true });
    unlockSound();
    if (matchMedia("(pointer: coarse)").matches) void document.documentElement.requestFullscreen?.().catch(() => {});
    void this.#keepAwake();
    void keepStorage(navigator.storage).then((isKept) => {
      this.#persisted = isKept;
      this.#status.show();
    });
    if (this.#link.isRevoked) return this.#revoked();
    panel.idle();
    void this.#eyes.open();
  }

  wire() {
    tally.onChange = () => this.#paint();
    tally.listen(window);
    app.addEventListener("open-status", () => this.#status.open());
    byId("open-typed", HTMLButtonElement).addEventListener("click", () => {
      if (this.#link.isRevoked) return panel.revoked();
      setText(byId("typed-kind", HTMLElement), texts[`writing_${choice()}`] ?? "");
      this.#typed.showModal();
    });
    listenToReader(
      byId("sink", HTMLTextAreaElement),
      (text) => {
        for (const dialog of [this.#typed, this.#companions.dialog, byId("status", HTMLDialogElement)]) if (dialog.open) dialog.close();
        this.take(text);
      },
      () => panel.refused(texts.input_method_title ?? "", texts.input_method_text ?? ""),
    );
    document.addEventListener("visibilitychange", () => { if (!document.hidden && app.dataset.begun) void this.#keepAwake(); });
    setInterval(() => {
      this.#paint();
      void this.#paintWord();
    }, PAINT_MS);
  }

  async start() {
    const begin = byId("begin", HTMLButtonElement);
    begin.addEventListener("click", () => this.#begin());
    const isReady = await this.#link.start();
    this.#link.run();
    void this.#status.showRefused();
    this.#paint();
    void this.#paintWord();
    if (this.#link.isRevoked) begin.disabled = false;
    else if (!isReady) setText(byId("start-words", HTMLElement), texts.no_kit ?? "");
    await keepApp("/gate", {
      onWaiting: (apply) => {
        const button = byId("update", HTMLButtonElement);
        button.hidden = false;
        button.addEventListener("click", apply);
      },
      isQuiet: () => Date.now() - this.#lastScanAt > QUIET_MS && (app.dataset.tone === "idle" || !app.dataset.begun) && !document.querySelector("dialog[open]"),
    });
  }
}

function wireModes() {
  const show = () => {
    app.dataset.kind = choice();
    setText(byId("aim-kind", HTMLElement), texts[`scanning_${choice()}`] ?? "");
  };
  for (const radio of document.querySelectorAll('input[name="kind"]')) radio.addEventListener("change", show);
  show();
  const busy = byId("busy", HTMLButtonElement);
  busy.addEventListener("click", () => {
    const isBusy = busy.getAttribute("aria-pressed") !== "true";
    busy.setAttribute("aria-pressed", String(isBusy));
    if (isBusy) app.dataset.busy = "yes";
    else delete app.dataset.busy;
  });
}

async function main() {
  // Nothing behind the start screen takes the focus until it goes.
  byId("work", HTMLElement).inert = true;
  wireModes();
  try {
    const outbox = await Outbox.open();
    const gate = new Gate(outbox, await People.open(outbox));
    gate.wire();
    await gate.start();
  } catch (error) {
    console.error(error);
    setText(byId("start-words", HTMLElement), texts.no_storage ?? "");
  }
}

void main();
