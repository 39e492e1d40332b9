// @ts-check
// Taking a web address apart, without a look at what is behind it.
import { afterPrefix, byteLength, hasSpace, isAlphabetic, isAlphanumeric, isSpace, trimEnd } from "./characters.js";

/**
 * @typedef {object} Link the parts of a web address that tell whose it is
 * @property {string} host in lower case, without user, port and final dot
 * @property {string | undefined} port as written
 * @property {string} path from its first slash, without query and fragment; empty where there is none
 * @property {string | undefined} fragment what stands after `#`
 */

/** Longest label of a host name, in bytes (RFC 1035, 2.3.4). */
const LABEL_BYTES_MAX = 63;

/** @param {Link} link @returns {string} as in a configured base address */
export const hostWithPort = (link) => (link.port === undefined ? link.host : `${link.host}:${link.port}`);

/** @param {string} text @returns {string | undefined} what follows `http://` or `https://` */
const afterScheme = (text) => afterPrefix(text, "https://") ?? afterPrefix(text, "http://");

/**
 * Takes apart an address with `http://` or `https://`, or one that begins with a host name and goes on with a path, as
 * people type it. `undefined` for everything else.
 * @param {string} text
 * @returns {Link | undefined}
 */
export function parseLink(text) {
  const rest = afterScheme(text);
  if (rest !== undefined) {
    const link = split(rest);
    return link.host === "" ? undefined : link;
  }
  if (hasSpace(text) || text.includes("|")) return undefined;
  const link = split(text);
  const goesOn = /[/?#]/.test(text) || link.host.startsWith("www.");
  return goesOn && isHostName(link.host) ? link : undefined;
}

/** @param {string} text @returns {string | undefined} the host that it begins with, with or without a scheme, whatever follows */
export function hostOf(text) {
  const { host } = split(afterScheme(text) ?? text);
  return isHostName(host) ? host : undefined;
}

/**
 * Splits what follows a scheme. Browsers take a backslash for a slash, and whatever stands before an `@` in the authority
 * for a user's name, so a link can't pass for another by either.
 * @param {string} rest
 * @returns {Link}
 */
function split(rest) {
  let end = 0;
  while (end < rest.length && !"/\\?#".includes(rest.charAt(end)) && !isSpace(rest.charAt(end))) end += 1;
  const [authority, tail] = [rest.slice(0, end), rest.slice(end)];
  const hash = tail.indexOf("#");
  const [beforeFragment, fragment] = hash < 0 ? [tail, undefined] : [tail.slice(0, hash), tail.slice(hash + 1)];
  const [path = ""] = beforeFragment.split("?");
  const server = authority.slice(authority.lastIndexOf("@") + 1);
  const colon = server.lastIndexOf(":");
  const isPort = colon >= 0 && /^[0-9]*$/.test(server.slice(colon + 1));
  const [host, port] = isPort ? [server.slice(0, colon), server.slice(colon + 1)] : [server, ""];
  return { host: trimEnd(host, (unit) => unit === ".").toLowerCase(), port: port === "" ? undefined : port, path, fragment };
}

/** @param {string} host @returns {boolean} whether it looks like one: two labels or more, the last of letters alone */
function isHostName(host) {
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  return labels.length > 1 && labels.every(isLabel) && byteLength(last) >= 2 && [...last].every(isAlphabetic);
}

/** @param {string} label @returns {boolean} */
function isLabel(label) {
  const fits = [...label].every((character) => isAlphanumeric(character) || character === "-");
  return label !== "" && fits && byteLength(label) <= LABEL_BYTES_MAX;
}
