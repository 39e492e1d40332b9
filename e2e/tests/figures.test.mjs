// Coverage and the weekly figure, from the province down to a commune; who sees what.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { download, ownUnit, signIn } from "../lib/walk.mjs";
import { partOfZip } from "../lib/zip.mjs";

/** Districts of Đắk Lắk in 2021. */
const DISTRICTS = 15;

/** @param {string} words a figure as the pages write it, thousands parted by dots */
const number = (words) => Number(words.replace(/[.\s]/g, ""));

describe("coverage and the weekly figure", { timeout: 400_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {import("playwright-core").Page} */ let reviewer;
  let communeId = "";

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    reviewer = (await signIn(browser, demo, "sotttt", { watch })).page;
  });
  after(() => stage?.close());

  /** @param {import("playwright-core").Page} page @param {string} label @returns {import("playwright-core").Locator} */
  const tile = (page, label) => page.locator(".tile", { has: page.locator(".label", { hasText: new RegExp(`^${label}$`) }) });

  /**
   * Follows a figure to its list and compares the two.
   * @param {import("playwright-core").Page} page
   * @param {string} label
   */
  async function figureLeadsToList(page, label) {
    const here = page.url();
    const link = tile(page, label).locator(".value a");
    const figure = number(await link.evaluate((element) => element.firstChild?.textContent ?? ""));
    await link.click();
    await page.waitForURL(/\/places\?/);
    const rows = await page.locator("main tbody tr").count();
    if (figure === 0) assert.equal(rows, 0, label);
    else assert.equal(number(/Có ([\d.]+) dòng/.exec(await page.locator("nav.pages").innerText())?.[1] ?? ""), figure, label);
    await page.goto(here);
    return figure;
  }

  test("the province: districts, figures that lead to their lists", async () => {
    await reviewer.goto("/coverage");
    await reviewer.getByRole("heading", { level: 1, name: "Đắk Lắk" }).waitFor();
    assert.equal(await reviewer.locator(".table-wrap[aria-labelledby=parts] tbody tr").count(), DISTRICTS);
    const shown = (await reviewer.locator(".tilemap li").count()) + (await reviewer.locator("svg.map a").count());
    assert.equal(shown, DISTRICTS, "each district on the map or as a tile");
    const registered = await figureLeadsToList(reviewer, "Đã đăng ký");
    const live = await figureLeadsToList(reviewer, "Đang hoạt động");
    const silent = await figureLeadsToList(reviewer, "Im lặng");
    const never = await figureLeadsToList(reviewer, "Chưa từng dùng");
    assert.ok(live > 0);
    assert.equal(live + silent + never, registered, "every point is live, silent or never used");
    await look(reviewer, "coverage-province");
    watch.check();
  });

  test("down to a district and to a commune, whose posters are one PDF", async () => {
    const parts = reviewer.locator(".table-wrap[aria-labelledby=parts] tbody tr");
    await parts.getByRole("link", { name: "Buôn Ma Thuột" }).click();
    await reviewer.getByRole("heading", { level: 1, name: "Buôn Ma Thuột" }).waitFor();
    await figureLeadsToList(reviewer, "Đang hoạt động");
    await look(reviewer, "coverage-district");
    const rows = await parts.evaluateAll((all) => all.map((row) => ({
      live: row.querySelector("[data-label='Đang hoạt động']")?.textContent?.trim() ?? "",
      name: row.querySelector("th a")?.textContent ?? "",
    })));
    const smallest = rows.filter((row) => number(row.live) > 0).sort((a, b) => number(a.live) - number(b.live))[0];
    assert.ok(smallest);
    await parts.getByRole("link", { name: smallest.name, exact: true }).click();
    await reviewer.getByRole("heading", { level: 1, name: smallest.name }).waitFor();
    communeId = new URL(reviewer.url()).pathname.split("/").at(-1) ?? "";
    assert.equal(await figureLeadsToList(reviewer, "Đang hoạt động"), number(smallest.live));
    await look(reviewer, "coverage-commune");
    const { bytes, type } = await download(reviewer, `/units/${communeId}/posters.pdf`);
    assert.equal(type, "application/pdf");
    assert.equal(bytes.toString("latin1", 0, 5), "%PDF-");
    await reviewer.goto(`/places?unit=${communeId}&show=all`);
    await look(reviewer, "places-all");
    watch.check();
  });

  test("search without accents, sorting and export of a list", async () => {
    await reviewer.goto("/places?show=all");
    await reviewer.locator("#q").fill("cho cao nguyen");
    await reviewer.locator(".filters button").click();
    await reviewer.getByRole("link", { name: "Chợ Cao Nguyên" }).first().waitFor();
    assert.equal(await reviewer.locator("main tbody tr").count(), 4, "the market and its three rows");
    const address = await reviewer.getByRole("link", { name: "Tải CSV" }).getAttribute("href");
    const csv = (await download(reviewer, address ?? "")).bytes.toString("utf8");
    assert.ok(csv.includes("Chợ Cao Nguyên") && csv.includes("Dãy B - Thịt cá"));
    const book = (await download(reviewer, (address ?? "").replace("export=csv", "export=xlsx"))).bytes;
    assert.ok(partOfZip(book, "xl/sharedStrings.xml").includes("Chợ Cao Nguyên"));
    await reviewer.locator("#q").fill("không có nơi này");
    await reviewer.locator(".filters button").click();
    await reviewer.getByText("Không tìm thấy điểm nào").waitFor();
    await look(reviewer, "places-none-found");
    watch.check();
  });

  test("a distancing level is set by the reviewer and stops the target", async () => {
    await reviewer.goto(`/coverage/${communeId}`);
    await reviewer.locator("summary", { hasText: "Ghi mức mới" }).click();
    const strictest = await reviewer.locator("#level option", { hasText: "16" }).first().getAttribute("value");
    await reviewer.locator("#level").selectOption(strictest ?? "");
    await reviewer.locator("#source").fill("Công văn thử số 1");
    await reviewer.getByRole("button", { name: "Ghi mức giãn cách" }).click();
    await reviewer.getByText("Chỉ tiêu đang tạm ngừng ở đây").waitFor();
    await look(reviewer, "coverage-exempt");
    watch.check();
  });

  test("the weekly figure as a page, a PDF and a DOCX, for the department and for the committee", async () => {
    const committee = await signIn(browser, demo, "ubnd", { watch });
    for (const page of [reviewer, committee.page]) {
      await page.goto("/weekly");
      await page.getByRole("heading", { level: 1, name: /Số liệu tuần/ }).waitFor();
      assert.ok(number(await tile(page, "Lượt quét").locator(".value a").evaluate((link) => link.firstChild?.textContent ?? "")) > 0);
      // A week that is reported leads to its report; the figure as a paper of its own stays at its address.
      const report = await page.getByRole("link", { name: "Mở báo cáo của tuần" }).getAttribute("href");
      assert.match(report ?? "", /^\/reports\?period=\d+$/);
      const here = new URL(page.url()).pathname;
      assert.equal((await download(page, `${here}/report.pdf`)).bytes.toString("latin1", 0, 5), "%PDF-");
      const words = partOfZip((await download(page, `${here}/report.docx`)).bytes, "word/document.xml");
      assert.ok(words.includes("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), "the national heading of Decree 30");
    }
    await look(committee.page, "weekly-province");
    await committee.page.getByRole("link", { name: /Tuần trước/ }).click();
    await committee.page.getByRole("heading", { level: 1, name: /Số liệu tuần/ }).waitFor();
    await committee.page.goto("/coverage");
    assert.equal(await committee.page.locator("summary", { hasText: "Ghi mức mới" }).count(), 0, "the committee only reads");
    watch.check();
    await committee.context.close();
  });

  test("a commune's officer sees that commune and nothing else", async () => {
    watch.expect(404);
    const { page, context } = await signIn(browser, demo, "xa", { watch });
    const own = await ownUnit(page);
    assert.notEqual(own, communeId);
    await look(page, "coverage-own-commune");
    for (const address of [
      `/coverage/${communeId}`, `/places?unit=${communeId}&show=all`, `/weekly/${communeId}`, `/units/${communeId}/posters.pdf`,
    ]) {
      const answer = await page.context().request.get(address);
      assert.equal(answer.status(), 404, address);
    }
    assert.equal((await page.goto(`/coverage/${communeId}`))?.status(), 404);
    await page.goto("/");
    await look(page, "home-commune");
    await page.goto(`/weekly/${own}`);
    await look(page, "weekly-commune");
    watch.check();
    await context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
