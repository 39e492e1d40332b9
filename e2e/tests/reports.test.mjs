// @ts-check
// The week's report from the commune to the Committee, as each of them plays it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, Watch } from "../lib/browser.mjs";
import { SCREENSHOTS } from "../lib/env.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { download, press, signIn } from "../lib/walk.mjs";

/** Longest time that the documents of the whole province may take in a debug build, in milliseconds. */
const DOCUMENTS_MS_MAX = 90_000;

describe("the week's report", { timeout: 600_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {Record<string, import("playwright-core").Page>} */ const pages = {};

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
  });
  after(() => stage?.close());

  /** @param {string} login */
  async function officer(login) {
    pages[login] ??= (await signIn(browser, demo, login, { watch })).page;
    return /** @type {import("playwright-core").Page} */ (pages[login]);
  }

  test("the commune completes its draft and sends it", async () => {
    const page = await officer("xa");
    await page.getByText("Báo cáo của đơn vị chờ anh/chị hoàn thành và gửi").waitFor();
    await page.goto("/reports");
    await page.getByText("Chưa gửi").first().waitFor();
    await look(page, "reports-commune");
    await page.getByRole("link", { name: "Hoàn thành báo cáo" }).click();
    await page.getByRole("heading", { name: "Số liệu đã chốt" }).waitFor();
    await look(page, "report-draft");
    await page.locator("#results").fill("Lượt quét tăng nhờ phát áp phích mới cho chợ Tân Lập.");
    await page.locator("#difficulty-words-1").fill("Sóng di động yếu trong nhà lồng chợ nên quét mã chậm.");
    await press(page, "Gửi báo cáo");
    await page.getByText("Hãy chọn loại cho từng khó khăn").first().waitFor();
    assert.equal(await page.locator("#difficulty-words-1").inputValue(), "Sóng di động yếu trong nhà lồng chợ nên quét mã chậm.");
    await page.locator("#difficulty-topic-1").selectOption("network");
    await page.locator("#proposal-topic-1").selectOption("devices");
    await page.locator("#proposal-words-1").fill("Cấp hai máy quét cầm tay cho chợ Tân Lập.");
    await press(page, "Gửi báo cáo");
    await page.getByText("Đã gửi báo cáo lên cấp trên").waitFor();
    await look(page, "report-sent");
  });

  test("the district reads, returns one, takes the rest and merges what is the same", async () => {
    const page = await officer("huyen");
    await page.goto("/reports");
    await page.getByRole("heading", { name: "Báo cáo của xã, phường, thị trấn" }).waitFor();
    await look(page, "reports-district");
    await page.locator("tr", { hasText: "Đã gửi, chờ tiếp nhận" }).locator("th a").first().click();
    await page.locator("#reason").fill("Nêu rõ số điểm mới ở chợ.");
    await look(page, "report-to-take");
    await press(page, "Trả lại kèm lý do");
    await page.getByText("Đã trả lại báo cáo kèm lý do.").waitFor();
    await page.goto("/reports");
    await press(page, "Tiếp nhận các báo cáo đã đánh dấu");
    await page.getByText(/Đã tiếp nhận \d+ báo cáo/).waitFor();
    await page.getByRole("link", { name: "Gộp khó khăn trùng nhau" }).click();
    await page.getByRole("heading", { name: "Có vẻ giống nhau" }).waitFor();
    await look(page, "report-items");
    await press(page, /^Gộp thành một nhóm 1$/);
    await page.getByText("Đã gộp. Tên các đơn vị đã nêu được giữ nguyên.").waitFor();
    await page.getByRole("button", { name: /^Tách ra/ }).first().waitFor();
    await page.goto("/reports");
    await page.getByRole("link", { name: "Hoàn thành báo cáo" }).click();
    await page.locator("#results").fill("Các xã, phường đã rà soát điểm im lặng.");
    await press(page, "Gửi báo cáo");
    await page.getByText("Đã gửi báo cáo lên cấp trên").waitFor();
  });

  test("Sở TTTT takes, handles a proposal and sends it up", async () => {
    const page = await officer("sotttt");
    await page.goto("/reports");
    await look(page, "reports-province");
    await press(page, "Tiếp nhận các báo cáo đã đánh dấu");
    await page.getByText(/Đã tiếp nhận \d+ báo cáo/).waitFor();
    await page.goto("/reports/templates");
    await look(page, "report-templates");
    await page.goto("/proposals");
    await look(page, "proposals-open");
    await page.locator("article.card h2 a").first().click();
    await page.locator("#words").fill("Sở TTTT cấp từ nguồn dự phòng, ưu tiên chợ đầu mối.");
    await page.locator("#office").selectOption({ label: "Sở Công Thương" });
    await page.locator("#due_on").fill("2027-12-31");
    await look(page, "proposal-handling");
    await press(page, "Lưu và trình UBND tỉnh");
    await page.getByText("Đã trình UBND tỉnh.").waitFor();
  });

  test("the Committee decides on one page", async () => {
    const page = await officer("ubnd");
    await page.goto("/proposals");
    await page.locator("summary", { hasText: "Quyết định" }).first().click();
    await look(page, "proposals-committee");
    const first = page.locator("article.card").first();
    const words = await first.locator("h2").innerText();
    if ((await first.locator("select").inputValue()) === "") await first.locator("select").selectOption({ label: "Sở Công Thương" });
    await first.locator("input[type=date]").fill("2027-12-31");
    await first.getByLabel("Số, ký hiệu văn bản trả lời").fill("1234/UBND-KGVX");
    await first.getByRole("button", { name: "Ghi quyết định" }).click();
    await page.getByText("Đã ghi quyết định").waitFor();
    await page.goto("/proposals?show=in_hand");
    await page.getByText(words).first().waitFor();
    await page.locator("article.card h2 a", { hasText: words }).first().click();
    await page.getByRole("heading", { name: "Quá trình xử lý" }).waitFor();
    await page.getByText("văn bản số 1234/UBND-KGVX").waitFor();
    await look(page, "proposal-decided");
  });

  test("Sở TTTT writes the words, makes the documents and marks them as handed up", async () => {
    const page = await officer("sotttt");
    await page.goto("/reports/signer");
    await page.locator("#name").fill("H'Lê Na Ê\u0306ban");
    await press(page, "Lưu người ký");
    await page.getByText("H'Lê Na").first().waitFor();
    await look(page, "report-signer");
    await page.goto("/reports");
    await page.getByRole("link", { name: "Hoàn thành báo cáo" }).click();
    await page.locator("#direction").fill("Sở đã ban hành văn bản hướng dẫn các huyện, thị xã, thành phố; kiểm tra nghĩa trang H'Drơng, buôn Ê\u0306a Ư\u0306.");
    // What was typed goes along, though nobody pressed save.
    await press(page, "Lập văn bản trình ký");
    await page.getByRole("heading", { name: "Nội dung sẽ in" }).waitFor();
    await page.getByText("kiểm tra nghĩa trang H'Drơng").waitFor();
    await look(page, "report-document");
    await page.getByRole("link", { name: /điểm không có lượt quét/ }).last().click();
    await page.getByText("như đã đếm khi chốt số liệu").waitFor();
    await look(page, "report-silent");
    await page.goBack();
    const began = Date.now();
    await press(page, "Lập bộ văn bản");
    await page.getByRole("link", { name: "Xem PDF" }).waitFor({ timeout: DOCUMENTS_MS_MAX });
    console.log(`documents of the whole province: ${Date.now() - began} ms`);
    await look(page, "report-issued");
    const here = new URL(page.url()).pathname;
    for (const [name, starts] of /** @type {const} */ ([["pdf", "%PDF"], ["docx", "PK"], ["xlsx", "PK"]])) {
      const file = await download(page, `${here}/${name}`);
      assert.equal(file.bytes.subarray(0, starts.length).toString(), starts, name);
      // Kept beside the pictures, to be looked at.
      writeFileSync(join(SCREENSHOTS, `report.${name}`), file.bytes);
    }
    await press(page, "Đánh dấu đã trình ký");
    await page.getByText("Đã trình ký").first().waitFor();
  });

  test("the commune sees in its report what became of it", async () => {
    const page = await officer("xa");
    await page.goto("/proposals");
    await page.getByText("Cấp hai máy quét cầm tay cho chợ Tân Lập.").waitFor();
    await look(page, "proposals-commune");
    watch.expect(404);
    const answer = await page.goto("/reports/templates");
    assert.equal(answer?.status(), 404);
  });

  test("nothing went wrong behind the pages, and all of them look right", () => {
    watch.check();
    checkLooks();
  });
});
