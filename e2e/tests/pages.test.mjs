// Every page, for every reader, in both languages: quiet, accessible, narrow enough, translated.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, person, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { ownUnit, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";
import { isVietnamese, leftovers } from "../lib/words.mjs";

/** What counts as the pages' own words; data stands elsewhere, or is no source text. */
const OWN_WORDS = "nav a, h1, h2, h3, legend, label, button, summary, th[scope=col], main .caption";

/** Pages of each officer besides the first page, by login. @type {Record<string, string[]>} */
const PAGES = {
  xa: ["/places", "/places?show=live", "/places?show=never"],
  huyen: ["/coverage", "/weekly"],
  sotttt: ["/places?show=silent"],
  ubnd: ["/coverage"],
  truyvet: ["/cases", "/cases/new"],
  duyet: ["/openings"],
  khoa1: ["/openings", "/keys"],
  khoa3: ["/keys"],
  kiemtra: ["/log"],
  quantri: ["/accounts"],
};

describe("every page", { timeout: 600_000 }, () => {
  const watch = new Watch();
  const isLeftover = leftovers();
  /** Untranslated words in English pages, told at the end. @type {string[]} */
  const untranslated = [];
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
  });
  after(() => stage?.close());

  /** @param {string} address */
  const nameOf = (address) => address.replace(/\d{6,}/g, "id").replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "home";

  /**
   * Looks at the page that is open in Vietnamese, then in English.
   * @param {import("playwright-core").Page} page
   * @param {string} name
   */
  async function both(page, name) {
    const address = page.url();
    assert.equal(await page.locator("html").getAttribute("lang"), "vi");
    await look(page, `page-${name}`);
    await setLanguage(page, "en");
    await page.goto(address);
    assert.equal(await page.locator("html").getAttribute("lang"), "en", `${address} in English`);
    await look(page, `page-${name}-en`);
    const texts = await page.locator(OWN_WORDS).evaluateAll((all) => all.flatMap((element) => {
      if (element.closest("[lang=vi]:not(html)")) return [];
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent ?? "");
      return [element.textContent ?? "", ...own].map((text) => text.replace(/\s+/g, " ").trim());
    }));
    for (const text of new Set(texts)) if (isVietnamese(text) && isLeftover(text)) untranslated.push(`${name}: ${text}`);
    await setLanguage(page, "vi");
    await page.goto(address);
  }

  /** @param {import("playwright-core").Page} page @param {"vi" | "en"} value */
  const setLanguage = (page, value) => page.context().addCookies([{ name: "lang", value, url: demo.url }]);

  test("open to everybody", async () => {
    const { page, context } = await person(browser, demo.url, { watch });
    watch.expect(404);
    const poster = new URL(demo.poster).pathname;
    for (const address of ["/", "/privacy", "/login", "/login?as=truyvet", "/owner", poster, "/gate/enrol", "/D/2222222222"]) {
      await page.goto(address);
      await both(page, `open-${address === poster ? "visit" : nameOf(address)}`);
    }
    watch.check();
    await context.close();
  });

  test("an address that does not exist is told in words", async () => {
    const { page, context } = await person(browser, demo.url, { watch });
    watch.expect(404);
    assert.equal((await page.goto("/khong-co-trang-nay"))?.status(), 404);
    await both(page, "open-404");
    watch.check();
    await context.close();
  });

  test("the language is chosen by a link and kept", async () => {
    const { page, context } = await person(browser, demo.url, { watch });
    await page.goto("/privacy");
    await page.getByRole("link", { name: "English" }).click();
    await page.locator("html[lang=en]").waitFor({ state: "attached" });
    assert.equal(new URL(page.url()).pathname, "/privacy", "the same page");
    await page.goto("/");
    await page.locator("html[lang=en]").waitFor({ state: "attached" });
    await page.getByRole("link", { name: "Tiếng Việt" }).click();
    await page.locator("html[lang=vi]").waitFor({ state: "attached" });
    watch.check();
    await context.close();
  });

  test("an owner's", async () => {
    const officer = await signIn(browser, demo, "xa", { watch });
    const unitId = await ownUnit(officer.page);
    await both(officer.page, "xa-coverage");
    for (const address of ["/", ...PAGES.xa ?? [], `/weekly/${unitId}`]) {
      await officer.page.goto(address);
      await both(officer.page, `xa-${nameOf(address)}`);
    }
    const { page, context } = await person(browser, demo.url, { watch });
    await proveOwner(page, "0912777888");
    await both(page, "owner-places-empty");
    await page.goto("/owner/new");
    await both(page, "owner-new");
    const id = await registerPlace(page, { name: "Nhà văn hóa thử", type: "NVH", unitId, areas: ["Sân"] });
    await page.goto(`/owner/places/${id}/edit`);
    await both(page, "owner-edit");
    await officer.page.goto(`/places/${id}`);
    await both(officer.page, "xa-place-waiting");
    await press(officer.page, "Duyệt và cấp mã");
    await officer.page.getByText("Áp phích đã sẵn sàng để in").waitFor();
    for (const [reader, who, address] of /** @type {const} */ ([[page, "owner", "/owner/places"], [page, "owner", `/owner/places/${id}`], [officer.page, "xa", `/places/${id}`]])) {
      await reader.goto(address);
      await both(reader, `${who}-${nameOf(address)}-approved`);
    }
    watch.check();
    await context.close();
    await officer.context.close();
  });

  for (const login of Object.keys(PAGES).filter((one) => one !== "xa")) {
    test(`${login}'s`, async () => {
      const { page, context } = await signIn(browser, demo, login, { watch });
      await both(page, `${login}-home`);
      // The nav leads to pages that this officer may see.
      const nav = await page.locator("nav.nav a").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
      for (const address of nav) {
        const answer = await page.goto(address);
        assert.equal(answer?.status(), 200, `${address} in ${login}'s nav`);
      }
      for (const address of PAGES[login] ?? []) {
        await page.goto(address);
        await both(page, `${login}-${nameOf(address)}`);
      }
      watch.check();
      await context.close();
    });
  }

  test("an invitation leads to an account", async () => {
    const admin = await signIn(browser, demo, "quantri", { watch });
    await admin.page.goto("/accounts");
    await press(admin.page, "Tạo lời mời");
    await admin.page.locator("#name-error").waitFor();
    await look(admin.page, "accounts-errors");
    await admin.page.locator("#name").fill("H'Mới Niê");
    await admin.page.locator("#login").fill("h.moi");
    await admin.page.locator("#unit_id").selectOption({ index: 2 });
    await admin.page.locator("#roles-1").check();
    await press(admin.page, "Tạo lời mời");
    const link = await admin.page.locator("a[href*='/join/']").getAttribute("href");
    await look(admin.page, "accounts-invited");
    const { page, context } = await person(browser, demo.url, { watch });
    await page.goto(link ?? "");
    await both(page, "join");
    watch.expect(404);
    assert.equal((await page.goto("/join/no-such-invitation"))?.status(), 404);
    watch.check();
    await context.close();
    await admin.context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());

  test("the English pages leave no nav, heading or label in Vietnamese", () => {
    assert.deepEqual([...new Set(untranslated)], []);
  });
});
