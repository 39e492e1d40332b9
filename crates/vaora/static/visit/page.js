// @ts-check
// What every part of the shell builds its page with: the words that came with the page, elements, questions.

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/** @param {string} key @param {Record<string, string | number>} [values] @returns {string} */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [set] attributes; functions are heard on the event of that name
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, set = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`#${id} is missing`);
  return element;
}

/** @param {string} text @param {() => unknown} press @param {string} [style] @returns {HTMLButtonElement} */
export function button(text, press, style = "") {
  return el("button", { type: "button", class: `press ${style}`, click: () => void press() }, text);
}

/** @param {string[]} strokes paths of 24 × 24 @param {string} name class @returns {SVGElement} */
export function drawing(strokes, name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of [["class", name], ["viewBox", "0 0 24 24"], ["aria-hidden", "true"]]) svg.setAttribute(String(key), String(value));
  for (const stroke of strokes) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", stroke);
    svg.append(path);
  }
  return svg;
}

/**
 * A labelled field with its error, as on the first page.
 * @param {string} name
 * @param {string} label
 * @param {Record<string, string | boolean>} [set] attributes of the input
 * @param {string} [error]
 */
export function field(name, label, set = {}, error = "") {
  const id = String(set.id ?? name);
  /** @type {Record<string, string>} */
  const wrong = error ? { "aria-invalid": "true", "aria-describedby": `${id}-error` } : {};
  return el("div", { class: error ? "field invalid" : "field" },
    el("label", { for: id }, label, set.required === false ? el("span", { class: "optional" }, ` (${t("optional")})`) : ""),
    error ? el("p", { class: "error-text", id: `${id}-error` }, error) : null,
    el("input", { class: "input", type: "text", ...set, id, name, ...wrong }));
}

/**
 * Shows a dialog with these parts; it is gone when closed.
 * @param {string} title
 * @param {Node[]} parts
 * @param {string} [style]
 * @returns {HTMLDialogElement}
 */
export function dialog(title, parts, style = "") {
  const box = el("dialog", { class: `sheet ${style}`, "aria-labelledby": "sheet-title", close: () => box.remove() },
    el("h2", { id: "sheet-title" }, title), ...parts);
  document.body.append(box);
  box.showModal();
  return box;
}

/**
 * Asks before something that cannot be undone.
 * @param {string} title @param {string[]} words @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function ask(title, words, yes) {
  return new Promise((resolve) => {
    const box = dialog(title, [
      ...words.map((text) => el("p", {}, text)),
      el("div", { class: "row" }, button(yes, () => { resolve(true); box.close(); }, "bad"), button(t("cancel"), () => box.close(), "quiet")),
    ]);
    box.addEventListener("close", () => resolve(false));
  });
}

/** How long something said in passing stands, in milliseconds. */
const TOLD_MS = 8_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let told;

/** Says something in passing, also to those who do not see it. @param {string} text */
export function tell(text) {
  clearTimeout(told);
  byId("told").textContent = text;
  told = setTimeout(() => byId("told").replaceChildren(), TOLD_MS);
}
