// @ts-check
// The gate: camera, hand-held reader and typed entry in; outcome in colour, shape, words, sound and vibration out.
import { Camera } from "./gate/camera.js";
import { Panel } from "./gate/panel.js";
import { newScan, Seen, send } from "./gate/scans.js";
import { unlockSound } from "./gate/signals.js";
import { Tally } from "./gate/tally.js";
import { listenToReader } from "./gate/wedge.js";

/** @typedef {import("./gate/scans.js").Scan} Scan */
/** @typedef {import("./gate/scans.js").Result} Result */
/** @typedef {import("./gate/scans.js").Kind} Kind */

/** A code still in view, or read again within this time, is not sent twice. Milliseconds. */
const HOLD_MS = 5_000;
/** Pause before unsent scans are tried again by themselves, in milliseconds. */
const RETRY_MS = 10_000;
/** Most scans in one request: the API's bound. */
const BATCH_MAX = 1_000;

/** @template {Element} T @param {string} id @param {new () => T} type @returns {T} */
function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is missing`);
  return element;
}

/** @type {Record<string, string>} */
const texts = JSON.parse(byId("texts", HTMLScriptElement).text);
const app = byId("gate", HTMLElement);
const video = byId("video", HTMLVideoElement);
const typedDialog = byId("typed", HTMLDialogElement);
const panel = new Panel(byId("panel", HTMLElement), app, texts);
const tally = new Tally(app, byId("count-in", HTMLElement), byId("count-out", HTMLElement));
const seen = new Seen(HOLD_MS);

/** Scans without an answer yet, oldest first; kept until the server has them. @type {Scan[]} */
let unsent = [];
/** Scans for which the server wants a phone number, oldest first. @type {{ scan: Scan, name: string | null }[]} */
const toAsk = [];
let sending = false;
let revoked = false;

/** @returns {Kind} */
function kind() {
  const chosen = document.querySelector('input[name="kind"]:checked');
  return chosen instanceof HTMLInputElement && chosen.value === "out" ? "out" : "in";
}

function showMode() {
  app.dataset.kind = kind();
  byId("aim-kind", HTMLElement).textContent = kind() === "in" ? texts.scanning_in ?? "" : texts.scanning_out ?? "";
}

/** @param {string} code from the camera, a reader or typed */
function take(code) {
  // The card that is asked about may stay in view while its question is answered: it is not a new scan then.
  if (toAsk.some((asked) => asked.scan.code === code)) seen.isNew(`${kind()} ${code}`, Date.now());
  // A question on the screen is answered before the next person is read.
  if (revoked || toAsk.length > 0 || typedDialog.open) return;
  if (!seen.isNew(`${kind()} ${code}`, Date.now())) return;
  // Read again after a failure: the scan that waits is the one, under its own id.
  const waiting = unsent.some((scan) => scan.code === code && scan.kind === kind());
  if (!waiting) unsent.push(newScan(kind(), { code }));
  void sendAll();
}

/** Sends everything that waits; what is added meanwhile goes in the next turn. A question on the screen comes first. */
async function sendAll() {
  if (sending || revoked || toAsk.length > 0) return;
  if (unsent.length === 0) return;
  sending = true;
  panel.busy();
  while (unsent.length > 0) {
    const batch = unsent.slice(0, BATCH_MAX);
    const answer = await send(batch);
    if ("failure" in answer && answer.failure.cause !== "refused") {
      fail(answer.failure);
      break;
    }
    const ids = new Set(batch.map((scan) => scan.id));
    unsent = unsent.filter((scan) => !ids.has(scan.id));
    if ("failure" in answer) panel.rejected(answer.failure.title || texts.refused || "", answer.failure.text);
    else for (const result of answer.results) settle(result, batch.find((scan) => scan.id === result.id));
    if (toAsk.length > 0) {
      ask();
      break;
    }
  }
  sending = false;
}

/** @param {import("./gate/scans.js").Failure} failure */
function fail(failure) {
  revoked = failure.cause === "revoked";
  if (revoked) {
    camera.close();
    panel.revoked(failure.text);
  } else {
    panel.unsent(unsent.length, failure.cause === "busy", () => void sendAll());
  }
}

/** @param {Result} result @param {Scan | undefined} scan */
function settle(result, scan) {
  if (result.outcome === "needs_phone" && scan) {
    toAsk.push({ scan, name: result.name });
    return;
  }
  if (result.outcome === "accepted") tally.add(result.kind);
  panel.result(result);
}

/** Asks once for the phone of the oldest scan that lacks one; the answer goes under the same id. */
function ask() {
  const first = toAsk[0];
  if (!first) return;
  panel.askPhone(first.name, (answer) => {
    toAsk.shift();
    panel.idle();
    if (answer) unsent.push({ ...first.scan, phone: answer.phone, no_phone: answer.phone === null });
    if (toAsk.length > 0) ask();
    else void sendAll();
  });
}

const camera = new Camera(video, (text) => take(text));

async function openCamera() {
  try {
    await camera.open();
    app.dataset.camera = "on";
    byId("torch", HTMLButtonElement).hidden = !camera.hasTorch;
  } catch (error) {
    app.dataset.camera = "off";
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    byId("camera-words", HTMLElement).textContent = (refused ? texts.camera_refused : texts.camera_missing) ?? "";
  }
}

/** Keeps the screen lit; browsers take the lock back whenever the page is hidden. */
async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Low battery or an old browser: the screen may sleep, nothing is lost.
  }
}

function begin() {
  byId("start", HTMLElement).hidden = true;
  byId("work", HTMLElement).inert = false;
  app.dataset.begun = "yes";
  byId("sink", HTMLTextAreaElement).focus({ preventScroll: true });
  unlockSound();
  panel.idle();
  if (matchMedia("(pointer: coarse)").matches) void document.documentElement.requestFullscreen?.().catch(() => {});
  void keepAwake();
  void openCamera();
}

function wireTyped() {
  byId("open-typed", HTMLButtonElement).addEventListener("click", () => {
    byId("typed-kind", HTMLElement).textContent = (kind() === "in" ? texts.writing_in : texts.writing_out) ?? "";
    typedDialog.showModal();
  });
  byId("close-typed", HTMLButtonElement).addEventListener("click", () => typedDialog.close());
  const person = byId("typed-person", HTMLFormElement);
  const code = byId("typed-code", HTMLFormElement);
  typedDialog.addEventListener("close", () => {
    person.reset();
    code.reset();
  });
  person.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(person);
    const typed = { name: String(data.get("name")).trim(), phone: String(data.get("phone")).trim() };
    typedDialog.close();
    unsent.push(newScan(kind(), { typed, no_phone: typed.phone === "" }));
    void sendAll();
  });
  code.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = String(new FormData(code).get("code")).trim();
    typedDialog.close();
    if (text) take(text);
  });
}

function wire() {
  // Nothing behind the start screen takes the focus until it goes.
  byId("work", HTMLElement).inert = true;
  byId("begin", HTMLButtonElement).addEventListener("click", begin);
  byId("camera-again", HTMLButtonElement).addEventListener("click", () => void openCamera());
  for (const radio of document.querySelectorAll('input[name="kind"]')) radio.addEventListener("change", showMode);
  const torch = byId("torch", HTMLButtonElement);
  torch.addEventListener("click", () => {
    const lit = torch.getAttribute("aria-pressed") !== "true";
    camera.setTorch(lit).then(() => torch.setAttribute("aria-pressed", String(lit)), () => { torch.hidden = true; });
  });
  wireTyped();
  listenToReader(
    byId("sink", HTMLTextAreaElement),
    (text) => {
      if (typedDialog.open) typedDialog.close();
      take(text);
    },
    () => panel.rejected(texts.input_method_title ?? "", texts.input_method_text ?? ""),
  );
  addEventListener("online", () => void sendAll());
  setInterval(() => { if (unsent.length > 0) void sendAll(); }, RETRY_MS);
  addEventListener("beforeunload", (event) => { if (unsent.length > 0) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !app.dataset.begun) return;
    void keepAwake();
    // Phones end the camera's track behind a locked screen.
    if (camera.isOpen && !video.srcObject) void openCamera();
  });
}

wire();
showMode();
