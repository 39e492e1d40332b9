// @ts-check
// Coverage as a task: a commune's silent points, a department's places, the meeting room's screen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { download, ownUnit, signIn } from "../lib/walk.mjs";

describe("coverage as a task", { timeout: 400_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {import("playwright-core").Page} */ let commune;
  let home = "";

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    commune = (await signIn(browser, demo, "xa", { watch })).page;
  });
  after(() => stage?.close());

  test("the commune's first page leads to the points that nobody scans", async () => {
    await look(commune, "coverage-home-commune");
    await commune.getByRole("link", { name: /điểm không ai quét chờ ghi việc đã làm/ }).click();
    await commune.getByRole("heading", { level: 1, name: "Điểm không ai quét" }).waitFor();
    home = new URL(commune.url()).pathname.split("/")[2] ?? "";
    assert.ok((await commune.locator("main table.tasks tbody tr").count()) > 0);
    assert.equal(await commune.getByText(/0\d{2,3}[ .]\d{3}[ .]\d{3}/).count(), 0, "no phone on the list");
    await look(commune, "coverage-tasks");
    watch.check();
  });

  test("what was done is noted, and a form with a mistake loses nothing", async () => {
    const first = commune.locator("main table.tasks tbody tr").first();
    const name = await first.locator("th a").innerText();
    const id = (await first.getAttribute("id")) ?? "";
    await first.locator("summary").click();
    await first.locator("input[name=note]").fill("Đã hẹn thứ Hai dán lại");
    await first.getByRole("button", { name: "Ghi lại" }).click();
    await commune.getByRole("alert").getByText("Hãy chọn việc đã làm.").waitFor();
    const again = commune.locator(`#${id}`);
    assert.equal(await again.locator("input[name=note]").inputValue(), "Đã hẹn thứ Hai dán lại");
    await look(commune, "coverage-tasks-refused");
    await again.locator("select[name=action]").selectOption("called");
    await again.getByRole("button", { name: "Ghi lại" }).click();
    await commune.getByText("Đã ghi việc đã làm").waitFor();
    await commune.getByRole("link", { name: /^Đã làm, chờ có lượt quét/ }).click();
    const noted = commune.locator(`#${id}`);
    await noted.getByText("Đã hẹn thứ Hai dán lại").waitFor();
    assert.equal(await noted.locator("th a").innerText(), name);
    // Something more is noted beside it; both stay.
    await noted.locator("summary", { hasText: "Ghi thêm việc đã làm" }).click();
    await noted.locator("select[name=action]").selectOption("visited");
    await noted.getByRole("button", { name: "Ghi lại" }).click();
    await commune.getByText("Đã ghi việc đã làm").waitFor();
    // One time before at least: what was done before the point fell silent again is kept too.
    await noted.locator("summary", { hasText: /Những lần trước \(\d+\)/ }).click();
    await noted.getByText("Đã hẹn thứ Hai dán lại").waitFor();
    await look(commune, "coverage-tasks-noted");
    for (const show of ["often", "closed"]) {
      await commune.goto(`/coverage/${home}/tasks?show=${show}`);
      await look(commune, `coverage-tasks-${show}`);
    }
    watch.check();
  });

  test("the commune sees what is missing there and its points by kind", async () => {
    assert.equal(await ownUnit(commune), home);
    await commune.getByRole("heading", { name: "Theo loại địa điểm" }).waitFor();
    await look(commune, "coverage-commune-task");
    await commune.goto(`/coverage/${home}/screen`);
    await commune.getByRole("heading", { level: 1 }).waitFor();
    watch.check();
  });

  test("a place is marked as sensitive and leaves what is published", async () => {
    await commune.goto(`/places?unit=${home}&show=all`);
    const names = await commune.locator("main tbody tr th a").allInnerTexts();
    // One whose name stands in no other's, so that the file can be searched for it.
    const name = names.find((one) => names.filter((other) => other.includes(one)).length === 1) ?? "";
    await commune.locator("main tbody tr th a").nth(names.indexOf(name)).click();
    await commune.locator("summary", { hasText: "Đổi nơi phụ trách" }).click();
    await commune.locator("#sensitive").selectOption("1");
    await commune.locator("form[action$='/care'] button").click();
    await commune.getByText("Đã ghi nơi phụ trách.").waitFor();
    assert.equal(await commune.locator("main .tag", { hasText: "Nhạy cảm" }).count(), 1);
    await look(commune, "coverage-place-sensitive");
    const csv = (await download(commune, `/places?unit=${home}&show=all&export=csv`)).bytes.toString("utf8");
    assert.ok(!csv.includes(name), "not in the file");
    await commune.goto(`/places?unit=${home}&show=all`);
    assert.ok((await commune.locator("main tbody tr", { hasText: name }).count()) > 0, "those responsible see it");
    watch.check();
  });

  test("a department sees its places across the province, without a target", async () => {
    const { page, context } = await signIn(browser, demo, "congthuong", { watch });
    await look(page, "coverage-home-department");
    await ownUnit(page);
    await page.getByText("không cộng số này vào số của địa bàn").waitFor();
    assert.equal(await page.locator(".tile", { hasText: "Chỉ tiêu" }).count(), 0);
    await look(page, "coverage-department");
    await page.locator(".table-wrap[aria-labelledby=parts] tbody tr td a").first().click();
    await page.waitForURL(/\/places\?unit=\d+&within=\d+&show=all/);
    assert.ok((await page.locator("main tbody tr").count()) > 0);
    await look(page, "coverage-department-places");
    await page.locator("main tbody tr th a").first().click();
    await page.getByText("Sở Công Thương").first().waitFor();
    assert.equal(await page.getByText("Đổi nơi phụ trách").count(), 0, "the commune decides");
    watch.check();
    await context.close();
  });

  test("the province: furthest behind first, sorted by a column, exported, on one screen and on paper", async () => {
    const { page, context } = await signIn(browser, demo, "sotttt", { watch });
    await page.goto("/coverage");
    await page.locator("svg.trend-lines").waitFor();
    await page.getByText("Im lặng lâu nhất").waitFor();
    await look(page, "coverage-province-task");
    await page.locator("#departments + details summary").click();
    await page.locator("#types + details summary").click();
    const total = await page.locator("#departments + details tfoot td").first().innerText();
    const tile = await page.locator(".tile", { has: page.locator(".label", { hasText: /^Đã đăng ký$/ }) }).locator(".value a").evaluate((link) => link.firstChild?.textContent ?? "");
    assert.equal(total.trim(), tile.trim(), "departments add up to the territory, not beside it");
    await page.locator(".table-wrap[aria-labelledby=parts] thead a", { hasText: "Im lặng" }).click();
    await page.waitForURL(/sort=silent/);
    const province = new URL(page.url()).pathname.split("/")[2] ?? "";
    for (const of of ["units", "communes", "types", "departments", "weeks"]) {
      const csv = (await download(page, `/coverage/${province}/export?of=${of}&format=csv`)).bytes.toString("utf8");
      assert.ok(csv.split("\n").length > 3, of);
      await download(page, `/coverage/${province}/export?of=${of}&format=xlsx`);
    }
    await page.goto(`/coverage/${province}/screen`);
    assert.equal(await page.locator("meta[http-equiv=refresh]").count(), 1);
    await page.getByRole("link", { name: "Đừng tự tải lại" }).click();
    assert.equal(await page.locator("meta[http-equiv=refresh]").count(), 0, "whoever reads slowly stops it");
    assert.equal(await page.locator(".tiles-map g").count(), 15);
    assert.ok((await page.locator(".meeting-behind li").count()) > 0);
    await look(page, "coverage-screen", { whole: false });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: "screenshots/coverage-screen-room.png" });
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight + 1), "all on one screen");
    await page.emulateMedia({ media: "print" });
    await page.pdf({ path: "screenshots/coverage-screen.pdf", preferCSSPageSize: true });
    await page.emulateMedia({ media: null, colorScheme: "dark" });
    await page.screenshot({ path: "screenshots/coverage-screen-dark.png" });
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/coverage");
    await page.locator(".table-wrap[aria-labelledby=parts] tbody").getByRole("link", { name: "Buôn Ma Thuột" }).click();
    await page.getByRole("heading", { level: 1, name: "Buôn Ma Thuột" }).waitFor();
    await look(page, "coverage-district-task");
    await page.getByRole("link", { name: "Mở màn hình họp" }).click();
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: "screenshots/coverage-screen-district.png" });
    watch.check();
    await context.close();
  });

  test("the district names the communes with most to do", async () => {
    const { page, context } = await signIn(browser, demo, "huyen", { watch });
    const own = await ownUnit(page);
    await page.goto(`/coverage/${own}/tasks?show=often`);
    await page.getByRole("heading", { name: "Xã, phường còn nhiều việc nhất" }).waitFor();
    await look(page, "coverage-tasks-district");
    watch.check();
    await context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
