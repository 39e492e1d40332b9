// @ts-check
// Guides, support tickets, campaigns, directives and messages, walked as their people use them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, person, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { approvePlace, download, ownUnit, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";

/** A PDF as far as anybody looks at it. */
const LETTER = { name: "cong-van.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 made up for a test") };

/** @param {number} days @returns {string} the day so many days from now, as date fields write it */
const day = (days) => new Date(Date.now() + days * 86_400_000 + 7 * 3_600_000).toISOString().slice(0, 10);

describe("guidance, support, directives, messages", { timeout: 500_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {Record<string, import("playwright-core").Page>} */ const officers = {};

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    for (const login of ["xa", "huyen", "sotttt", "ubnd"]) officers[login] = (await signIn(browser, demo, login, { watch })).page;
  });
  after(() => stage?.close());

  /** @param {string} login */
  function of(login) {
    const page = officers[login];
    assert.ok(page, login);
    return page;
  }

  test("guides are open to everybody, printable, in both languages", async () => {
    const { page, context } = await person(browser, demo.url, { watch });
    await page.goto("/");
    await page.getByRole("link", { name: "Xem hướng dẫn" }).click();
    await look(page, "guides");
    await page.getByRole("link", { name: "Chủ địa điểm: từ đăng ký đến áp phích trên tường" }).click();
    await page.getByText("130 cm").first().waitFor();
    await look(page, "guide-owner");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".site-head").isVisible(), false);
    assert.ok(await page.locator(".guide-foot").isVisible());
    const sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
    assert.ok(sheets >= 1 && sheets <= 2, `${sheets} sheets`);
    await page.emulateMedia({ media: "screen" });
    await page.goto("/guides/faq");
    await page.getByRole("heading", { name: "Mất máy ở cổng thì phải làm gì?" }).waitFor();
    await look(page, "guides-faq");
    await page.goto("/guides/gate?lang=en");
    await page.getByRole("heading", { level: 1, name: "Gate keeper" }).waitFor();
    watch.check();
    await context.close();
  });

  test("an owner tries what is advised, asks, and reads the answer on the place's page", async () => {
    const { page, context } = await person(browser, demo.url, { watch });
    const unitId = await ownUnit(of("xa"));
    await proveOwner(page, "0905123789");
    const place = await registerPlace(page, { name: "Quán cà phê Gió", unitId });
    await approvePlace(of("xa"), place);
    await page.goto(`/owner/places/${place}`);
    await page.getByRole("link", { name: "Gặp khó ở đây? Hỏi xã, phường" }).click();
    await look(page, "support-reasons");
    await page.getByRole("link", { name: "Ở cửa không có mạng" }).click();
    await page.getByText("Thử cách này trước").waitFor();
    await press(page, "Gửi cho xã, phường");
    await page.getByRole("alert").waitFor();
    await look(page, "support-new-wrong");
    await page.locator("#words").fill("Quán ở tầng hầm, khách quét không được.");
    await press(page, "Gửi cho xã, phường");
    await page.waitForURL(/\/owner\/support\/\d+$/);
    const ticket = new URL(page.url()).pathname.split("/").at(-1);

    const commune = of("xa");
    await commune.goto("/messages");
    await look(commune, "messages");
    await commune.goto(`/support/${ticket}`);
    await press(commune, "Nhận phiếu");
    await commune.locator("#words").fill("Đặt một máy ở cổng, máy giữ được cả tuần khi không có mạng.");
    await press(commune, "Trả lời và báo đã giải quyết");
    await commune.getByText("Đã giải quyết").first().waitFor();
    await look(commune, "ticket-office");

    await page.goto(`/owner/places/${place}`);
    await page.locator("#messages p", { hasText: "đã được giải quyết" }).waitFor();
    await look(page, "place-owner-messages");
    await page.goto(`/owner/support/${ticket}`);
    await look(page, "ticket-owner");
    await page.getByRole("button", { name: "Đã xong, đóng phiếu" }).click();
    await page.getByText("Đã đóng").first().waitFor();
    await page.goto("/owner/support");
    await look(page, "support-owner");

    const reviewer = of("sotttt");
    await reviewer.goto(`/support/${ticket}`);
    await reviewer.locator("#question").fill("Tầng hầm không có sóng thì làm sao?");
    await reviewer.locator("#answer").fill("Đặt một máy ở cổng; máy giữ được cả tuần.");
    await press(reviewer, "Đưa lên trang");
    await reviewer.getByRole("heading", { name: "Tầng hầm không có sóng thì làm sao?" }).waitFor();
    await reviewer.goto("/support?state=");
    await look(reviewer, "support-list");
    watch.check();
    await context.close();
  });

  test("a campaign is written down, and an older one shows its weeks", async () => {
    const commune = of("xa");
    await commune.goto("/campaigns");
    await look(commune, "campaigns");
    await commune.getByRole("link", { name: "Phát tờ rơi ở chợ và các tổ dân phố" }).click();
    await commune.getByText("Phần còn lại: các xã").waitFor();
    await look(commune, "campaign");
    await commune.goto("/campaigns/new");
    await press(commune, "Lưu");
    await look(commune, "campaign-new-wrong");
    await commune.locator("#title").fill("Loa tổ dân phố");
    await commune.locator("#from_on").fill(day(-3));
    await commune.locator("#until_on").fill(day(-1));
    await commune.locator("#method").selectOption("loudspeaker");
    await commune.locator("#planned").fill("800");
    await press(commune, "Lưu");
    await commune.getByText("Xong đợt: ghi số người tiếp cận").waitFor();
    await commune.locator("#reached").fill("650");
    await press(commune, "Ghi kết quả và đóng đợt");
    await commune.locator(".tile", { hasText: "650" }).waitFor();
    watch.check();
  });

  test("a letter goes down the tree, is copied on, acknowledged and done", async () => {
    const committee = of("ubnd");
    await committee.goto("/directives");
    await look(committee, "directives-sent");
    await committee.getByRole("link", { name: "Gửi công văn" }).click();
    await look(committee, "directive-new");
    await committee.locator("#number").fill("7001/UBND-KGVX");
    await committee.locator("#issued_on").fill(day(0));
    await committee.locator("#summary").fill("Rà soát điểm quét ở các chợ");
    await committee.locator("#asked").fill("Rà soát, dán lại áp phích, báo kết quả.");
    await committee.locator("#due_on").fill(day(10));
    await committee.locator("#file").setInputFiles(LETTER);
    await committee.locator("#groups-districts").check();
    await press(committee, "Gửi công văn");
    await committee.getByText("Đã gửi công văn.").waitFor();
    const here = new URL(committee.url()).pathname;

    const district = of("huyen");
    await district.goto("/");
    await look(district, "home-district");
    await district.goto(here);
    assert.equal((await download(district, `${here}/file`)).bytes.toString("latin1", 0, 5), "%PDF-");
    await look(district, "directive-district");
    await district.locator("#remark").fill("Gửi kết quả trước thứ Sáu.");
    await district.locator("#copy_due_on").fill(day(7));
    await press(district, "Sao gửi");
    await district.getByText(/Đã sao gửi cho \d+ xã, phường\./).waitFor();

    const commune = of("xa");
    await commune.goto(here);
    await commune.getByText("Gửi kết quả trước thứ Sáu.").waitFor();
    await press(commune, "Xác nhận đã nhận và sẽ thực hiện");
    await commune.locator("summary", { hasText: "Báo tiến độ" }).click();
    await commune.locator("#progress-2").check();
    await commune.locator("#words").fill("Đã dán lại 6 áp phích.");
    await press(commune, "Ghi tiến độ");
    await commune.getByText("Đã làm xong").first().waitFor();
    await look(commune, "directive-commune");
    await committee.goto(here);
    await look(committee, "directive-committee");
    await committee.getByRole("link", { name: /Chưa mở/ }).click();
    assert.ok((await committee.locator("#copies tbody tr").count()) > 5);
    watch.check();
  });

  test("an officer chooses how to be told", async () => {
    const commune = of("xa");
    await commune.goto("/messages");
    await commune.getByRole("button", { name: "Đánh dấu tất cả là đã đọc" }).click();
    await commune.getByText("Đã đánh dấu tất cả là đã đọc.").waitFor();
    await commune.goto("/messages/settings");
    await commune.locator("#phone").fill("0912345678");
    await press(commune, "Lưu");
    await press(commune, "Gửi mã qua thư");
    const written = await commune.locator(".notice", { hasText: "Mã của bạn là" }).innerText();
    await commune.locator("#email-code").fill(/\b(\d{6})\b/.exec(written)?.[1] ?? "");
    await look(commune, "messages-settings-unproved");
    await press(commune, "Xác thực địa chỉ thư");
    await commune.getByText("Đã xác thực địa chỉ thư.").waitFor();
    await press(commune, "Gửi mã cho tôi");
    const told = await commune.locator(".notice", { hasText: "Mã của bạn là" }).innerText();
    await commune.locator("#code").fill(/\b(\d{6})\b/.exec(told)?.[1] ?? "");
    await press(commune, "Xác thực");
    await commune.getByText("Đã xác thực số điện thoại.").waitFor();
    await look(commune, "messages-settings");
    const { page, context } = await signIn(browser, demo, "quantri", { watch });
    await page.goto("/messages/deliveries");
    await look(page, "messages-deliveries");
    watch.check();
    await context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
