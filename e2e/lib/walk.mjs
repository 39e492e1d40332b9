// Walks that several tests share.
import assert from "node:assert/strict";
import { person } from "./browser.mjs";

/** The demo as the tests hold it. @typedef {Awaited<ReturnType<typeof import("./demo.mjs").startDemo>>} Demo */
/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page @param {string | RegExp} name */
export const press = (page, name) => page.getByRole("button", { name }).click();

/**
 * Signs in as one of the demo's officers; a one-time code works once, so each officer signs in once a file.
 * @param {import("playwright-core").Browser} browser
 * @param {Demo} demo
 * @param {string} login
 * @param {Parameters<typeof person>[2]} [options]
 */
export async function signIn(browser, demo, login, options) {
  const visitor = await person(browser, demo.url, options);
  await visitor.page.goto(`/login?as=${login}`);
  assert.equal(await visitor.page.locator("[name=login]").inputValue(), login);
  await visitor.page.locator("form:has([name=password]) button").first().click();
  await visitor.page.waitForURL((address) => address.pathname === "/");
  await visitor.page.locator(".site-head .who").waitFor({ state: "attached" });
  return visitor;
}

/**
 * Proves a phone as an owner does; the demo shows the code that a message would bring.
 * @param {Page} page
 * @param {string} phone
 */
export async function proveOwner(page, phone) {
  await page.goto("/owner");
  await page.locator("#phone").fill(phone);
  await press(page, "Gửi mã cho tôi");
  const told = await page.locator(".notice").first().innerText();
  const code = /\b(\d{6})\b/.exec(told)?.[1];
  assert.ok(code, `no code on the screen: ${told}`);
  await page.locator("#code").fill(code);
  await press(page, "Xác nhận");
  await page.waitForURL("**/owner/places");
}

/**
 * Fills in the place form, which is open.
 * @param {Page} page
 * @param {{ name: string, unitId: string, type?: string, address?: string, contact?: string, areas?: string[] }} place
 * @returns {Promise<string>} the place's id
 */
export async function registerPlace(page, place) {
  await page.goto("/owner/new");
  await page.locator("#name").fill(place.name);
  await page.locator("#type_code").selectOption(place.type ?? { index: 1 });
  await page.locator("#unit_id").selectOption(place.unitId);
  await page.locator("#address").fill(place.address ?? "12 Y Wang");
  await page.locator("#contact_name").fill(place.contact ?? "H'Rina Niê");
  await page.locator("#areas").fill((place.areas ?? []).join("\n"));
  await press(page, "Gửi đăng ký");
  await page.waitForURL(/\/owner\/places\/\d+$/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/**
 * @param {Page} page of an officer who sees coverage
 * @returns {Promise<string>} the id of the officer's unit
 */
export async function ownUnit(page) {
  await page.goto("/coverage");
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** @param {Page} page @param {string} placeId */
export async function approvePlace(page, placeId) {
  await page.goto(`/places/${placeId}`);
  await press(page, "Duyệt và cấp mã");
  await page.getByText("Áp phích đã sẵn sàng để in").waitFor();
}

/**
 * Fetches a file with the cookies of a person's browser.
 * @param {Page} page
 * @param {string} address
 */
export async function download(page, address) {
  const answer = await page.context().request.get(address);
  assert.equal(answer.status(), 200, `${address} answers ${answer.status()}`);
  return { bytes: await answer.body(), type: answer.headers()["content-type"] ?? "" };
}
