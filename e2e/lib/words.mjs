// The pages' own words: the Vietnamese source texts, to find those that an English page left untranslated.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./env.mjs";

const APP = join(ROOT, "crates/vaora");
const VIETNAMESE = /[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]/iu;

/** @param {string} text */
export const isVietnamese = (text) => VIETNAMESE.test(text.normalize("NFC"));

/** @returns {string[]} source texts in the templates and in the catalogue */
function sources() {
  const found = new Set();
  for (const name of readdirSync(join(APP, "templates"))) {
    const text = readFileSync(join(APP, "templates", name), "utf8");
    for (const [, words] of text.matchAll(/"((?:[^"\\]|\\.)*)"\s*\|\s*t\b/g)) found.add(words);
  }
  const catalogue = readFileSync(join(APP, "locales/en.po"), "utf8");
  for (const [, words] of catalogue.matchAll(/^msgid "((?:[^"\\]|\\.)+)"/gm)) found.add(words);
  return [...found].filter(isVietnamese);
}

/** @returns {(text: string) => boolean} true for a text that is one of the sources, with its gaps filled in any way */
export function leftovers() {
  const plain = new Set();
  const filled = [];
  for (const source of sources()) {
    if (!source.includes("{")) plain.add(source);
    // With fewer than two words of its own, a pattern would take any data for a leftover.
    else if (isVietnamese(source.replace(/\{\w+\}/g, ""))) {
      const parts = source.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      filled.push(new RegExp(`^${parts.join(".+")}$`, "u"));
    }
  }
  return (text) => plain.has(text) || filled.some((pattern) => pattern.test(text));
}
