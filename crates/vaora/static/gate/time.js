// @ts-check
// Time as people in Viet Nam have it: UTC+7 the whole year.

const OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

/** @param {number} at milliseconds @returns {number} days since 1970-01-01, local */
export const localDay = (at) => Math.floor((at + OFFSET_MS) / DAY_MS);

/** @param {number} at milliseconds @returns {string} local date, YYYY-MM-DD */
export const localDate = (at) => new Date(at + OFFSET_MS).toISOString().slice(0, 10);

/** @param {number} at milliseconds @returns {string} local time, HH:MM */
export const localTime = (at) => new Date(at + OFFSET_MS).toISOString().slice(11, 16);

/** @param {number} at milliseconds @returns {string} local date and time, DD/MM HH:MM */
export function localMoment(at) {
  const [, month = "", day = ""] = localDate(at).split("-");
  return `${day}/${month} ${localTime(at)}`;
}

/**
 * When the latest day of business ended or began: whoever came in before that is not inside any more.
 * @param {number} now milliseconds
 * @param {string | null} opensAt HH:MM
 * @param {string | null} closesAt HH:MM, before `opensAt` where the place is open past midnight
 * @returns {number} milliseconds, not after `now`
 */
export function lastEnd(now, opensAt, closesAt) {
  const midnight = localDay(now) * DAY_MS - OFFSET_MS;
  const minutes = /^(\d\d):(\d\d)/.exec(closesAt ?? "");
  if (!minutes) return midnight;
  const today = midnight + (Number(minutes[1]) * 60 + Number(minutes[2])) * 60_000;
  const latest = today <= now ? today : today - DAY_MS;
  const isPastMidnight = opensAt !== null && closesAt !== null && closesAt < opensAt;
  return isPastMidnight ? latest : Math.max(latest, midnight);
}
