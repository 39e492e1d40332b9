// From a case's phone number to the list of contacts: asked, approved, released by two, read, exported, logged.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { partOfZip } from "../lib/zip.mjs";
import { openStage } from "../lib/stage.mjs";
import { download, press, signIn } from "../lib/walk.mjs";

/** Whom the made-up story's case met, with the minutes of all meetings (crates/synth/src/story.rs). */
const CONTACTS = new Map([
  ["Trần Văn Lợi", 105], ["H'Luyến Mlô", 25], ["Y Wih Êban", 50], ["Phạm Thị Hồng Nhung", 25],
  ["Lê Quang Huy", 65], ["H'Mai Bing", 30],
]);
/** Too short, in another area, after the case had left, and a contact's contact. */
const NOT_CONTACTS = ["Ngô Thanh Tùng", "Đỗ Thị Lan", "Vũ Đức Thành", "Hồ Thị Thu Hà"];
const CASE = "Nguyễn Thị Minh Thu";

describe("tracing", { timeout: 400_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {import("playwright-core").Page} */ let tracer;
  let casePath = "";

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    tracer = (await officer("truyvet")).page;
  });
  after(() => stage?.close());

  /** @param {string} login */
  const officer = (login) => signIn(browser, demo, login, { watch });

  /** @param {import("playwright-core").Page} page @param {string} passphrase */
  async function release(page, passphrase) {
    await page.goto("/openings");
    await page.locator("form[action$='/release'] [name=passphrase]").fill(passphrase);
    await page.locator("form[action$='/release'] button").click();
  }

  test("a tracer opens a case by phone, without seeing a name, and asks", async () => {
    await tracer.goto("/cases");
    await look(tracer, "cases-empty");
    await tracer.goto("/cases/new");
    await look(tracer, "case-new");
    await tracer.locator("#profile").selectOption({ index: 0 });
    await tracer.locator("#onset_on").fill(demo.onset);
    await tracer.locator("#phone").fill("0999999990");
    await press(tracer, "Lập ca");
    await tracer.locator("#phone-error").waitFor();
    await look(tracer, "case-new-unknown");
    await tracer.locator("#phone").fill(demo.casePhone);
    await press(tracer, "Lập ca");
    await tracer.waitForURL(/\/cases\/\d+$/);
    casePath = new URL(tracer.url()).pathname;
    await tracer.locator("#purpose").waitFor();
    assert.ok(!(await tracer.locator("body").innerText()).includes(CASE), "no name before the opening");
    await look(tracer, "case-asking");
    await tracer.locator("#purpose").selectOption({ index: 1 });
    for (const tick of ["ask_generations", "ask_places", "ask_chains", "ask_timelines"]) await tracer.locator(`#${tick}`).check();
    await press(tracer, "Gửi cho người duyệt");
    await tracer.getByRole("heading", { name: "Đang chờ người duyệt" }).waitFor();
    await look(tracer, "case-requested");
    watch.check();
  });

  test("who has no part in it finds nothing", async () => {
    watch.expect(404);
    const { page, context } = await officer("sotttt");
    for (const address of [casePath, "/cases", "/openings", "/keys", "/log", "/accounts"]) {
      assert.equal((await page.goto(address))?.status(), 404, address);
    }
    await look(page, "error-404");
    await context.close();
    assert.equal((await tracer.goto("/openings"))?.status(), 404, "a tracer approves nothing");
    watch.check();
  });

  test("an approver approves that scope, seeing no name", async () => {
    const { page, context } = await officer("duyet");
    await page.goto("/openings");
    const text = await page.locator("main").innerText();
    for (const name of [CASE, ...CONTACTS.keys()]) assert.ok(!text.includes(name), `the approver sees ${name}`);
    assert.ok(text.includes("F2 và các đời sau"), "the approver sees what may be asked");
    await look(page, "openings-to-approve");
    await press(page, /^Duyệt đúng phạm vi này/);
    await page.getByText("Đã duyệt đúng phạm vi này").waitFor();
    await tracer.goto(casePath);
    await tracer.getByRole("heading", { name: "Đã duyệt, đang chờ người giữ khóa" }).waitFor();
    await look(tracer, "case-approved");
    watch.check();
    await context.close();
  });

  test("a wrong passphrase is refused; one officer twice is not enough; two open", async () => {
    watch.expect(400, 422);
    const first = await officer("khoa1");
    await first.page.goto("/openings");
    await look(first.page, "openings-to-release");
    await release(first.page, "khong-phai-cum-nay");
    await first.page.getByText("Cụm mật khẩu chưa đúng").waitFor();
    await look(first.page, "error-passphrase");
    await release(first.page, demo.password);
    await first.page.getByText("Cần thêm một người giữ khóa nữa").waitFor();
    await first.page.getByText("Anh/chị đã mở phần của mình").waitFor();
    await look(first.page, "openings-released-once");
    assert.equal(await first.page.locator("form[action$='/release']").count(), 0);
    // The same officer again, past the page: still one officer.
    const second = await officer("khoa2");
    await second.page.goto("/openings");
    const action = await second.page.locator("form[action$='/release']").getAttribute("action");
    await first.page.evaluate(([to, words]) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = to ?? "";
      const field = document.createElement("input");
      field.name = "passphrase";
      field.value = words ?? "";
      form.append(field);
      document.body.append(form);
      form.submit();
    }, [action, demo.password]);
    await first.page.getByText("Cần một người giữ khóa khác").waitFor();
    await tracer.goto(casePath);
    assert.ok(!(await tracer.locator("body").innerText()).includes(CASE), "one officer opens nothing");
    await release(second.page, demo.password);
    await second.page.getByText("Cán bộ truy vết đã có kết quả").waitFor({ timeout: 60_000 });
    await second.page.getByRole("heading", { name: /^Phiên hỏi đang mở/ }).waitFor();
    await look(second.page, "openings-done");
    watch.check();
    await first.context.close();
    await second.context.close();
  });

  test("the tracer sees the timeline and each contact with minutes, and nobody else of the story", async () => {
    await tracer.goto(casePath);
    await tracer.getByRole("heading", { level: 1, name: CASE }).waitFor();
    for (const place of ["Chợ Cao Nguyên", "Cà phê Gió Ngàn", "Xe khách Ban Mê số 7", "Nhà thuốc An Tâm"]) {
      assert.ok(await tracer.locator("#way .timeline", { hasText: place }).count(), `${place} is on the way`);
    }
    for (const [name, minutes] of CONTACTS) {
      const row = tracer.locator("table.contacts tr.person", { hasText: name });
      assert.equal(await row.count(), 1, `${name} is in the list once`);
      assert.equal(await row.locator("td[data-label='Tổng phút']").innerText(), String(minutes), name);
    }
    const names = await tracer.locator("table.contacts tr.person th").allInnerTexts();
    for (const name of NOT_CONTACTS) assert.ok(!names.includes(name), `${name} is no contact`);
    const ofWih = tracer.locator("tr.person:has-text('Y Wih Êban') + tr.meetings");
    await ofWih.locator("summary").click();
    await ofWih.getByText("suy ra, không quét ra").first().waitFor();
    await look(tracer, "case-result");
    await tracer.goto("/cases");
    await look(tracer, "cases");
    watch.check();
  });

  /** @param {string} kind @param {Record<string, string>} [values] asks, and waits for the page with the answer */
  async function ask(kind, values = {}) {
    await tracer.goto(`${casePath}/sitting`);
    const form = tracer.locator(`form#${kind}`);
    for (const [name, value] of Object.entries(values)) await form.locator(`[name=${name}]`).fill(value);
    await form.getByRole("button", { name: /^Hỏi/ }).click();
    await tracer.waitForURL(/\/sitting\/\d+$/);
    await tracer.getByText(/trả lời sau .* giây/).waitFor({ timeout: 60_000 });
  }

  test("the tracer asks more, within what was approved, and keeps an answer", async () => {
    await tracer.goto(casePath);
    await tracer.getByRole("link", { name: "Vào phiên hỏi" }).click();
    await tracer.getByRole("heading", { level: 1, name: "Phiên hỏi" }).waitFor();
    await look(tracer, "sitting-empty");
    await ask("contacts", { minutes: "60" });
    const sure = await tracer.locator("table.answers tbody th").allInnerTexts();
    assert.ok(sure.some((name) => name.includes("Trần Văn Lợi")) && !sure.some((name) => name.includes("Y Wih Êban")), sure.join());
    await look(tracer, "answer-contacts");
    await tracer.getByRole("button", { name: "Lịch trình" }).first().click();
    await tracer.locator(".timeline").first().waitFor({ timeout: 60_000 });
    await look(tracer, "answer-timeline");
    await ask("generations", { minutes: "15", listed: "30" });
    await tracer.getByRole("heading", { level: 2, name: /^F2/ }).waitFor();
    await look(tracer, "answer-generations");
    await ask("places", { minutes: "15" });
    await look(tracer, "answer-places");
    await tracer.locator("table.answers tbody th a").first().click();
    assert.ok(await tracer.locator("#present-place").inputValue(), "the place is chosen");
    // Times as the link filled them in may span more than one question's day: the first hours are asked for.
    const from = await tracer.locator("#present-from").inputValue();
    await tracer.locator("#present-until").fill(`${from.slice(0, 10)}T23:59`);
    await tracer.locator("form#present").getByRole("button", { name: /^Hỏi/ }).click();
    await tracer.getByText(/trả lời sau .* giây/).waitFor({ timeout: 60_000 });
    assert.ok((await tracer.locator("table.answers").innerText()).includes(CASE), "the case was there");
    await look(tracer, "answer-present");
    await press(tracer, "Lưu vào hồ sơ");
    await tracer.locator("#kept a").click();
    await tracer.getByText(/lưu vào hồ sơ lúc/).waitFor();
    await look(tracer, "answer-kept");
    watch.check();
  });

  test("a wrong question loses nothing typed, and the team closes the sitting", async () => {
    await tracer.goto(`${casePath}/sitting`);
    await tracer.locator("#present-place").selectOption({ index: 1 });
    await tracer.locator("#present-from").fill("2021-01-01T08:00");
    await tracer.locator("#present-until").fill("2021-01-01T09:00");
    await tracer.locator("form#present").getByRole("button", { name: /^Hỏi/ }).click();
    await tracer.locator("#present-from-error").waitFor();
    assert.equal(await tracer.locator("#present-from").inputValue(), "2021-01-01T08:00");
    await look(tracer, "sitting-beyond");
    await press(tracer, "Đóng phiên, xóa dữ liệu khỏi bộ nhớ");
    await tracer.getByText("Phiên hỏi đã được đóng bằng tay").waitFor();
    await tracer.goto(`${casePath}/sitting`);
    await tracer.getByRole("heading", { name: "Không có phiên hỏi nào đang mở" }).waitFor();
    await look(tracer, "sitting-over");
    watch.check();
  });

  test("the list as CSV and as a workbook", async () => {
    const csv = await download(tracer, `${casePath}/contacts?format=csv`);
    assert.ok(csv.type.startsWith("text/csv"), csv.type);
    assert.deepEqual([...csv.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], "a mark by which spreadsheets know UTF-8");
    const text = csv.bytes.toString("utf8");
    for (const name of CONTACTS.keys()) assert.ok(text.includes(name), `${name} in the CSV`);
    for (const name of NOT_CONTACTS) assert.ok(!text.includes(name), `${name} not in the CSV`);
    const xlsx = await download(tracer, `${casePath}/contacts?format=xlsx`);
    assert.deepEqual([...xlsx.bytes.subarray(0, 4)], [0x50, 0x4b, 0x03, 0x04]);
    const words = partOfZip(xlsx.bytes, "xl/sharedStrings.xml");
    for (const name of CONTACTS.keys()) assert.ok(words.includes(name.replace("'", "&apos;")) || words.includes(name), `${name} in the workbook`);
    watch.check();
  });

  test("the auditor sees each step, and that the log is whole", async () => {
    const { page, context } = await officer("kiemtra");
    await page.goto("/log");
    await page.getByRole("heading", { name: "Chuỗi nhật ký còn nguyên" }).waitFor();
    const rows = await page.locator("main tbody tr").allInnerTexts();
    const saw = (/** @type {string} */ act, /** @type {string} */ who) =>
      assert.ok(rows.some((row) => row.includes(act) && row.includes(who)), `${act} by ${who} is in the log`);
    saw("Lập ca bệnh", "truyvet");
    saw("Xin mở dữ liệu", "truyvet");
    saw("Duyệt yêu cầu", "duyet");
    saw("Mở phần khóa", "khoa1");
    saw("Mở phần khóa", "khoa2");
    saw("Đọc dữ liệu vào ra", "khoa2");
    saw("Đọc tên và số điện thoại", "khoa2");
    saw("Xem ca bệnh", "truyvet");
    saw("Tải danh sách người tiếp xúc", "truyvet");
    saw("Hỏi dữ liệu đã mở", "truyvet");
    saw("Lưu câu trả lời vào hồ sơ ca", "truyvet");
    saw("Đóng phiên hỏi", "truyvet");
    const text = rows.join("\n");
    for (const name of [CASE, ...CONTACTS.keys(), demo.casePhone]) assert.ok(!text.includes(name), `the log tells ${name}`);
    await look(page, "access-log");
    watch.check();
    await context.close();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
