// @ts-check
// The check of a place code, on the phone: without a network, a wrongly typed code must be told at once and not a day
// later. The same arithmetic as `domain::code`; the visitor's shell keeps this small copy of its own.

/** Crockford's base32 alphabet, without I, L, O and U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Product in GF(32) over `x⁵ + x² + 1`. @param {number} left @param {number} right @returns {number} */
function multiply(left, right) {
  let product = 0;
  for (let [from, by] = [left, right]; by !== 0; by >>= 1) {
    if (by & 1) product ^= from;
    from <<= 1;
    if (from & 0b10_0000) from ^= 0b10_0101;
  }
  return product;
}

/** @param {string} text as in the address or typed @returns {string | null} the ten characters, or null where they do not add up */
export function parseCode(text) {
  const letters = text.toUpperCase().replace(/[\s\-\u2010-\u2014\u2212]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
  if (letters.length !== 10) return null;
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter));
  if (values.includes(-1)) return null;
  let [sum, weighted, weight] = [0, 0, 1];
  for (const value of values) {
    sum ^= value;
    weighted ^= multiply(weight, value);
    weight = multiply(weight, 2);
  }
  return sum === 0 && weighted === 0 ? letters : null;
}

/** @param {string} code @returns {string} in two groups of five, as on the poster */
export const grouped = (code) => `${code.slice(0, 5)} ${code.slice(5)}`;
