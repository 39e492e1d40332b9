// From registering a place to a visitor's check-in by its printed poster.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, person, PHONE, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { symbolsOfPdf } from "../lib/qr.mjs";
import { openStage } from "../lib/stage.mjs";
import { approvePlace, download, ownUnit, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";

const OWNER_PHONE = "0912345678";
const VISITOR_PHONE = "0987654321";
const SECOND = /^\d{2}:\d{2} \d{2}\/\d{2}\/\d{4} giây \d{1,2}$/;

describe("a place and its visitors", { timeout: 400_000 }, () => {
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {import("playwright-core").Page} */ let owner;
  /** @type {import("playwright-core").Page} */ let officer;
  const watch = new Watch();
  let unitId = "";
  let placeId = "";
  /** Addresses on the posters of the place. @type {string[]} */
  let posters = [];

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    officer = (await signIn(browser, demo, "xa", { watch })).page;
    unitId = await ownUnit(officer);
    owner = (await person(browser, demo.url, { watch })).page;
  });
  after(() => stage?.close());

  test("an owner proves a phone; a wrong code and a wrong phone are told in words", async () => {
    await owner.goto("/owner");
    await owner.locator("#phone").fill("12");
    await press(owner, "Gửi mã cho tôi");
    await owner.locator("#phone-error").waitFor();
    await look(owner, "owner-phone-error");
    await owner.locator("#phone").fill(OWNER_PHONE);
    await press(owner, "Gửi mã cho tôi");
    const shown = await owner.locator(".notice").first().innerText();
    const code = /\b(\d{6})\b/.exec(shown)?.[1] ?? "";
    await look(owner, "owner-code");
    await owner.locator("#code").fill(code === "000000" ? "111111" : "000000");
    await press(owner, "Xác nhận");
    await owner.locator("#code-error").waitFor();
    await owner.locator("#code").fill(code);
    await press(owner, "Xác nhận");
    await owner.waitForURL("**/owner/places");
    await look(owner, "owner-places-empty");
    watch.check();
  });

  test("an empty form names each field; two areas are registered and wait", async () => {
    await owner.goto("/owner/new");
    await look(owner, "place-new");
    await press(owner, "Gửi đăng ký");
    for (const field of ["name", "type_code", "unit_id", "address", "contact_name"]) {
      await owner.locator(`#${field}-error`).waitFor();
    }
    await look(owner, "place-new-errors");
    placeId = await registerPlace(owner, { name: "Chợ thử Ea Tu", type: "CHO", unitId, areas: ["Dãy hàng thịt", "Dãy rau"] });
    await owner.getByText("Đã gửi đăng ký").waitFor();
    await owner.getByText("Đang chờ xã, phường duyệt").waitFor();
    assert.equal(await owner.locator("a[href$='poster.pdf']").count(), 0, "no poster before approval");
    await look(owner, "owner-place-waiting");
    watch.check();
  });

  test("returned with a reason, corrected, sent again", async () => {
    await officer.goto("/places");
    await officer.getByRole("link", { name: "Chợ thử Ea Tu", exact: true }).waitFor();
    await look(officer, "places-waiting");
    await officer.goto(`/places/${placeId}`);
    await officer.locator("summary", { hasText: "trả lại để sửa" }).click();
    await look(officer, "place-to-decide");
    await officer.getByRole("button", { name: "Trả lại" }).click();
    await officer.locator("#reason-error").waitFor();
    await officer.locator("#reason").fill("Số nhà chưa đúng, xin ghi lại.");
    await officer.getByRole("button", { name: "Trả lại" }).click();
    await officer.getByText("Đã trả lại cho chủ địa điểm").waitFor();

    await owner.goto("/owner/places");
    await look(owner, "owner-places-returned");
    await owner.getByRole("link", { name: /Xem lý do và sửa/ }).click();
    await owner.getByText("Số nhà chưa đúng, xin ghi lại.").waitFor();
    assert.equal(await owner.locator("#name").inputValue(), "Chợ thử Ea Tu", "what was typed is still there");
    await look(owner, "place-edit");
    await owner.locator("#address").fill("14 Y Wang");
    await press(owner, "Gửi lại cho xã, phường");
    await owner.waitForURL(new RegExp(`/owner/places/${placeId}$`));
    await owner.getByText("Đang chờ xã, phường duyệt").waitFor();
    watch.check();
  });

  test("the commune approves; the poster's symbols lead to the place's addresses", async () => {
    await approvePlace(officer, placeId);
    await officer.getByText("14 Y Wang").first().waitFor();
    await look(officer, "place-approved");
    await owner.goto(`/owner/places/${placeId}`);
    await look(owner, "owner-place-approved");
    const shown = await owner.locator(".area a", { hasText: "Mở như khách" }).evaluateAll(
      (links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).href),
    );
    assert.equal(shown.length, 3, "the place and its two areas");
    const link = owner.locator("#poster-title ~ a[href$='poster.pdf']");
    const { bytes, type } = await download(owner, (await link.getAttribute("href")) ?? "");
    assert.equal(type, "application/pdf");
    const pages = await symbolsOfPdf(bytes);
    assert.equal(pages.length, shown.length, "a sheet for each area");
    assert.ok(pages.every((texts) => texts.length === 1), `one symbol a sheet: ${JSON.stringify(pages)}`);
    posters = pages.map((texts) => new URL(texts[0] ?? "").href);
    assert.deepEqual([...posters].sort(), [...shown].sort());
    watch.check();
  });

  test("a visitor checks in at phone size, is remembered, leaves, and is forgotten", async () => {
    const { page, context } = await person(browser, demo.url, { watch, viewport: PHONE, hasTouch: true, isMobile: true });
    watch.expect(422);
    const address = posters[0] ?? "";
    await page.goto(address);
    await page.getByRole("heading", { name: "Chợ thử Ea Tu" }).waitFor();
    const stranger = await page.locator("body").innerText();
    for (const secret of ["H'Rina", OWNER_PHONE, "912 345 678"]) assert.ok(!stranger.includes(secret), `a stranger sees ${secret}`);
    await look(page, "visit-first");
    await press(page, "VÀO");
    await page.locator("#name-error").waitFor();
    await page.locator("#phone-error").waitFor();
    await look(page, "visit-errors");
    await page.locator("#name").fill("Y Thử Kbuôr");
    await page.locator("#phone").fill(VISITOR_PHONE);
    await page.locator("#birth_year").fill("1990");
    await press(page, "VÀO");
    const done = page.locator("#done");
    await done.getByRole("heading", { name: "Đã ghi: VÀO" }).waitFor();
    const where = await done.locator(".where").innerText();
    assert.ok(where.startsWith("Chợ thử Ea Tu"), where);
    await officer.goto(`/places/${placeId}`);
    const commune = (await officer.locator("dl.facts dd").first().innerText()).split("\n").at(-1);
    assert.equal(await done.locator(".commune").innerText(), commune);
    assert.match((await done.locator(".when").innerText()).replace(/\s+/g, " "), SECOND);
    await look(page, "visit-in");

    await page.goto(address);
    const hello = await page.locator(".hello").innerText();
    assert.ok(hello.includes("Y Thử Kbuôr"), hello);
    assert.ok(!hello.replace(/\s/g, "").includes(VISITOR_PHONE), "the phone is masked");
    assert.equal(await page.locator("#name").count(), 0, "asked once only");
    await page.getByText("Bạn đã vào lúc").waitFor();
    await look(page, "visit-known");
    await press(page, "RA");
    await done.getByRole("heading", { name: "Đã ghi: RA" }).waitFor();
    await look(page, "visit-out");

    await page.goto(address);
    await press(page, /Không phải tôi/);
    await page.locator("#name").waitFor();
    assert.ok(!(await page.locator("body").innerText()).includes("Y Thử Kbuôr"));
    assert.equal((await context.cookies(`${address}`)).filter((cookie) => cookie.name === "vaora_me").length, 0);
    watch.check();
    await context.close();
  });

  test("the same without JavaScript", async () => {
    const { page, context } = await person(browser, demo.url, { watch, viewport: PHONE, javaScriptEnabled: false });
    const address = posters[1] ?? "";
    await page.goto(address);
    await page.locator("#name").fill("H'Không Script Niê");
    await page.locator("#phone").fill("0977000111");
    await press(page, "VÀO");
    await page.getByRole("heading", { name: "Đã ghi: VÀO" }).waitFor();
    await page.goto(address);
    await page.locator(".hello", { hasText: "H'Không Script Niê" }).waitFor();
    await press(page, "RA");
    await page.getByRole("heading", { name: "Đã ghi: RA" }).waitFor();
    await page.goto(address);
    await press(page, /Không phải tôi/);
    await page.locator("#name").waitFor();
    watch.check();
    await context.close();
  });

  test("a code with one wrong character, and a renewed code, are told in words", async () => {
    const { page, context } = await person(browser, demo.url, { watch, viewport: PHONE });
    watch.expect(404);
    const code = new URL(posters[0] ?? "").pathname.slice(3);
    const wrong = (code[0] === "2" ? "3" : "2") + code.slice(1);
    const answer = await page.goto(`/D/${wrong}`);
    assert.equal(answer?.status(), 404);
    await look(page, "visit-wrong-code");
    await owner.goto(`/owner/places/${placeId}`);
    await owner.locator(".area details summary").first().click();
    await owner.getByRole("button", { name: "Đổi sang mã mới" }).first().click();
    await owner.getByText("Đã đổi mã").waitFor();
    await owner.goto(`/owner/places/${placeId}`);
    const now = await owner.locator(".area a", { hasText: "Mở như khách" }).evaluateAll(
      (links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).href),
    );
    const retired = posters.find((poster) => !now.includes(poster)) ?? "";
    await page.goto(retired);
    await page.getByText("Mã này không còn dùng").waitFor();
    assert.equal(await page.locator("form button.go").count(), 0, "nothing can be recorded with a retired code");
    await look(page, "visit-retired");
    watch.check();
    await context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
