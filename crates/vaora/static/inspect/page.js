// @ts-check
// Small helpers of the page.

/** @template {Element} T @param {string} id @param {new () => T} kind @returns {T} */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is missing`);
  return found;
}

const words = byId("words", HTMLElement).dataset;

/** @param {string} name of a text @param {Record<string, string | number>} [values] @returns {string} */
export function t(name, values = {}) {
  let text = words[name] ?? "";
  for (const [key, value] of Object.entries(values)) text = text.replace(`{${key}}`, String(value));
  return text;
}

/** @param {string} verdict @returns {string} */
export const verdictWords = (verdict) => t(`verdict${verdict[0]?.toUpperCase()}${verdict.slice(1)}`);

/** @param {string} tag @param {Record<string, string>} [attributes] @param {...(Node | string)} children @returns {HTMLElement} */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} day YYYY-MM-DD @returns {string} dd/MM/yyyy */
export const shownDay = (day) => day.split("-").reverse().join("/");

/** @returns {string} the local day, YYYY-MM-DD: the province keeps UTC+7 */
export const today = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
