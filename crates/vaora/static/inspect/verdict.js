// @ts-check
// What a poster's code is worth here: the phone's copy of `domain::inspection::codes`. The server decides again.
import { read } from "../reader/read.js";

/** @typedef {"right" | "elsewhere" | "retired" | "foreign" | "unreadable"} Verdict */
/** @typedef {{ verdict: Verdict, kept: string }} Judged */

/**
 * @param {string} text scanned or typed
 * @param {{ code: string }[]} inForce codes of the place in force
 * @param {string[]} retired codes of the place no longer in force
 * @param {string} today YYYY-MM-DD
 * @returns {Judged} with our code or a foreign system's name; of anything else nothing is kept
 */
export function judge(text, inForce, retired, today) {
  const reading = read(text, today);
  const code = reading.fields.place_code;
  if (reading.kind === "place" && reading.verdict !== "reject" && code) {
    if (inForce.some((known) => known.code === code)) return { verdict: "right", kept: code };
    return { verdict: retired.includes(code) ? "retired" : "elsewhere", kept: code };
  }
  if (reading.kind === "foreign") return { verdict: "foreign", kept: reading.system ?? "" };
  return { verdict: "unreadable", kept: "" };
}
