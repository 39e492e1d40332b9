// @ts-check
// Small pieces of page. Everything from outside goes in as text, never as markup.

/** @template {Element} T @param {string} id @param {new () => T} type @returns {T} */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is missing`);
  return element;
}

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** @param {keyof HTMLElementTagNameMap} tag @param {string} className @param {string} text */
export function words(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** @param {string} className @param {string} text @param {() => void} onPress @param {string} [iconName] */
export function button(className, text, onPress, iconName) {
  const element = /** @type {HTMLButtonElement} */ (words("button", `button ${className}`, text));
  element.type = "button";
  if (iconName) element.prepend(icon(iconName));
  element.addEventListener("click", onPress);
  return element;
}

/** Puts values in a text's gaps. @param {string} text @param {Record<string, string | number>} values */
export function fill(text, values) {
  let filled = text;
  for (const [name, value] of Object.entries(values)) filled = filled.replace(`{${name}}`, String(value));
  return filled;
}

/** Writes a text only where it changed, so that nothing is read out twice. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
