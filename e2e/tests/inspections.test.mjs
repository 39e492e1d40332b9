// @ts-check
// Inspections as their people do them: planned by Sở TTTT, made on a phone without a network, read as minutes, answered by
// the owner, looked at again by the commune, decided by the district.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, launchWithCamera, person, PHONE, Watch } from "../lib/browser.mjs";
import { cardFilm } from "../lib/clips.mjs";
import { run, SCREENSHOTS } from "../lib/env.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { openStage } from "../lib/stage.mjs";
import { approvePlace, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";

/** @typedef {import("playwright-core").Page} Page */

const OWNER = "0912000777";
const PLACE = "Siêu thị Ban Mê";
/** Who the demo's login `xa` is. */
const OFFICER = "H'Bliă Êban";
/** Answers of the first visit. */
const CHECKLIST = { poster: "yes", size: "yes", height: "no", guide: "yes", reader: "na", paper: "yes" };

describe("inspections", { timeout: 420_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "vaora-inspect-"));
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let plain;
  /** @type {import("playwright-core").Browser | undefined} */ let seeing;
  /** @type {Page} */ let owner;
  /** @type {Page} */ let district;
  /** @type {Page} */ let province;
  /** @type {Page} */ let inspector;
  /** @type {import("playwright-core").BrowserContext} */ let phone;
  let placeId = "";
  let code = "";
  let inspection = "";

  before(async () => {
    const opened = await openStage({ plain: launch() });
    stage = opened;
    ({ demo, plain } = opened);
    owner = (await person(plain, demo.url, { watch, viewport: PHONE })).page;
    district = (await signIn(plain, demo, "huyen", { watch })).page;
    province = (await signIn(plain, demo, "sotttt", { watch })).page;
    await proveOwner(owner, OWNER);
  });
  after(async () => {
    await seeing?.close();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a place is there to be inspected", async () => {
    const home = await homeUnit();
    placeId = await registerPlace(owner, { name: PLACE, unitId: home, type: "STHI", areas: [] });
    await approvePlace(district, placeId);
    await owner.goto(`/owner/places/${placeId}`);
    code = (await owner.locator(".point-code").first().innerText()).replaceAll(/\s/g, "");
    assert.match(code, /^[0-9A-Z]{10}$/);
    watch.check();
  });

  /** How the province's plan form names the officer `xa`, who is one of many communes' officers. */
  const officerLabel = () => province.locator("details .choice label", { hasText: OFFICER }).textContent();

  /** The commune of the officer `xa`, by the reasons' list of the province's plan form. @returns {Promise<string>} */
  async function homeUnit() {
    await province.goto("/inspections/plans/new");
    const label = await officerLabel();
    const commune = (label ?? "").split(" – ")[1] ?? "";
    const value = await province.locator("#unit_id option").evaluateAll((options, name) => options.map((option) => /** @type {HTMLOptionElement} */ (option)).find((option) => option.textContent?.endsWith(String(name)))?.value, commune);
    assert.ok(value, `no unit named ${commune}`);
    return value;
  }

  test("Sở TTTT plans by risk, strikes out, adds and confirms", async () => {
    await province.goto("/inspections");
    await look(province, "inspect-overview");
    await province.goto("/inspections/plans/new");
    await look(province, "inspect-plan-new");
    const label = await officerLabel();
    await province.locator("#unit_id").selectOption(await homeUnit());
    await province.locator("#title").fill("Kiểm tra sau phản ánh của khách");
    await province.locator("#wanted").fill("6");
    await province.locator("[name=inspectors]:checked").first().uncheck();
    await province.locator("details summary", { hasText: "Cán bộ xã, phường" }).click();
    await province.getByLabel(label?.trim() ?? "").check();
    const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    await province.locator("#from_on").fill(today);
    await press(province, "Chọn nơi");
    await province.waitForURL(/\/inspections\/plans\/\d+$/);
    assert.ok((await province.locator("tbody tr").count()) >= 1);
    await look(province, "inspect-plan-draft");
    const before = await province.locator("tbody tr").count();
    await province.locator("tbody [name=strike]").first().check();
    await press(province, "Bỏ nơi đã đánh dấu");
    await province.getByText("Đã bỏ 1 nơi khỏi kế hoạch.").waitFor();
    await province.locator("#q").fill(code);
    await press(province, "Thêm");
    await province.getByText("Đã thêm vào kế hoạch.").waitFor();
    assert.equal(await province.locator("tbody tr").count(), before);
    await press(province, "Xác nhận và giao việc");
    await province.getByText("Từng người kiểm tra đã được báo").waitFor();
    await look(province, "inspect-plan-running");
    watch.check();
  });

  test("the inspector works on the phone without a network", async () => {
    const film = cardFilm(join(folder, "poster.mjpeg"), [{ text: `${demo.url.toUpperCase()}/D/${code}`, weather: "turned" }], 4);
    seeing = await launchWithCamera(film);
    const signed = await signIn(seeing, demo, "xa", { watch, viewport: PHONE, permissions: ["camera"] });
    ({ page: inspector, context: phone } = signed);
    await inspector.goto("/inspect");
    await inspector.locator("#list button", { hasText: PLACE }).waitFor();
    await inspector.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await look(inspector, "inspect-phone-list");
    watch.check();
    watch.expectCut();
    await phone.setOffline(true);
    await inspector.reload();
    await inspector.locator("#list button", { hasText: PLACE }).click();
    await press(inspector, "Mở máy ảnh");
    await inspector.locator("#scans li[data-verdict=right]").waitFor();
    await press(inspector, "Tắt máy ảnh");
    await inspector.locator("#code").fill("https://tokhaiyte.vn/?p=1");
    await press(inspector, "Thêm mã");
    await inspector.locator("#scans li[data-verdict=foreign]").waitFor();
    for (const [item, answer] of Object.entries(CHECKLIST)) await inspector.locator(`#${item}-${answer}`).check();
    await inspector.locator("#note_height").fill("dán cao khoảng 170 cm");
    await press(inspector, "Bắt đầu đếm");
    for (let n = 0; n < 12; n += 1) await inspector.locator("#count-entering").click();
    for (let n = 0; n < 4; n += 1) await inspector.locator("#count-scanning").click();
    await look(inspector, "inspect-phone-visit");
    await inspector.locator("#photo").setInputFiles({ name: "anh.png", mimeType: "image/png", buffer: picture() });
    await inspector.locator("#photos img").waitFor();
    // In the middle of it the page is loaded anew: nothing is lost.
    await inspector.reload();
    await inspector.locator("#visit-part:not([hidden]) #scans li[data-verdict=foreign]").waitFor();
    assert.equal(await inspector.locator("#entering").innerText(), "12");
    assert.equal(await inspector.locator("#scanning").innerText(), "4");
    assert.equal(await inspector.locator("#note_height").inputValue(), "dán cao khoảng 170 cm");
    assert.equal(await inspector.locator("#photos img").count(), 1);
    await press(inspector, "Dừng đếm");
    await press(inspector, "Gửi biên bản");
    await inspector.locator("#problem").getByText("Hãy ghi người đại diện cơ sở").waitFor();
    await inspector.locator("#representative").fill("Y Bhăm Niê");
    await inspector.locator("#representative_title").fill("Quản lý siêu thị");
    await inspector.locator("#inspector_title").fill("Công chức Văn hóa – Xã hội");
    await press(inspector, "Gửi biên bản");
    await inspector.getByText("1 biên bản chờ gửi").waitFor();
    await look(inspector, "inspect-phone-queued");
    await phone.setOffline(false);
    await inspector.getByText(`Đã gửi biên bản ${PLACE}.`).waitFor();
    assert.equal(await inspector.locator("#list button", { hasText: PLACE }).count(), 0);
  });

  /** @returns {Buffer} a small PNG, which a browser can draw */
  function picture() {
    return Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP8z4APMOGVHbHSAEEsAROxCnMTAAAAAElFTkSuQmCC", "base64");
  }

  test("the minutes are there once, as the decree wants them", async () => {
    await inspector.goto(`/places/${placeId}`);
    await inspector.locator("#inspection a", { hasText: "xem" }).first().click();
    await inspector.waitForURL(/\/inspections\/\d+$/);
    inspection = new URL(inspector.url()).pathname.split("/").at(-1) ?? "";
    await inspector.getByText("Dán mã của hệ thống khác").first().waitFor();
    await inspector.getByText("Áp phích dán cao quá 130 cm").first().waitFor();
    assert.equal(await inspector.locator(".photos img").count(), 1);
    await look(inspector, "inspect-done");
    const answer = await inspector.request.get(`/inspections/${inspection}/minutes.pdf`);
    assert.equal(answer.status(), 200);
    const pdf = join(folder, "minutes.pdf");
    writeFileSync(pdf, await answer.body());
    const text = String(run("pdftotext", [pdf, "-"])).replaceAll(/\s+/g, " ");
    for (const part of ["BIÊN BẢN", PLACE, "Y Bhăm Niê", "Biên bản lập thành 02 bản", "NGƯỜI KIỂM TRA"]) assert.ok(text.includes(part), `${part} is missing:\n${text}`);
    mkdirSync(SCREENSHOTS, { recursive: true });
    run("pdftoppm", ["-r", "60", "-png", pdf, join(SCREENSHOTS, "inspect-minutes")]);
    watch.check();
  });

  test("the owner answers, the commune looks again", async () => {
    await owner.goto(`/owner/places/${placeId}`);
    await owner.locator("#inspection").getByText("Cần khắc phục").first().waitFor();
    await look(owner, "inspect-owner");
    await owner.locator("#inspection form input[name=answer]").first().fill("Đã gỡ tờ cũ, dán lại đúng mã.");
    await owner.getByRole("button", { name: "Báo đã khắc phục" }).first().click();
    await owner.getByText("Xã, phường sẽ xác nhận hoặc đến xem lại.").waitFor();
    await inspector.goto("/inspections/list?show=answered");
    await inspector.getByText("Đã gỡ tờ cũ, dán lại đúng mã.").waitFor();
    await look(inspector, "inspect-answered");
    await inspector.goto(`/inspections/${inspection}`);
    await press(inspector, "Giao kiểm tra lại");
    await inspector.getByText("Đã giao kiểm tra lại.").waitFor();
    await inspector.getByRole("link", { name: "Điền mẫu" }).click();
    await look(inspector, "inspect-form");
    await inspector.locator("#codes").fill(code);
    for (const item of Object.keys(CHECKLIST)) await inspector.locator(`#${item}-yes`).check();
    await inspector.locator("#representative").fill("Y Bhăm Niê");
    await press(inspector, "Ghi biên bản");
    await inspector.getByText("Đã ghi biên bản.").waitFor();
    await owner.goto(`/owner/places/${placeId}`);
    assert.equal(await owner.locator("#inspection").getByText("Đã khắc phục").count(), 3);
    await press(owner, "Tôi đã đọc các tin này");
    await owner.getByText("Đã đánh dấu các tin là đã đọc.").waitFor();
    assert.equal(await owner.locator("#messages .unread").count(), 0);
    watch.check();
  });

  test("the district decides, the province sees the ratio", async () => {
    await district.goto("/");
    await look(district, "inspect-home");
    await district.goto("/inspections/suspensions");
    await look(district, "inspect-suspensions");
    const form = district.locator("form[action$='/decide']").first();
    await form.getByLabel("Tạm dừng đến khi khắc phục xong").check();
    await form.getByRole("button").click();
    await district.getByText("Hãy ghi lý do.").first().waitFor();
    const again = district.locator("form[action$='/decide']", { has: district.locator("#reason") });
    await again.locator("#reason").fill("Ba lần nhắc chưa sửa.");
    await again.getByRole("button").click();
    await district.getByText("Đã ghi quyết định và báo cho cơ sở").waitFor();
    await province.goto("/inspections/ratios");
    await look(province, "inspect-ratios");
    await province.goto("/inspections/list?show=open");
    await look(province, "inspect-open");
    watch.check();
  });

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
