// @ts-check
// Downloads the list and delivers queued visits, each until the server says what became of it.
import { keepList, keepVisit, removeVisit, visits } from "./store.js";

/** Longest wait for an answer, in milliseconds: photos on a slow network take their time. */
const ANSWER_MS_MAX = 60_000;

/** @typedef {"done" | "offline" | "sign_in"} Way how a try ended */

/** @param {Response} answer @returns {boolean} the session is over, whichever way the server says so */
const isSignedOut = (answer) => answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/login");

/** @returns {Promise<Way>} */
export async function download() {
  try {
    const answer = await fetch("/inspect/list", { headers: { accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (isSignedOut(answer) || answer.status === 404) return "sign_in";
    if (!answer.ok) return "offline";
    const body = await answer.json();
    await keepList({ account: body.account, name: body.name, at: Date.now(), inspections: body.inspections });
    return "done";
  } catch {
    return "offline";
  }
}

/** @param {ArrayBuffer} bytes @returns {string} */
function base64(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {import("./store.js").Visit} one @returns {string} */
function bodyOf(one) {
  /** @type {Record<string, { answer: string, note: string }>} */ const answers = {};
  for (const [name, value] of Object.entries(one.fields)) {
    if (name.startsWith("answer_")) answers[name.slice(7)] = { answer: value, note: one.fields[`note_${name.slice(7)}`] ?? "" };
  }
  const text = (/** @type {string} */ name) => one.fields[name] ?? "";
  return JSON.stringify({
    inspection: one.id, delivery: one.delivery, began_at: one.began_at, ended_at: one.ended_at, scans: one.scans, answers,
    entering: one.entering, scanning: one.scanning, count_seconds: Math.round(one.count_ms / 1000), notes: text("notes"),
    inspector_title: text("inspector_title"), representative: text("representative"), representative_title: text("representative_title"),
    refused: text("refused") === "1", photos: one.photos.map(base64),
  });
}

/** One sending at a time in this tab. @type {Promise<Way> | undefined} */
let sending;

/**
 * @param {string} account signed in on this phone; others' visits stay
 * @param {(one: import("./store.js").Visit, outcome: "sent" | "refused", text: string) => void} tell
 * @returns {Promise<Way>}
 */
export function deliver(account, tell) {
  sending ??= deliverAll(account, tell).finally(() => { sending = undefined; });
  return sending;
}

/** @param {string} account @param {Parameters<typeof deliver>[1]} tell @returns {Promise<Way>} */
async function deliverAll(account, tell) {
  for (const one of await visits()) {
    if (one.state !== "queued" || one.account !== account) continue;
    try {
      const answer = await fetch("/inspect/records", { method: "POST", headers: { "content-type": "application/json" }, body: bodyOf(one), signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      if (isSignedOut(answer) || answer.status === 404) return "sign_in";
      if (answer.status !== 200 && answer.status !== 422) return "offline";
      const { outcome, text, title } = await answer.json();
      if (outcome === "accepted" || outcome === "duplicate") {
        await removeVisit(one.id);
        tell(one, "sent", text);
      } else {
        await keepVisit({ ...one, state: "refused", problem: text ?? title ?? "" });
        tell(one, "refused", text ?? title ?? "");
      }
    } catch {
      return "offline";
    }
  }
  return "done";
}
