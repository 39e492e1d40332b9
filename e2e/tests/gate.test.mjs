// A gate: enrolled with a one-time code, reads cards by camera, hand-held reader and typed entry, revoked.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, launchWithCamera, person, PHONE, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { film } from "../lib/qr.mjs";
import { openStage } from "../lib/stage.mjs";
import { approvePlace, ownUnit, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";

/** A made-up citizen card in the layout of 2021. */
const CCCD = "066095001234|241234567|Y Nguyễn Văn A|01021995|Nam|Buôn Kô Siêr, Tân Lập, Thành phố Buôn Ma Thuột, Đắk Lắk|15042021";
/** Another, as a hand-held reader types it. */
const CCCD_OF_READER = "066195001235||H'Nguyễn Thị B|01021995|Nữ|Thôn 2, Ea Kao, Đắk Lắk|05072024||||";
/** A health-insurance card of the old form. */
const BHYT = "GD4666600000001|4e677579e1bb856e2056c4836e2041|01/02/1995|1|5468c3a06e68207068e1bb91204275c3b46e204d6120546875e1bb9974|66 - 001|01/01/2021|-|02/01/2021|66666600000001|-|4|01/01/2025|abc123-7102|$";
const LUCA = "https://app.luca-app.de/webapp/11111111-2222-4333-8444-555555555555#e30";
/** How long a name stands, in milliseconds, and how far off the clock of a busy machine may be. */
const STAND_MS = 8_000;
const SLACK_MS = 1_500;
/** Longest pause between a hand-held reader's keys, in milliseconds, below the page's own bound. */
const READER_GAP_MS_MAX = 100;

describe("a gate", { timeout: 150_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "vaora-camera-"));
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let plain;
  /** @type {import("playwright-core").Browser} */ let seeing;
  /** @type {import("playwright-core").Page} */ let owner;
  let placeId = "";

  before(async () => {
    // The card is held to the camera for four seconds; the next person comes sixteen seconds later.
    const clip = film(join(folder, "card.mjpeg"), [{ text: CCCD, seconds: 4 }, { text: "", seconds: 16 }]);
    const opened = await openStage({ plain: launch(), seeing: launchWithCamera(clip) });
    stage = opened;
    ({ demo, plain, seeing } = opened);
    const officer = (await signIn(plain, demo, "xa", { watch })).page;
    const unitId = await ownUnit(officer);
    owner = (await person(plain, demo.url, { watch })).page;
    await proveOwner(owner, "0912000222");
    placeId = await registerPlace(owner, { name: "Bến xe thử", type: "BXE", unitId, areas: ["Phòng chờ"] });
    await approvePlace(officer, placeId);
  });
  after(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param {string} name @returns {Promise<string>} a one-time code */
  async function addGate(name) {
    await owner.goto(`/owner/places/${placeId}`);
    const form = owner.locator("form[action$='/gates']");
    if (!(await form.isVisible())) await owner.locator("summary", { hasText: "Thêm cổng" }).click();
    await form.locator("[name=gate_name]").fill(name);
    await form.locator("[name=area_id]").selectOption({ label: "Phòng chờ" });
    await form.getByRole("button").click();
    const code = await owner.locator(".secret-code").innerText();
    assert.match(code, /\S{4,}/);
    return code;
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} code
   * @param {Parameters<typeof person>[2]} [options]
   */
  async function enrol(browser, code, options) {
    const device = await person(browser, demo.url, { watch, ...options });
    await device.page.goto("/gate");
    await device.page.waitForURL("**/gate/enrol");
    await device.page.locator("#code").fill(code);
    await device.page.locator("#device_name").fill("Máy thử");
    await press(device.page, "Gắn máy");
    await device.page.waitForURL(/\/gate$/);
    return device;
  }

  /** @param {import("playwright-core").Page} page @param {string} tone */
  const tone = (page, tone) => page.locator(`#panel[data-tone=${tone}]`);

  /**
   * Types as a hand-held reader does. This machine may hold the keys up for longer than any reader would: then the
   * page rightly takes them for a person's, and the reading is made again.
   * @param {import("playwright-core").Page} page
   * @param {string} text
   */
  async function readByHand(page, text) {
    for (let turn = 0; turn < 5; turn += 1) {
      await page.evaluate(() => {
        const at = /** @type {{ last: number, gap: number }} */ ({ last: 0, gap: 0 });
        Object.assign(window, { keysAt: at });
        addEventListener("keydown", ({ timeStamp }) => {
          if (at.last) at.gap = Math.max(at.gap, timeStamp - at.last);
          at.last = timeStamp;
        }, true);
      });
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
      const gap = await page.evaluate(() => /** @type {any} */ (window).keysAt.gap);
      if (gap < READER_GAP_MS_MAX) return;
      await tone(page, "idle").waitFor();
    }
    throw new Error("this machine is too busy to type as fast as a hand-held reader");
  }

  test("enrolment: a wrong code is told, the right one works once", async () => {
    const code = await addGate("Cổng một lần");
    await look(owner, "place-gate-code");
    const { page, context } = await person(plain, demo.url, { watch, viewport: PHONE });
    await page.goto("/gate/enrol");
    await look(page, "gate-enrol");
    await page.locator("#code").fill("AAAA-BBBB");
    await press(page, "Gắn máy");
    await page.locator("#code-error").waitFor();
    await look(page, "gate-enrol-error");
    await context.close();
    const first = await enrol(plain, code.toLowerCase());
    await first.page.getByRole("heading", { name: "Bến xe thử" }).waitFor();
    await first.context.close();
    const again = await person(plain, demo.url, { watch });
    await again.page.goto("/gate/enrol");
    await again.page.locator("#code").fill(code);
    await press(again.page, "Gắn máy");
    await again.page.locator("#code-error").waitFor();
    await again.context.close();
    watch.check();
  });

  test("the camera reads a card; the phone is asked once; the name goes after 8 seconds", async () => {
    const { page, context } = await enrol(seeing, await addGate("Cổng camera"), {
      viewport: PHONE, permissions: ["camera"],
    });
    await look(page, "gate-start", { whole: false });
    await press(page, "Bắt đầu quét");
    await page.locator("#gate[data-camera=on]").waitFor();
    await tone(page, "ask").waitFor();
    await page.locator("#panel .name", { hasText: "Y Nguyễn Văn A" }).waitFor();
    await look(page, "gate-ask", { whole: false });
    await page.locator("#ask-phone").fill("123");
    await press(page, "Ghi số này");
    await page.locator("#ask-phone[aria-invalid=true]").waitFor();
    await page.locator("#ask-phone").fill("0905 123 456");
    await press(page, "Ghi số này");
    await tone(page, "good").waitFor();
    const shownAt = Date.now();
    assert.equal(await page.locator("#panel .name").innerText(), "Y Nguyễn Văn A");
    assert.equal(await page.locator("#count-in").innerText(), "1");
    await look(page, "gate-accepted", { whole: false });
    await tone(page, "idle").waitFor();
    const stood = Date.now() - shownAt;
    assert.ok(stood > STAND_MS - SLACK_MS && stood < STAND_MS + SLACK_MS, `the name stood for ${stood} ms`);
    assert.ok(!(await page.locator("body").innerText()).includes("Y Nguyễn Văn A"), "the name is gone");
    await look(page, "gate-ready", { whole: false });
    // The film begins again: the same card, which is known now.
    await tone(page, "good").waitFor({ timeout: 25_000 });
    assert.equal(await page.locator("#panel .name").innerText(), "Y Nguyễn Văn A");
    assert.equal(await page.locator("#count-in").innerText(), "2");
    watch.check();
    await context.close();
  });

  describe("without a camera", () => {
    /** @type {Awaited<ReturnType<typeof person>>} */ let device;

    before(async () => {
      device = await enrol(plain, await addGate("Cổng gõ tay"));
      await press(device.page, "Bắt đầu quét");
      await device.page.locator("#gate[data-camera=off]").waitFor();
    });
    after(() => device.context.close());

    test("it says so and goes on by typed entry", async () => {
      const { page } = device;
      await page.getByText("Không mở được máy ảnh").waitFor();
      await look(page, "gate-no-camera", { whole: false });
      await press(page, "Gõ tay");
      await look(page, "gate-typed", { whole: false });
      await page.locator("#typed-name").fill("H'Gõ Tay Êban");
      await page.locator("#typed-phone").fill("0905222333");
      await press(page, "Ghi người này");
      await page.locator("#panel .name", { hasText: "H'Gõ Tay Êban" }).waitFor();
      await tone(page, "good").waitFor();
      await press(page, "Gõ tay");
      await page.locator("#typed-name").fill("Số Sai");
      await page.locator("#typed-phone").fill("12");
      await press(page, "Ghi người này");
      await tone(page, "bad").waitFor();
      await page.getByText("Sai số điện thoại").waitFor();
      watch.check();
    });

    test("the typed form takes a person without a phone where it calls the phone optional", async () => {
      const { page } = device;
      await press(page, "Gõ tay");
      const optional = (await page.locator("label[for=typed-phone]").innerText()).includes("không bắt buộc");
      await page.locator("#typed-name").fill("Bà Không Điện Thoại");
      await press(page, "Ghi người này");
      if (optional) {
        await page.locator("#panel:not([data-tone=busy], [data-tone=idle])").waitFor();
        assert.equal(await page.locator("#panel").getAttribute("data-tone"), "good", await page.locator("#panel").innerText());
      } else {
        // Demanded in the form itself, before anything is sent.
        assert.ok(await page.locator("#typed").isVisible());
        await page.locator("#close-typed").click();
      }
      watch.check();
    });

    test("a hand-held reader's typing is one scan, in the direction chosen", async () => {
      const { page } = device;
      await page.locator(".mode.out").click();
      await readByHand(page, CCCD_OF_READER);
      await tone(page, "ask").waitFor();
      await page.locator("#panel .name", { hasText: "H'Nguyễn Thị B" }).waitFor();
      await press(page, "Không có điện thoại");
      await tone(page, "good").waitFor();
      await page.getByText("Đã ra").waitFor();
      assert.equal(await page.locator("#count-out").innerText(), "1");
      await look(page, "gate-out", { whole: false });
      await page.locator(".mode.in").click();
      watch.check();
    });

    test("a health-insurance card is read; skipping the question records nothing", async () => {
      const { page } = device;
      const before = await page.locator("#count-in").innerText();
      await press(page, "Gõ tay");
      await page.locator("#typed-text").fill(BHYT);
      await press(page, "Ghi mã này");
      await page.locator("#panel .name", { hasText: "Nguyễn Văn A" }).waitFor();
      await press(page, /Bỏ qua/);
      await tone(page, "idle").waitFor();
      assert.equal(await page.locator("#count-in").innerText(), before);
      watch.check();
    });

    test("a foreign code is named and refused; so are a poster's code and nonsense", async () => {
      const { page } = device;
      const before = await page.locator("#count-in").innerText();
      for (const [code, words] of [[LUCA, /luca/], [demo.poster, /Đây là mã địa điểm/], ["xin chào các bạn", /Không đọc được mã này/]]) {
        await press(page, "Gõ tay");
        await page.locator("#typed-text").fill(String(code));
        await press(page, "Ghi mã này");
        await tone(page, "bad").getByText(words).first().waitFor();
        if (code === LUCA) await look(page, "gate-foreign", { whole: false });
      }
      assert.equal(await page.locator("#count-in").innerText(), before);
      watch.check();
    });

    test("a revoked device records nothing and says what to do", async () => {
      const { page } = device;
      await owner.goto(`/owner/places/${placeId}`);
      await look(owner, "owner-place-gates");
      const row = owner.locator("#gates tr", { hasText: "Cổng gõ tay" });
      await row.getByText("Đã gắn máy").waitFor();
      await row.getByRole("button", { name: "Thu hồi" }).click();
      await owner.getByText("Đã thu hồi máy của cổng").waitFor();
      watch.expect(401);
      await press(page, "Gõ tay");
      await page.locator("#typed-name").fill("Người Sau");
      await page.locator("#typed-phone").fill("0905333444");
      await press(page, "Ghi người này");
      await page.getByText("Máy này không còn quyền ghi").waitFor();
      await look(page, "gate-revoked", { whole: false });
      await page.getByRole("link", { name: "Gắn lại máy" }).waitFor();
      await page.goto("/gate");
      await page.waitForURL("**/gate/enrol");
      watch.check();
    });
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
