// A gate: enrolled with a one-time code, reads cards by camera, hand-held reader and typed entry, revoked.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, launchWithCamera, person, PHONE, Watch } from "../lib/browser.mjs";
import { allSent, begin, CODES, green, Place, readByHand, serverState, stored, tone, typeCode, typePerson } from "../lib/gates.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { film } from "../lib/qr.mjs";
import { openStage } from "../lib/stage.mjs";
import { press } from "../lib/walk.mjs";

/** How long a name stands, in milliseconds, and how far off the clock of a busy machine may be. */
const STAND_MS = 8_000;
const STAND_BUSY_MS = 2_000;
const SLACK_MS = 1_500;

describe("a gate", { timeout: 500_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "vaora-camera-"));
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let plain;
  /** @type {import("playwright-core").Browser} */ let seeing;
  /** @type {Place} */ let place;

  before(async () => {
    // The card is held to the camera for four seconds; the next person comes sixteen seconds later.
    const clip = film(join(folder, "card.mjpeg"), [{ text: CODES.cccd, seconds: 4 }, { text: "", seconds: 16 }]);
    const opened = await openStage({ plain: launch(), seeing: launchWithCamera(clip) });
    stage = opened;
    ({ demo, plain, seeing } = opened);
    place = await Place.open(plain, demo, watch, { phone: "0912000222", name: "Bến xe thử" });
  });
  after(async () => {
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("enrolment: a wrong code is told, the right one works once", async () => {
    const code = await place.addGate("Cổng một lần");
    await look(place.owner, "place-gate-code");
    const { page, context } = await person(plain, demo.url, { watch, viewport: PHONE });
    await page.goto("/gate/enrol");
    await look(page, "gate-enrol");
    await page.locator("#code").fill("AAAA-BBBB");
    await press(page, "Gắn máy");
    await page.locator("#code-error").waitFor();
    await look(page, "gate-enrol-error");
    await context.close();
    const first = await place.enrol(code.toLowerCase());
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

  test("the camera reads a card; the phone is asked once and holds up nobody; the name goes after 8 seconds", async () => {
    const { page, context } = await place.enrol(await place.addGate("Cổng camera"), { browser: seeing, viewport: PHONE, permissions: ["camera"] });
    await page.locator("#begin:enabled").waitFor();
    await look(page, "gate-start", { whole: false });
    await begin(page);
    await page.locator("#gate[data-camera=on]").waitFor();
    await green(page, "Y Nguyễn Văn A");
    const shownAt = Date.now();
    assert.equal(await page.locator("#count-in").innerText(), "1");
    assert.ok(await page.locator("#ask-phone").isVisible());
    await look(page, "gate-accepted-ask", { whole: false });
    await tone(page, "idle").waitFor();
    const stood = Date.now() - shownAt;
    assert.ok(stood > STAND_MS - SLACK_MS && stood < STAND_MS + SLACK_MS, `the name stood for ${stood} ms`);
    assert.ok(!(await page.locator("body").innerText()).includes("Y Nguyễn Văn A"), "the name is gone");
    await look(page, "gate-ready", { whole: false });
    // The film begins again: the same card, which was asked about.
    await green(page, "Y Nguyễn Văn A");
    assert.equal(await page.locator("#ask-phone").count(), 0, "asked twice");
    assert.equal(await page.locator("#count-in").innerText(), "2");
    await look(page, "gate-accepted", { whole: false });
    await allSent(page);
    assert.equal((await serverState(page)).in_today, 2);
    watch.check();
    await context.close();
  });

  describe("without a camera", () => {
    /** @type {Awaited<ReturnType<typeof person>>} */ let device;

    before(async () => {
      device = await place.enrol(await place.addGate("Cổng gõ tay"));
      await begin(device.page);
      await device.page.locator("#gate[data-camera=off]").waitFor();
    });
    after(() => device.context.close());

    /** @param {"in" | "out" | "inside"} which */
    const count = async (which) => Number(await device.page.locator(`#count-${which}`).innerText());

    test("it says so and goes on by typed entry", async () => {
      const { page } = device;
      await page.getByText("Không mở được máy ảnh").waitFor();
      await look(page, "gate-no-camera", { whole: false });
      await press(page, "Gõ tay");
      await page.locator("#typed-more summary").click();
      await look(page, "gate-typed", { whole: false });
      await page.locator("#close-typed").click();
      await typePerson(page, { name: "H'Gõ Tay Êban", phone: "0905222333" });
      await green(page, "H'Gõ Tay Êban");
      await typePerson(page, { name: "Số Sai", phone: "12" });
      await page.getByText("Số này chưa đúng").waitFor();
      assert.ok(await page.locator("#typed").isVisible(), "nothing is recorded of a wrong number");
      await page.locator("#typed-phone").fill("");
      await press(page, "Ghi người này");
      await green(page, "Số Sai");
      await allSent(page);
      watch.check();
    });

    test("a phone written after the green is added to that scan, and counts nobody again", async () => {
      const { page } = device;
      const before = await serverState(page);
      await readByHand(page, CODES.cccd2024);
      await green(page, "H'Nguyễn Thị B");
      await page.locator("#ask-phone").fill("123");
      await press(page, "Ghi số");
      await page.locator("#ask-phone[aria-invalid=true]").waitFor();
      await page.locator("#ask-phone").fill("0905 123 456");
      await press(page, "Ghi số");
      await page.getByText("Đã ghi số điện thoại").waitFor();
      await look(page, "gate-phone-saved", { whole: false });
      await allSent(page);
      const after_ = await serverState(page);
      assert.equal(after_.in_today, before.in_today + 1);
      watch.check();
    });

    test("companions are named once each: in the form, and after a scan", async () => {
      const { page } = device;
      const before = await serverState(page);
      await typePerson(page, { name: "Bà Hai", phone: "0905222444", along: "Cháu Một\nCháu Hai", declarer: "Anh Ba" });
      await green(page, "Bà Hai");
      await page.getByText("và 2 người đi cùng").waitFor();
      await typeCode(page, CODES.bhyt);
      await green(page, "Nguyễn Văn A");
      await press(page, "Người đi cùng");
      await page.locator("#companions-names").fill("Con Gái\n1234");
      await press(page, "Ghi những người này");
      await page.getByText("Tên “1234” chưa đúng").waitFor();
      await look(page, "gate-companions", { whole: false });
      await page.locator("#companions-names").fill("Con Gái\nCon Trai");
      await press(page, "Ghi những người này");
      await green(page, "Con Gái, Con Trai");
      await allSent(page);
      assert.equal((await serverState(page)).in_today, before.in_today + 6);
      assert.equal(await count("in"), before.in_today + 6);
      watch.check();
    });

    test("a hand-held reader's typing is one scan, in the direction chosen; automatic follows who is inside", async () => {
      const { page } = device;
      const before = { in: await count("in"), out: await count("out") };
      await page.locator(".mode.out").click();
      await readByHand(page, CODES.cccd2024);
      await green(page, "H'Nguyễn Thị B");
      await page.getByText("ĐÃ GHI RA").waitFor();
      assert.equal(await count("out"), before.out + 1);
      await look(page, "gate-out", { whole: false });
      await page.locator(".mode.auto").click();
      for (const [words, at] of [["ĐÃ GHI VÀO", "in"], ["ĐÃ GHI RA", "out"]]) {
        await tone(page, "idle").waitFor();
        await readByHand(page, CODES.cccd2024);
        await page.getByText(words).waitFor();
        if (at === "in") await look(page, "gate-auto", { whole: false });
      }
      assert.deepEqual({ in: await count("in"), out: await count("out") }, { in: before.in + 1, out: before.out + 2 });
      await page.locator(".mode.in").click();
      watch.check();
    });

    test("the busy hour asks nothing, and its names stand shorter", async () => {
      const { page } = device;
      await press(page, "Giờ đông");
      await readByHand(page, CODES.cccd);
      await green(page, "Y Nguyễn Văn A");
      const shownAt = Date.now();
      assert.equal(await page.locator("#panel button, #panel input").count(), 0);
      await tone(page, "idle").waitFor();
      assert.ok(Date.now() - shownAt < STAND_BUSY_MS + SLACK_MS);
      await typePerson(page, { name: "Người Giờ Đông" });
      await look(page, "gate-busy", { whole: false });
      await press(page, "Giờ đông");
      watch.check();
    });

    test("a foreign code is named and refused; so are a poster's code, a payment and nonsense", async () => {
      const { page } = device;
      const before = await count("in");
      const payment = "00020101021138540010A00000072701240006970436011012345678900208QRIBFTTA53037045802VN6304ABCD";
      for (const [code, words] of [[CODES.luca, /luca/], [demo.poster, /Đây là mã địa điểm/], [payment, /Mã thanh toán/], ["xin chào các bạn", /Không đọc được mã này/]]) {
        await typeCode(page, String(code));
        await tone(page, "bad").getByText(words).first().waitFor();
        if (code === CODES.luca) await look(page, "gate-foreign", { whole: false });
      }
      assert.equal(await count("in"), before);
      watch.check();
    });

    test("our own card is checked on the device: true, false, revoked and expired", async () => {
      const { page } = device;
      const visitor = await person(plain, demo.url, { watch });
      await visitor.page.goto("/");
      const [card] = await visitor.page.evaluate(async () => {
        const answer = await fetch("/D/me/cards", {
          method: "POST", headers: { "content-type": "application/json" },
          body: JSON.stringify({ people: [{ name: "Trần Thị Thẻ", phone: "0905777888" }] }),
        });
        if (!answer.ok) throw new Error(await answer.text());
        return answer.json();
      });
      await typeCode(page, card.text);
      await green(page, card.masked_name);
      assert.equal(await page.locator("#ask-phone").count(), 0, "the register knows its phone");
      await look(page, "gate-own-card", { whole: false });
      const swapped = card.text.slice(0, -3) + (card.text.at(-3) === "A" ? "B" : "A") + card.text.slice(-2);
      await typeCode(page, swapped);
      await tone(page, "bad").getByText("Thẻ không phải của hệ thống").waitFor();
      await allSent(page);

      // A device whose list of revoked cards has this one; then, forty days later by its clock, one whose last day is over.
      const strict = await person(plain, demo.url, { watch, serviceWorkers: "block" });
      await strict.context.route("**/gate/kit", async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...await answer.json(), revoked_cards: Buffer.from(card.number, "hex").toString("base64url") } });
      });
      await strict.page.goto("/gate/enrol");
      await strict.page.locator("#code").fill(await place.addGate("Cổng xem thẻ"));
      await press(strict.page, "Gắn máy");
      await strict.page.waitForURL(/\/gate$/);
      await begin(strict.page);
      await typeCode(strict.page, card.text);
      await tone(strict.page, "bad").getByText("Thẻ đã bị thu hồi").waitFor();
      await strict.context.addInitScript(() => {
        const real = Date.now;
        Date.now = () => real() + 40 * 86_400_000;
      });
      await strict.page.reload();
      await begin(strict.page);
      await typeCode(strict.page, card.text);
      await tone(strict.page, "bad").getByText("Thẻ đã hết hạn").waitFor();
      assert.equal(await stored(strict.page), 0);
      watch.check();
      await strict.context.close();
      await visitor.context.close();
    });

    test("the status sheet tells what waits and the word of the minute", async () => {
      const { page } = device;
      await page.locator("#open-status").click();
      await page.locator("#status-waiting", { hasText: "Đã gửi hết" }).waitFor();
      const word = await page.locator("#status-word").innerText();
      assert.match(word, /^\p{L}+ \p{L}+/u);
      await look(page, "gate-status", { whole: false });
      await page.locator("#close-status").click();
      watch.check();
    });

    test("a revoked device records nothing more and says what to do", async () => {
      const { page } = device;
      await place.owner.goto(`/owner/places/${place.id}`);
      await look(place.owner, "owner-place-gates");
      const before = await count("in");
      watch.expect(401);
      await place.revoke("Cổng gõ tay");
      await typePerson(page, { name: "Người Sau", phone: "0905333444" });
      await page.getByText("Máy này không còn quyền ghi").first().waitFor();
      await look(page, "gate-revoked", { whole: false });
      await readByHand(page, CODES.cccd);
      await allSent(page);
      assert.equal(await page.locator("#panel").getAttribute("data-tone"), "bad");
      assert.ok(await count("in") <= before + 1, "what was captured before it knew is in quarantine");
      await page.getByRole("link", { name: "Gắn lại máy" }).click();
      await page.waitForURL("**/gate/enrol");
      watch.check();
    });
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
