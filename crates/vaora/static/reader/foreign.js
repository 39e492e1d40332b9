// @ts-check
// Place codes of other contact-tracing systems: named, refused, never opened. Dead posters of such systems still hang at
// doors, and a code refused without a name is scanned again.
import { afterPrefix } from "./characters.js";
import { reading } from "./fields.js";
import { hostOf } from "./link.js";

/** Systems known by how their texts begin, in any case of letters. @type {[prefix: string, system: string][]} */
const PREFIXES = [
  ["UKC19TRACING:", "NHS COVID-19 (England and Wales)"],
  ["NZCOVIDTRACER:", "NZ COVID Tracer (New Zealand)"],
  ["SMSTO:1922", "1922 SMS (Taiwan)"],
];

/** Systems known by their host; subdomains belong to them. @type {[host: string, system: string][]} */
const HOSTS = [
  ["tracing.covid19.govt.nz", "NZ COVID Tracer (New Zealand)"],
  ["e.coronawarn.app", "Corona-Warn-App (Germany)"],
  ["luca-app.de", "luca (Germany)"],
  ["tac.gouv.fr", "TousAntiCovid (France)"],
  ["qr.notify-me.ch", "NotifyMe (Switzerland)"],
  ["tokhaiyte.vn", "Tờ khai y tế (former national system, Việt Nam)"],
  ["pccovid.gov.vn", "PC-Covid (former national system, Việt Nam)"],
];

/**
 * Names the foreign system of a text.
 * @param {string} text
 * @returns {import("./fields.js").Reading | undefined} `undefined` where it belongs to none that we know
 */
export function readForeign(text) {
  const system = byPrefix(text) ?? byHost(hostOf(text));
  return system === undefined ? undefined : reading("foreign", {}, ["foreign_system"], system);
}

/** @param {string} text @returns {string | undefined} */
function byPrefix(text) {
  for (const [prefix, system] of PREFIXES) {
    const rest = afterPrefix(text, prefix);
    // A longer number than 1922 is somebody else's.
    if (rest !== undefined && (prefix.endsWith(":") || !/^[0-9]/.test(rest))) return system;
  }
  return undefined;
}

/** @param {string | undefined} host @returns {string | undefined} */
function byHost(host) {
  return HOSTS.find(([owned]) => host === owned || host?.endsWith(`.${owned}`))?.[1];
}
