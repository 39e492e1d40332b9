// @ts-check
// Single check-ins read as visits: in, out, and what corrects them. Reads only; the province reckons by itself.

/** A visit left open is taken to have ended after this time, in milliseconds: as the server has it. */
export const INSIDE_MS_MAX = 12 * 3_600_000;

/**
 * @typedef {object} Visit
 * @property {VisitScan | null} in
 * @property {VisitScan | null} out
 * @property {VisitScan[]} scans all that belong to it, corrections too
 */

/** @param {VisitScan} scan the first of those that stand for one moment @param {VisitScan[]} all @returns {VisitScan} the latest correction of it, or itself */
function latest(scan, all) {
  const corrections = all.filter((one) => one.corrects === scan.id && one.state !== "refused");
  return corrections[corrections.length - 1] ?? scan;
}

/** @param {Visit} visit @param {VisitScan} scan @returns {boolean} whether the scan speaks of the same person at the same place */
function isSame(visit, scan) {
  const first = visit.in ?? visit.out;
  if (!first || first.who !== scan.who) return false;
  if (first.code === scan.code) return true;
  return scan.place !== "" && first.place === scan.place && first.commune === scan.commune && first.area === scan.area;
}

/**
 * A second "in" at a place while inside belongs to the visit; an "out" closes it; an "out" again moves its end.
 * @param {VisitScan[]} scans in the order in which they were made
 * @returns {Visit[]} the latest first
 */
export function visits(scans) {
  const own = scans.filter((scan) => !scan.corrects && scan.state !== "refused");
  const lone = scans.filter((scan) => !scan.corrects && scan.state === "refused");
  const moments = own.map((scan) => latest(scan, scans)).sort((a, b) => a.at - b.at);
  /** @type {Visit[]} */
  const found = [];
  for (const scan of moments) {
    const current = [...found].reverse().find((visit) => isSame(visit, scan));
    const since = current?.in?.at ?? current?.out?.at ?? 0;
    const goesOn = current && scan.at - since < INSIDE_MS_MAX && (scan.kind === "out" ? current.in !== null : current.out === null && current.in !== null);
    if (!goesOn) found.push({ in: scan.kind === "in" ? scan : null, out: scan.kind === "out" ? scan : null, scans: [scan] });
    else {
      current.scans.push(scan);
      if (scan.kind === "out") current.out = scan;
    }
  }
  for (const scan of lone) found.push({ in: scan.kind === "in" ? scan : null, out: scan.kind === "out" ? scan : null, scans: [scan] });
  for (const visit of found) addCorrected(visit, scans);
  return found.sort((a, b) => startOf(b) - startOf(a));
}

/** What a correction stands for belongs to the visit too. @param {Visit} visit @param {VisitScan[]} all */
function addCorrected(visit, all) {
  for (const scan of [...visit.scans]) {
    const first = scan.corrects || scan.id;
    for (const one of all) if ((one.id === first || one.corrects === first) && !visit.scans.includes(one)) visit.scans.push(one);
  }
}

/** @param {Visit} visit @returns {number} */
export const startOf = (visit) => (visit.in ?? visit.out)?.at ?? 0;

/**
 * @param {VisitScan[]} scans
 * @param {string} code
 * @param {string} who
 * @param {number} now
 * @returns {VisitScan | null} the scan by which this person is inside this place, as far as the phone knows
 */
export function insideSince(scans, code, who, now) {
  const open = visits(scans).find((visit) => visit.in && !visit.out && visit.in.state !== "refused" && visit.in.code === code && visit.in.who === who);
  return open?.in && now - open.in.at < INSIDE_MS_MAX ? open.in : null;
}
