// @ts-check
// Times as people in Viet Nam read them, whatever zone the phone is set to: UTC+7, without summer time.

const ZONE_MS = 7 * 3_600_000;

/** @param {number} at @returns {string} YYYY-MM-DDTHH:MM, as a field for date and time holds it */
export const toField = (at) => new Date(at + ZONE_MS).toISOString().slice(0, 16);

/** @param {string} text as a field for date and time holds it @returns {number | null} */
export function fromField(text) {
  const at = Date.parse(`${text}Z`) - ZONE_MS;
  return Number.isFinite(at) ? at : null;
}

/** @param {number} at @returns {string} 08:05 */
export const clock = (at) => toField(at).slice(11);

/** @param {number} at @returns {number} second of the minute */
export const second = (at) => new Date(at).getUTCSeconds();

/** @param {number} at @returns {string} 2021-08-27 */
export const day = (at) => toField(at).slice(0, 10);

/** @param {string} text YYYY-MM-DD @returns {string} 27/08/2021 */
export const readDay = (text) => text.split("-").reverse().join("/");

/** @param {number} at @returns {string} 08:05 27/08/2021 */
export const clockAndDay = (at) => `${clock(at)} ${readDay(day(at))}`;

/** @param {number} at @returns {string} 2021-08-27T08:05:09+07:00 */
export const iso = (at) => `${new Date(at + ZONE_MS).toISOString().slice(0, 19)}+07:00`;
