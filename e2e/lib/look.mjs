// Looks at a page as it stands: keeps pictures of it, lets axe judge it, tries it on the narrowest screen.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DESKTOP, PHONE } from "./browser.mjs";
import { SCREENSHOTS } from "./env.mjs";

const NARROWEST = { width: 320, height: 640 };
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What was found, page by page; told together at the end of a file, so that a walk is not cut short. @type {string[]} */
let findings = [];

/** @param {import("playwright-core").Page} page @returns {Promise<string[]>} what axe has against the page */
async function axe(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
    return violations.map((/** @type {any} */ rule) => {
      const nodes = rule.nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.target.join(" ")} ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`);
      return `axe ${rule.id} (${rule.impact}): ${rule.nodes.length} ×\n      ${nodes.join("\n      ")}`;
    });
  });
}

/** @param {import("playwright-core").Page} page @returns {Promise<string[]>} what sticks out sideways */
async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 1);
    const deepest = out.filter((element) => ![...element.children].some((child) => out.includes(child))).slice(0, 3);
    return [`${document.documentElement.scrollWidth} px wide on a screen of ${width}: ${deepest.map((element) => element.outerHTML.slice(0, 140)).join(" | ")}`];
  });
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name of the pictures
 * @param {{ whole?: boolean }} [options] whole: the whole page and not only the screen
 */
export async function look(page, name, { whole = true } = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const before = page.viewportSize();
  const found = new Set();
  for (const [size, viewport] of /** @type {const} */ ([["phone", PHONE], ["desktop", DESKTOP]])) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${size}.png`), fullPage: whole });
    for (const one of [...await axe(page), ...await overflow(page)]) found.add(`${size}: ${one}`);
  }
  await page.setViewportSize(NARROWEST);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-narrow.png`), fullPage: whole });
  for (const one of await overflow(page)) found.add(`narrow: ${one}`);
  if (before) await page.setViewportSize(before);
  for (const one of found) findings.push(`${name} (${new URL(page.url()).pathname}) ${one}`);
}

/** Throws when any page looked at since the last call was found wanting. */
export function checkLooks() {
  const told = findings;
  findings = [];
  if (told.length > 0) throw new Error(`${told.length} findings:\n${told.join("\n")}`);
}
