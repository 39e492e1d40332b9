// The door's pages for officers and owners: cards, lists of places, devices, what looks odd, paper and telephone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { launch, person, PHONE, Watch } from "../lib/browser.mjs";
import { checkLooks, look } from "../lib/look.mjs";
import { symbolsOfPdf } from "../lib/qr.mjs";
import { openStage } from "../lib/stage.mjs";
import { approvePlace, download, ownUnit, press, proveOwner, registerPlace, signIn } from "../lib/walk.mjs";
import { partOfZip } from "../lib/zip.mjs";
import { toBase64url } from "../../crates/vaora/static/queue/base64url.js";
import { aadOf, sealer } from "../../crates/vaora/static/queue/seal.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} BrowserContext */

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/** As long as names of the field get. */
const LONG_NAME = "H'Nguyễn Thị Phương Thảo Byă Êban Mlô Duôn Du";
const LONG_PLACE = "Trung tâm Giáo dục nghề nghiệp – Giáo dục thường xuyên và Hướng nghiệp thanh niên phường Ea Tam (cơ sở 2)";
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** How long new opening hours may take to be known where check-ins are weighed, in milliseconds: a minute, and some. */
const HOURS_KNOWN_MS_MAX = 75_000;
/** How long all posters of a commune may take, in milliseconds: the server's own bound for an answer. */
const ZIP_MS_MAX = 60_000;

/** @param {Buffer} zip @returns {string[]} names of its parts (APPNOTE.TXT 4.3) */
function namesOfZip(zip) {
  const end = zip.lastIndexOf(Buffer.from("504b0506", "hex"));
  const names = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString("utf8", at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** @param {[string, string][]} parts names and texts @returns {Buffer} a ZIP file without compression */
function zipOf(parts) {
  /** @type {Buffer[]} */ const files = [];
  /** @type {Buffer[]} */ const list = [];
  let at = 0;
  for (const [name, text] of parts) {
    const [label, bytes] = [Buffer.from(name), Buffer.from(text)];
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    // The end of a gzip file is the checksum and the length that a ZIP file wants too (RFC 1952, 2.3.1).
    gzipSync(bytes).subarray(-8, -4).copy(facts, 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), facts, label, bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    list.push(Buffer.concat([Buffer.from("504b01021400", "hex"), facts, place, label]));
    files.push(local);
    at += local.length;
  }
  const size = list.reduce((sum, one) => sum + one.length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...list, Buffer.from("504b0506", "hex"), end]);
}

/** Types rows into the product's own template, below its header. @param {Buffer} template @param {string[][]} rows */
function fillIn(template, rows) {
  const sheet = "xl/worksheets/sheet1.xml";
  const safe = (/** @type {string} */ text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const typed = rows.map((cells, index) => `<row r="${index + 2}">${cells.map((text, column) =>
    `<c r="${String.fromCharCode(65 + column)}${index + 2}" t="inlineStr"><is><t>${safe(text)}</t></is></c>`).join("")}</row>`);
  return zipOf(namesOfZip(template).map((name) => {
    const part = partOfZip(template, name);
    return [name, name === sheet ? part.replace("</sheetData>", `${typed.join("")}</sheetData>`) : part];
  }));
}

/** @param {string[][]} rows */
const csvOf = (rows) => Buffer.from(rows.map((row) => row.map((cell) => `"${cell}"`).join(",")).join("\r\n"));

/** The time in Viet Nam as the pages write it. @param {number} at milliseconds since 1970 */
const clock = (at) => new Date(at + 7 * HOUR_MS).toISOString().slice(11, 16);
/** @param {number} at milliseconds since 1970 */
const dayOf = (at) => new Date(at + 7 * HOUR_MS).toISOString().slice(0, 10);

describe("the door's pages", { timeout: 400_000 }, () => {
  const watch = new Watch();
  /** @type {Awaited<ReturnType<typeof openStage>> | undefined} */ let stage;
  /** @type {import("../lib/walk.mjs").Demo} */ let demo;
  /** @type {import("playwright-core").Browser} */ let browser;
  /** @type {Page} */ let officer;
  /** @type {Page} */ let owner;
  let unitId = "";
  let placeId = "";

  before(async () => {
    const opened = await openStage({ browser: launch() });
    stage = opened;
    ({ demo, browser } = opened);
    officer = (await signIn(browser, demo, "xa", { watch })).page;
    unitId = await ownUnit(officer);
    owner = (await person(browser, demo.url, { watch })).page;
    await proveOwner(owner, "0912000333");
    placeId = await registerPlace(owner, { name: LONG_PLACE, type: "CHO", unitId, areas: ["Dãy hàng thịt", "Dãy rau quả và hàng khô tầng hai"] });
    await approvePlace(officer, placeId);
  });
  after(() => stage?.close());

  /** @param {Page} page @param {string} name of the file @param {Buffer} buffer */
  async function sendList(page, name, buffer) {
    await page.locator("#file").setInputFiles({ name, mimeType: name.endsWith(".csv") ? "text/csv" : XLSX, buffer });
    await press(page, "Xem trước");
    await page.getByRole("heading", { name: "Xem trước danh sách" }).waitFor();
  }

  /** @param {string} text */
  const told = (text) => officer.locator(".notice, .error-summary").getByText(text).first().waitFor();

  test("a card is refused with a fault, issued, printed, lost, replaced and revoked", async () => {
    watch.expect(422);
    await officer.goto("/cards");
    await look(officer, "cards-empty");
    await officer.locator("#name").fill("H'");
    await officer.locator("#birth_year").fill("48");
    await officer.locator("#phone").fill("12");
    await officer.locator("#id_number").fill("123");
    await press(officer, "Cấp thẻ");
    for (const field of ["birth_year", "phone", "id_number"]) await officer.locator(`#${field}-error`).waitFor();
    assert.equal(await officer.locator("#birth_year").inputValue(), "48", "what was typed is still there");
    await look(officer, "cards-errors");

    await officer.goto("/cards");
    await officer.locator("#name").fill(LONG_NAME);
    await officer.locator("#birth_year").fill("1948");
    await officer.locator("#sex").selectOption("female");
    await officer.locator("#note").fill("Buôn Akŏ Dhŏng");
    await press(officer, "Cấp thẻ");
    await told("Đã cấp thẻ");
    await look(officer, "cards-issued");
    const printed = await symbols(officer, "tbody tr:first-child a[href*='cards.pdf']");
    assert.equal(printed.length, 1, "one card, one symbol");

    await officer.locator("#find-name").fill(LONG_NAME.toLowerCase());
    await officer.locator("#find-year").fill("1948");
    await press(officer, "Tìm thẻ");
    await officer.locator("#lost .area").waitFor();
    assert.ok(!(await officer.locator("#lost .area").innerText()).includes("Phương Thảo"), "the name is masked");
    await look(officer, "cards-found");
    await press(officer, "Thu hồi và cấp thẻ mới");
    await told("Đã thu hồi thẻ cũ và cấp thẻ mới");
    assert.equal(await officer.locator("tbody tr").count(), 2);
    const again = await symbols(officer, "tbody tr:first-child a[href*='cards.pdf']");
    assert.notDeepEqual(again, printed, "the new card bears another number");
    assert.equal(await officer.locator("tbody tr:nth-child(2) a[href*='cards.pdf']").count(), 0, "a revoked card is not printed again");

    await officer.goto(`/cards?unit=${unitId}&name=${encodeURIComponent(LONG_NAME)}&year=1948#lost`);
    await officer.getByText("Đã thu hồi", { exact: true }).first().waitFor();
    await press(officer, "Chỉ thu hồi");
    await told("Đã thu hồi thẻ.");
    await officer.goto(`/cards?unit=${unitId}&name=${encodeURIComponent("Nguyễn Văn Không Có")}&year=1950#lost`);
    await officer.getByText("Không có thẻ nào của tên và năm sinh này").waitFor();
    watch.check();
  });

  /** @param {Page} page @param {string} link @returns {Promise<string[]>} what is printed behind a link */
  async function symbols(page, link) {
    const { bytes, type } = await download(page, (await page.locator(link).first().getAttribute("href")) ?? "");
    assert.equal(type, "application/pdf");
    return (await symbolsOfPdf(bytes)).flat();
  }

  test("a hamlet's list: faults by row, then cards for all in one file", async () => {
    await officer.goto("/cards");
    const { bytes: template } = await download(officer, (await officer.getByRole("link", { name: "Tải mẫu Excel" }).getAttribute("href")) ?? "");
    await sendList(officer, "thon.xlsx", fillIn(template, [
      [LONG_NAME, "1948", "Nữ", "", "Buôn Akŏ Dhŏng"],
      ["", "19", "Khác", "12", "Buôn Akŏ Dhŏng"],
      ["Y Bhin Niê", "1951", "Nam", "0912345678", "Buôn Akŏ Dhŏng", "12345"],
    ]));
    await officer.getByText("Chưa nhận được danh sách này").waitFor();
    const faults = await officer.locator("tbody tr").allInnerTexts();
    assert.ok(faults.some((row) => row.includes("3")) && faults.some((row) => row.includes("4")), faults.join("\n"));
    assert.equal(await officer.locator("form[action='/cards/list/confirm']").count(), 0, "nothing to confirm");
    await look(officer, "cards-list-faults");
    await officer.getByRole("link", { name: "Gửi lại tệp" }).click();
    await sendList(officer, "thon.xlsx", fillIn(template, ["Y Bhin Niê", "H'Bhứt Niê Kdăm", LONG_NAME].map(
      (name, index) => [name, String(1940 + index), index ? "Nữ" : "Nam", "", "Buôn Akŏ Dhŏng"],
    )));
    await look(officer, "cards-list-good");
    assert.ok(!(await officer.locator("main").innerText()).includes("Bhin Niê"), "the preview masks names");
    await press(officer, "Cấp 3 thẻ");
    await told("Đã cấp thẻ cho cả danh sách");
    assert.equal(new Set(await symbols(officer, "tbody tr:first-child a[href*='cards.pdf']")).size, 3);
    await look(officer, "cards-many");
    await officer.locator("#file").setInputFiles({ name: "anh.xlsx", mimeType: XLSX, buffer: Buffer.from("no sheet") });
    await press(officer, "Xem trước");
    await officer.locator(".notice.bad").waitFor();
    watch.check();
  });

  test("a list of places: faults by row, taken in, taken back", async () => {
    await officer.goto("/places");
    await officer.getByRole("link", { name: "Nhận danh sách Excel" }).click();
    await look(officer, "imports-empty");
    const head = ["Tên địa điểm", "Loại", "Xã/phường", "Địa chỉ", "Người liên hệ", "Điện thoại", "Khu vực", "Sức chứa", "Giờ mở", "Giờ đóng"];
    await sendList(officer, "noi.csv", csvOf([
      head,
      ["Chợ Buôn Kô Siêr", "Chợ", "", "Hẻm 12 Y Wang", "H'Hen Niê", "0912345678", "Cổng 1; Cổng 2", "300", "05:00", "18:30"],
      [LONG_PLACE, "Chợ", "", "14 Y Wang", "H'Hen Niê", "0912345678", "", "", "", ""],
      ["Quán cà phê Ban Mê", "Tàu vũ trụ", "", "", "H'Hen Niê", "12", "", "rất đông", "25:00", ""],
    ]));
    await officer.getByText("Chưa nhận được danh sách này").waitFor();
    await look(officer, "imports-faults");
    await officer.getByRole("link", { name: "Gửi lại tệp" }).click();
    await sendList(officer, "noi.csv", csvOf([
      head,
      ["Chợ Buôn Kô Siêr", "Chợ", "", "Hẻm 12 Y Wang", "H'Hen Niê", "0912345678", "Cổng 1; Cổng 2", "300", "05:00", "18:30"],
      [`${LONG_PLACE} – sân sau`, "Chợ", "", "14 Y Wang", LONG_NAME, "0912345678", "", "", "", ""],
    ]));
    await look(officer, "imports-good");
    await press(officer, "Nhận 2 địa điểm");
    await told("Đã nhận danh sách");
    await look(officer, "imports-taken");
    await officer.goto("/places?show=all&q=Ko+Sier");
    await officer.getByRole("link", { name: "Chợ Buôn Kô Siêr" }).first().waitFor();
    await officer.goto("/imports");
    await press(officer, "Hoàn tác");
    await told("Đã hoàn tác danh sách");
    await look(officer, "imports-undone");
    await officer.goto("/places?show=all&q=Ko+Sier");
    assert.equal(await officer.getByRole("link", { name: "Chợ Buôn Kô Siêr" }).count(), 0, "taken back");
    watch.check();
  });

  test("all posters of a commune, a file a place", async () => {
    await officer.goto("/places?show=all");
    await look(officer, "places-all");
    const address = (await officer.getByRole("link", { name: /ZIP/ }).getAttribute("href")) ?? "";
    // A hundred posters, and a build that is not optimised.
    const answer = await officer.context().request.get(address, { timeout: ZIP_MS_MAX });
    assert.equal(answer.status(), 200);
    assert.equal(answer.headers()["content-type"], "application/zip");
    const names = namesOfZip(await answer.body());
    assert.ok(names.length > 1 && names.some((name) => name.endsWith(".pdf")), names.slice(0, 5).join("\n"));
    watch.check();
  });

  /** A device at a gate of the place. @typedef {{ context: BrowserContext, id: string, gate: string, scan: (at: number, seq: number, name?: string) => Promise<object>, send: (items: object[], more?: object) => Promise<string[]> }} Device */

  /** @param {string} gate name @param {"gate" | "screen"} [kind] @returns {Promise<Device>} */
  async function enrol(gate, kind = "gate") {
    await owner.goto(`/owner/places/${placeId}`);
    const form = owner.locator("form[action$='/gates']");
    if (!(await form.isVisible())) await owner.locator("summary", { hasText: "Thêm cổng" }).click();
    await form.locator("[name=gate_name]").fill(gate);
    await form.locator(`[name=kind][value=${kind}]`).check();
    await form.getByRole("button").click();
    const code = await owner.locator(".secret-code").innerText();
    const { page, context } = await person(browser, demo.url, { watch, viewport: PHONE });
    await page.goto("/gate/enrol");
    await page.locator("#code").fill(code);
    await page.locator("#device_name").fill("Điện thoại Samsung của bác bảo vệ ca sáng");
    await press(page, "Gắn máy");
    await page.waitForURL(kind === "gate" ? /\/gate$/ : /\/screen$/);
    const kit = await (await context.request.get("/gate/kit")).json();
    const sealing = await sealer(new Uint8Array(Buffer.from(kit.ingest_key, "base64url")));
    await page.goto("about:blank");
    return {
      context, gate, id: kit.device,
      async scan(at, seq, name = "Y Khách Thử") {
        const item = { id: randomUUID(), device: kit.device, at, seq };
        const typed = { name, phone: `09870${String(10_000 + seq)}` };
        const words = new TextEncoder().encode(JSON.stringify({ kind: "in", typed, how: "typed" }));
        return { ...item, sealed: toBase64url(await sealing.seal(words, aadOf(item))) };
      },
      async send(items, more = {}) {
        const answer = await context.request.post("/api/v1/queue", { data: { sent_at: Date.now(), items, ...more } });
        assert.equal(answer.status(), 200, await answer.text());
        return (await answer.json()).results.map((/** @type {any} */ one) => one.outcome);
      },
    };
  }

  /** @type {Device[]} */ let devices = [];

  test("an owner sets bounds, adds gates and a screen, and sees who is inside", async () => {
    await owner.goto(`/owner/places/${placeId}`);
    await owner.locator("summary", { hasText: "Sức chứa và giờ mở cửa" }).click();
    await owner.locator("#capacity").fill("0");
    await owner.locator("form[action$='/hours'] button").click();
    assert.equal(await owner.locator("#capacity:invalid").count(), 1, "the browser itself stops it");
    await owner.locator("form[action$='/hours']").evaluate((form) => { /** @type {HTMLFormElement} */ (form).noValidate = true; });
    await owner.locator("form[action$='/hours'] button").click();
    await owner.locator(".notice.bad").getByText("Sức chứa là số người").waitFor();
    assert.ok(await owner.locator(".notice.bad").evaluate((notice) => notice.getBoundingClientRect().top >= 0), "told in sight, though the page opens further down");
    await owner.locator("summary", { hasText: "Sức chứa và giờ mở cửa" }).click();
    // Closed at this hour, so that the scans of this test are odd.
    await owner.locator("#capacity").fill("300");
    await owner.locator("#opens_at").fill(clock(Date.now() + 10 * HOUR_MS));
    await owner.locator("#closes_at").fill(clock(Date.now() + 12 * HOUR_MS));
    await owner.locator("form[action$='/hours'] button").click();
    await owner.getByText("Đã ghi sức chứa và giờ mở cửa").waitFor();
    devices = [await enrol("Cổng chính"), await enrol("Cổng sau, phía đường Nguyễn Văn Cừ"), await enrol("Cổng mất máy")];
    await enrol("Màn hình ở sảnh", "screen");
    const [first] = devices;
    const now = Date.now();
    assert.deepEqual(await first?.send(await Promise.all([1, 2, 3].map((seq) => /** @type {Device} */ (first).scan(now - seq * 1000, seq)))), ["accepted", "accepted", "accepted"]);
    await owner.goto(`/owner/places/${placeId}`);
    assert.equal(await owner.locator("#bounds .big-number").innerText(), "3");
    await owner.locator("#gates summary").first().click();
    await owner.locator("#bounds summary").first().click();
    await owner.locator("#bounds summary").last().click();
    await look(owner, "owner-place-door");
    await press(owner, "Mọi người đã ra về");
    await owner.getByText("mọi người đã ra về").waitFor();
    assert.equal(await owner.locator("#bounds .big-number").innerText(), "0");
    watch.check();
  });

  test("a broken device's queue file is taken in once, a foreign file is refused", async () => {
    const [first] = devices;
    assert.ok(first);
    const file = JSON.stringify({ vaora_queue: 1, exported_at: Date.now(), items: [await first.scan(Date.now() - 90_000, 4), await first.scan(Date.now() - 80_000, 5)] });
    /** @param {string} text */
    const send = async (text) => {
      await owner.goto(`/owner/places/${placeId}`);
      await owner.locator("summary", { hasText: "Máy hỏng, không gửi được?" }).click();
      await owner.locator("#queue-file").setInputFiles({ name: "hang-doi.json", mimeType: "application/json", buffer: Buffer.from(text) });
      await press(owner, "Gửi tệp");
    };
    await send(file);
    await owner.getByText("Đã nhận 2 lượt, 0 lượt có từ trước").waitFor();
    await send(file);
    await owner.getByText("Đã nhận 0 lượt, 2 lượt có từ trước").waitFor();
    await look(owner, "owner-place-queue-file");
    await send("{}");
    await owner.getByText("Đây không phải tệp hàng đợi").waitFor();
    watch.check();
  });

  test("devices in trouble come first; scans of revoked ones are accepted or discarded", async () => {
    const [first, second, third] = devices;
    assert.ok(first && second && third);
    const now = Date.now();
    await first.send([await first.scan(now - 4000, 9), await first.scan(now - 3000, 9)], { sent_at: now - 5 * MINUTE_MS });
    await second.send([await second.scan(now - 4000, 1)], { left: 12, oldest_at: now - 50 * HOUR_MS });
    await officer.goto("/devices");
    const row = (/** @type {string} */ gate) => officer.locator("tr", { hasText: gate }).first();
    await row("Cổng chính").getByText("Có hai máy dùng chung một mã").waitFor();
    await row("Cổng chính").getByText(/Đồng hồ lệch \d+ phút/).waitFor();
    await row("Cổng sau").getByText("Giữ lượt chưa gửi hơn một ngày").waitFor();
    await look(officer, "devices-troubles");
    await owner.goto(`/owner/places/${placeId}`);
    await look(owner, "owner-place-troubles");

    for (const device of [second, third]) {
      await owner.goto(`/owner/places/${placeId}`);
      await owner.locator("#gates tr", { hasText: device.gate }).getByRole("button", { name: "Thu hồi" }).click();
      await owner.getByText("Đã thu hồi máy của cổng").waitFor();
      assert.deepEqual(await device.send([await device.scan(Date.now(), 30), await device.scan(Date.now(), 31)]), ["quarantined", "quarantined"]);
    }
    await officer.goto("/");
    await officer.getByRole("link", { name: /lượt của máy đã thu hồi chờ/ }).waitFor();
    await look(officer, "home-door");
    await officer.goto("/devices");
    await look(officer, "devices-quarantine");
    await row(second.gate).getByRole("button", { name: "Nhận" }).click();
    await told("Đã nhận 2 lượt");
    await row(third.gate).locator("summary").click();
    await look(officer, "devices-discard");
    await row(third.gate).getByRole("button", { name: "Bỏ hẳn 2 lượt" }).click();
    await told("Đã bỏ các lượt ghi");
    assert.equal(await officer.locator("#waiting-title").count(), 0, "nothing waits any more");
    watch.check();
  });

  test("oddities are seen, and what visitors say of posters is seen to", async () => {
    await officer.goto(`/places/${placeId}`);
    const address = (await officer.locator(".area a", { hasText: "Mở như khách" }).first().getAttribute("href")) ?? "";
    for (const kind of ["damaged", "damaged", "wrong_place"]) {
      const answer = await owner.context().request.post(`${new URL(address).pathname}/report`, { form: { kind } });
      assert.equal(answer.status(), 200);
    }
    const closed = officer.locator("tr", { hasText: "Ngoài giờ mở cửa" }).first();
    const deadline = Date.now() + HOURS_KNOWN_MS_MAX;
    for (let seq = 20; ; seq += 1) {
      const [first] = devices;
      await first?.send([await first.scan(Date.now(), seq)]);
      await officer.goto("/odd");
      if ((await closed.count()) > 0) break;
      assert.ok(Date.now() < deadline, "a check-in outside opening hours is shown as odd");
      await officer.waitForTimeout(3000);
    }
    await closed.getByText(LONG_PLACE).waitFor();
    await look(officer, "oddities");
    await closed.getByRole("button", { name: "Đã xem" }).click();
    await told("Đã ghi là đã xem");
    await officer.locator("tr", { hasText: "Ngoài giờ mở cửa" }).getByText("đã xem").waitFor();
    await officer.locator("#posters").getByRole("button", { name: "Đã xử lý" }).first().click();
    await told("Đã ghi là đã xử lý áp phích");
    assert.equal(await officer.locator("#posters").count(), 0);
    await look(officer, "oddities-seen");
    watch.check();
  });

  test("a paper form is printed, keyed in, and a row with a fault stands again", async () => {
    await owner.goto(`/owner/places/${placeId}`);
    await owner.locator("summary", { hasText: "Mất điện, mất mạng" }).click();
    const { bytes, type } = await download(owner, (await owner.getByRole("link", { name: "In tờ giấy" }).getAttribute("href")) ?? "");
    assert.equal(type, "application/pdf");
    assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
    await owner.getByRole("link", { name: "Gõ lại tờ giấy" }).click();
    await look(owner, "keyed-empty");
    await press(owner, "Ghi các dòng này");
    await owner.getByText("Chưa có dòng nào được gõ").waitFor();
    await owner.locator("#on").fill(dayOf(Date.now() - 24 * HOUR_MS));
    /** @param {number} row @param {Record<string, string>} cells */
    const type_ = async (row, cells) => {
      for (const [name, text] of Object.entries(cells)) await owner.locator(`[name=${name}${row}]`).fill(text);
    };
    await type_(0, { came: "8:05", left: "9h10", name: "Y Giấy Kbuôr", year: "1990", phone: "0977000222", address: "Ea Kao" });
    await type_(1, { came: "25:00", name: LONG_NAME, phone: "0977000333" });
    await type_(2, { name: "Y Quên Giờ", phone: "0977000444" });
    await press(owner, "Ghi các dòng này");
    await owner.getByText("2 dòng chưa ghi được").waitFor();
    await owner.getByText("Giờ viết như 8:05 hoặc 17:30.").waitFor();
    await owner.getByText("Hãy gõ giờ vào hoặc giờ ra.").waitFor();
    await look(owner, "keyed-faults");
    assert.equal(await owner.locator("[name=name0]").inputValue(), LONG_NAME, "only rows with a fault stand again");
    await type_(0, { came: "10:00" });
    await type_(1, { came: "10:05" });
    await press(owner, "Ghi các dòng này");
    await owner.getByText("Đã ghi 2 người từ tờ giấy").waitFor();
    watch.check();
  });

  test("a check-in told by telephone", async () => {
    await officer.goto(`/places/${placeId}`);
    const code = await officer.locator(".point-code").first().innerText();
    await officer.goto("/telephone");
    await look(officer, "telephone");
    await officer.locator("#code").fill("2222222222");
    await officer.locator("#name").fill("Y Gọi Niê");
    await officer.locator("#phone").fill("0977000555");
    await press(officer, "Ghi");
    await officer.getByText("Không có mã này").waitFor();
    assert.equal(await officer.locator("#name").inputValue(), "Y Gọi Niê", "what was typed is still there");
    await look(officer, "telephone-error");
    await officer.locator("#code").fill(code);
    await press(officer, "Ghi");
    await told("Đã ghi ở");
    watch.check();
  });

  test("a district's officer chooses a commune for cards and looks at all doors", async () => {
    const { page } = await signIn(browser, demo, "huyen", { watch });
    await page.goto("/cards");
    await look(page, "district-cards");
    await page.locator("#unit").selectOption({ index: 1 });
    await press(page, "Mở");
    await page.getByRole("heading", { name: "Cấp một thẻ" }).waitFor();
    await page.goto("/imports");
    await page.getByRole("heading", { name: "Gửi danh sách" }).waitFor();
    await look(page, "district-imports");
    for (const [address, name] of [["/devices", "district-devices"], ["/odd", "district-odd"], ["/", "district-home"]]) {
      await page.goto(address ?? "");
      await look(page, name ?? "");
    }
    await page.goto("/?lang=en");
    await look(page, "district-home-en");
    watch.check();
  });

  test("the same forms work without JavaScript, and strangers see none of these pages", async () => {
    const storageState = await officer.context().storageState();
    const { page, context } = await person(browser, demo.url, { watch, viewport: PHONE, javaScriptEnabled: false, storageState });
    await page.goto("/cards");
    await page.locator("#name").fill("H'Không Script Niê");
    await page.locator("#birth_year").fill("1950");
    await press(page, "Cấp thẻ");
    await page.getByText("Đã cấp thẻ").waitFor();
    await sendListPlain(page);
    await page.goto(`/places/${placeId}`);
    await page.locator("summary", { hasText: "Sức chứa và giờ mở cửa" }).click();
    await page.locator("#capacity").fill("50");
    await page.locator("form[action$='/hours'] button").click();
    await page.getByText("Đã ghi sức chứa và giờ mở cửa").waitFor();
    await page.goto("/telephone");
    await page.getByRole("heading", { name: "Khai qua điện thoại" }).waitFor();
    for (const address of ["/cards", "/imports", "/devices", "/odd", "/telephone", `/places/${placeId}/keyed`]) {
      const answer = await owner.context().request.get(address, { maxRedirects: 0 });
      assert.notEqual(answer.status(), 200, `${address} is open to strangers`);
    }
    await context.close();
    watch.check();
  });

  /** @param {Page} page */
  async function sendListPlain(page) {
    await page.goto("/cards");
    await sendList(page, "thon.csv", csvOf([["Họ và tên", "Năm sinh", "Giới tính"], ["Y Giấy Êban", "1952", "Nam"]]));
    await press(page, "Cấp 1 thẻ");
    await page.getByText("Đã cấp thẻ cho cả danh sách").waitFor();
  }

  test("axe finds nothing on these pages, and none is wider than its screen", () => checkLooks());
});
