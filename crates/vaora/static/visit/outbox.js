// @ts-check
// Sends what waits while a page is open: at once, when the network comes back, and again with growing pauses.
import { box } from "./store.js";

/** First pause after a failure, doubled each time up to the longest, in milliseconds. */
const PAUSE_MS_MIN = 5_000;
const PAUSE_MS_MAX = 300_000;

/** How the last sending ended. @type {VisitSent} */
let last = { left: 0, problem: "", retryS: 0, words: {} };
let pauseMs = PAUSE_MS_MIN;
/** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {VisitSent} how the last sending ended */
export const lastSent = () => last;

/** @param {() => void} listener called when anything in the box may have changed, from whichever tab */
export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  for (const listener of listeners) listener();
}

/** Sends now. @returns {Promise<VisitSent>} */
export async function sendNow() {
  clearTimeout(timer);
  last = await box.send();
  if (last.left === 0) pauseMs = PAUSE_MS_MIN;
  else {
    const asked = Math.max(pauseMs, last.retryS * 1000);
    // Spread, so that a whole market does not come back in the same second.
    timer = setTimeout(() => void sendNow(), asked * (0.75 + Math.random() / 2));
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
  }
  changed();
  return last;
}

/** Also lets the browser send after the page is closed, where it can. */
export async function sendLater() {
  // A phone short of room may otherwise throw away what waits.
  void navigator.storage?.persist?.();
  const registration = await navigator.serviceWorker?.getRegistration("/D/");
  await /** @type {any} */ (registration)?.sync?.register("visits").catch(() => {});
}

export function begin() {
  addEventListener("online", () => void sendNow());
  addEventListener("offline", changed);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void sendNow(); });
  box.channel?.addEventListener("message", changed);
  void sendNow();
}
