// The reader of codes in the browser against the server's: shared cases, shared sentences, and the same answer for
// thousands of disturbed texts. The modules need no page, so most of this runs in Node.js too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ROOT } from "../lib/env.mjs";
import { Dice, disturbed, disturbedBytes } from "../lib/mutate.mjs";
import { browserReadings, browserVerdicts, READER, serverReadings } from "../lib/reader.mjs";

const { fold, INPUT_BYTES_MAX, mask, parseName, parsePhone, read, readBytes, verifyCard } = await import(join(READER, "read.js"));
const { REASONS } = await import(join(READER, "reasons.js"));

const TODAY = "2026-11-23";
/** How many texts are disturbed. */
const TEXTS = 30_000;
const SEED = 1405;

/** @typedef {{ note: string, input?: string, input_hex?: string, today: string }} Case */

const lines = readFileSync(join(ROOT, "crates/domain/tests/fixtures/codes.jsonl"), "utf8").trim().split("\n");
/** @type {Case[]} */
const cases = lines.map((line) => JSON.parse(line));

/** @param {string} hex */
const fromHex = (hex) => new Uint8Array(Buffer.from(hex, "hex"));

test("every shared case reads as on the server", () => {
  assert.ok(cases.length > 100);
  for (const { note, input, input_hex, today, ...expected } of cases) {
    const got = input === undefined ? readBytes(fromHex(input_hex ?? ""), today) : read(input, today);
    assert.deepEqual(got, expected, note);
    if (input !== undefined) assert.deepEqual(readBytes(new TextEncoder().encode(input), today), expected, `${note}, as bytes`);
  }
});

test("reasons have the codes, verdicts and sentences of the server", () => {
  const snapshot = readFileSync(join(ROOT, "crates/domain/tests/snapshots/card__reasons.snap"), "utf8");
  const expected = snapshot.slice(snapshot.indexOf("---\n", 4) + 4).trimEnd();
  const named = { warn: "Warn", reject: "Reject" };
  const rows = Object.entries(REASONS).map(([code, { verdict, vi, en }]) => (
    `${code} ${named[/** @type {"warn" | "reject"} */ (verdict)]}\n  ${en}\n  ${vi}`
  ));
  assert.equal(rows.join("\n"), expected);
});

/** @returns {(string | Buffer)[]} disturbed texts, and every fifth of them as bytes disturbed once more */
function disturbedInputs() {
  const dice = new Dice(SEED);
  const stock = cases.flatMap(({ input }) => (input === undefined ? [] : [input]));
  const texts = Array.from({ length: TEXTS }, () => disturbed(stock, dice));
  const bytes = texts.filter((_, at) => at % 5 === 0).map((text) => disturbedBytes(text, dice));
  // The command takes a line that is a JSON string for a text, and ends a line at a line feed.
  return [...texts, ...bytes.filter((line) => !line.includes("\n") && !line.includes('"'))];
}

/**
 * @param {(string | Buffer)[]} inputs
 * @param {string[]} here readings as JSON
 * @param {string[]} there
 */
function assertSame(inputs, here, there) {
  assert.equal(here.length, inputs.length);
  assert.equal(there.length, inputs.length);
  const different = [...inputs.keys()].filter((at) => here[at] !== there[at]);
  const shown = different.slice(0, 12).map((at) => `${JSON.stringify(inputs[at]?.toString())}\n  here  ${here[at]}\n  there ${there[at]}`);
  assert.equal(different.length, 0, `${different.length} of ${inputs.length} differ\n${shown.join("\n")}`);
}

describe("disturbed texts and bytes get the answer of the server", { timeout: 600_000 }, () => {
  /** @type {(string | Buffer)[]} */ let inputs = [];
  /** @type {string[]} */ let there = [];
  let today = "";

  before(() => {
    inputs = disturbedInputs();
    ({ today, answers: there } = serverReadings(inputs));
  });

  test("in Node.js", (t) => {
    const readings = inputs.map((input) => (typeof input === "string" ? read(input, today) : readBytes(new Uint8Array(input), today)));
    assertSame(inputs, readings.map((reading) => JSON.stringify(reading)), there);
    /** @type {Record<string, number>} */ const kinds = {};
    for (const { kind } of readings) kinds[kind] = (kinds[kind] ?? 0) + 1;
    t.diagnostic(`${inputs.length} inputs: ${JSON.stringify(kinds)}`);
    // The comparison is worth something only where every kind and reason came up.
    assert.equal(Object.keys(kinds).length, 7);
    assert.ok(Math.min(...Object.values(kinds)) > TEXTS / 100, JSON.stringify(kinds));
    const reasons = new Set(readings.flatMap((reading) => reading.reasons));
    assert.deepEqual([...reasons].sort(), Object.keys(REASONS).sort());
  });

  test("in the browser", async () => {
    assertSame(inputs, await browserReadings(inputs, today), there);
  });
});

test("half a surrogate pair reads as the replacement character, and a huge text is refused at once", () => {
  const card = (/** @type {string} */ name) => `066095001234|241234567|${name}|01021995|Nam|Tân Lập|15042021`;
  for (const half of ["\ud800", "\udc00", "\udc00\ud800"]) {
    assert.deepEqual(read(card(`A${half}`), TODAY), read(card(`A${"\ufffd".repeat(half.length)}`), TODAY));
  }
  assert.deepEqual(read("|".repeat(50_000_000), TODAY).reasons, ["too_long"]);
  assert.deepEqual(read("ữ".repeat(INPUT_BYTES_MAX / 3), TODAY).reasons, ["not_a_code"]);
  assert.deepEqual(read(`${"ữ".repeat(INPUT_BYTES_MAX / 3)}a`, TODAY).reasons, ["too_long"]);
});

test("a screen's link carries a rotating part", () => {
  const link = (/** @type {string} */ path) => read(`https://vaora.example${path}`, TODAY);
  const plain = link("/D/28T5CY4TZ6");
  const rotating = (/** @type {string} */ shown) => ({ ...plain, fields: { ...plain.fields, rotating: shown } });
  assert.deepEqual(link("/D/28T5CY4TZ6/7XK2P9"), rotating("7XK2P9"));
  assert.deepEqual(link("/d/28t5cy4tz6/oil2p9/"), rotating("0112P9"));
  assert.deepEqual(read("VAORA.EXAMPLE/D/28T5CY4TZ6/7XK2P9", TODAY), rotating("7XK2P9"));
  assert.deepEqual(link("/D/28T5CY4TZ6/7XK2P9?x=1#y"), rotating("7XK2P9"));
  const wrong = link("/D/28TACY4TZ6/7XK2P9");
  assert.deepEqual([wrong.reasons, wrong.fields], [["check_failed"], { rotating: "7XK2P9", host: "vaora.example" }]);
  for (const path of ["/D/28T5CY4TZ6/7KĐZ0", "/D/ĐEBN63PDA/7XK2P9"]) {
    assert.deepEqual([link(path).kind, link(path).reasons], ["place", ["input_method_active"]], path);
  }
  const others = ["28T5CY4TZ6/7XK2P", "28T5CY4TZ6/7XK2P99", "28T5CY4TZ6/7XK2PU", "28T5CY4TZ6/7XK-P9", "28T5CY4TZ6/7XK2P9/1"];
  for (const path of [...others, "28T5CY4TZ6//7XK2P9", "28T5CY4TZ/7XK2P9", "/7XK2P9"]) {
    assert.deepEqual(link(`/D/${path}`).reasons, ["not_our_link"], path);
  }
});

test("names are taken as on the server", () => {
  const taken = ["Nguyễn Văn A", "H'Hen Niê", "H’Hen Niê", "HʼHen Niê", "Y Bhăm Ê\u0306ban", "Ksor Ơ\u0306", "Nguyễn Thị Anh-Thư", "Y. Thông"];
  for (const name of [...taken, "Đỗ", "王小明", "สมชาย ใจดี", "Олена", "Ê\u0306".repeat(80)]) assert.deepEqual(parseName(name), { name });
  assert.deepEqual(parseName("  Nguye\u0302\u0303n \t Va\u0306n\u00a0A\n"), { name: "Nguyễn Văn A" });
  assert.deepEqual(parseName(" \t"), { error: "empty" });
  for (const formula of ["=1+1", "+84", "@SUM(A1)", "\x01A"]) {
    assert.deepEqual(parseName(formula), { error: "wrong_character", at: 1, character: formula.charAt(0) });
  }
  for (const text of ["-A", "'A", "\u0306A"]) assert.deepEqual(parseName(text), { error: "no_letter_first" });
  assert.deepEqual(parseName("An 😀"), { error: "wrong_character", at: 4, character: "😀" });
  for (const text of [`${"Ê\u0306".repeat(80)}a`, `a${"\u0306".repeat(600)}`, " ".repeat(1_000_000)]) {
    assert.deepEqual(parseName(text), { error: "too_long" });
  }
});

test("names are found and shortened as on the server", () => {
  for (const [text, folded] of /** @type {const} */ ([
    ["Nguyễn Văn A", "nguyenvana"], ["Đặng Đình Đô", "dangdinhdo"], ["Ðặng", "dang"], ["HʼHEN NIÊ", "hhennie"],
    ["Y Bhăm Ê\u0306ban", "ybhameban"], ["Ơ\u0306 Ư\u0306 Ô\u0306", "ouo"], ["ΑΣ", "ασ"], ["İ", "i"], ["ﬁ", "fi"],
  ])) assert.equal(fold(text), folded, text);
  for (const [name, shown] of /** @type {const} */ ([
    ["Nguyễn Văn A", "NGUYỄN V. A."], ["H'Hen Niê", "H'HEN N."], ["Y Bhăm Ê\u0306ban", "Y B. Ê\u0306."],
    ["Đỗ 'Anh", "ĐỖ A."], ["Lan", "L."], ["", ""], ["Y -", "Y."],
  ])) assert.equal(mask(name), shown, name);
});

test("phone numbers are taken as on the server", () => {
  const typings = ["0912345678", "0912 345 678", "0912.345.678", "(0912) 345-678", "+84912345678", "+84 (0)912 345 678", "84912345678"];
  for (const typed of [...typings, "840912345678", "0084912345678", "912345678", " 0912\u00a0345\u2013678 "]) {
    assert.deepEqual(parsePhone(typed), { e164: "+84912345678", display: "0912 345 678" }, typed);
  }
  assert.equal(parsePhone("842345678").e164, "+84842345678");
  const used = Array.from({ length: 70 }, (_, at) => at + 30).filter((prefix) => "e164" in parsePhone(`0${prefix}1234567`));
  const expected = "32 33 34 35 36 37 38 39 52 55 56 58 59 70 76 77 78 79 81 82 83 84 85 86 87 88 89 90 91 92 93 94 96 97 98 99";
  assert.equal(used.join(" "), expected);
  for (const [typed, mistake] of /** @type {const} */ ([
    ["", { error: "empty" }], [" +", { error: "empty" }], ["😀x", { error: "wrong_character", at: 1 }],
    ["0912 34x 678", { error: "wrong_character", at: 8 }], ["0912+345678", { error: "wrong_character", at: 5 }],
    ["091234567", { error: "wrong_length", found: 9 }], ["09123456789", { error: "wrong_length", found: 11 }],
    ["9".repeat(10_000), { error: "wrong_length", found: 10_000 }], ["+14155552671", { error: "other_country" }],
    ["0085612345678", { error: "other_country" }], ["0262 3812 345", { error: "landline" }],
    ["0123 456 7890", { error: "eleven_digits" }], ["+84 168 345 6789", { error: "eleven_digits" }],
    ["0512345678", { error: "unknown_range", first: "5", second: "1" }],
  ])) assert.deepEqual(parsePhone(typed), mistake, typed);
});

/** The token of a card and the key that the server's own code signed it with (`seal::sign`, private key of 32 bytes 07). */
const TOKEN = "AQMAAQIDBAUGB1IHDk5HVVnhu4ROIFYuIEEu"
  + "xx5Sy-CyPcgCbcb9hj8bU-OlRj0oCz6Hi4kTDpoLVeKyrRU_tcePghMXX6JFmFbbS6vpGwGzIaavznQAh4IiIQ";
const CARD = `https://vaora.example/C#${TOKEN}`;
const SIGNER = {
  id: 3,
  key: fromHex("041e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896e"
    + "a46c311c4e2ff40dd96a3653e6e45445d32dfe486eced75c7a90c6a18881c0a3"),
};

test("a card is verified as a token, as the text of its symbol and as a reading", async () => {
  const keys = new Map([[SIGNER.id, SIGNER.key]]);
  const reading = read(CARD, TODAY);
  assert.deepEqual([reading.reasons, reading.fields.masked_name], [["signature_unchecked"], "NGUYỄN V. A."]);
  for (const card of [TOKEN, CARD, `${CARD}\r\n`, reading, read(CARD, "2030-01-01")]) assert.equal(await verifyCard(card, keys), true);
  const changed = CARD.replace("AQMA", "AQMB");
  assert.deepEqual(await browserVerdicts([CARD, changed], SIGNER, TODAY), [[true, true], [false, false]]);
});

test("a card counts as signed only with its own key and bytes", async () => {
  const keys = new Map([[SIGNER.id, SIGNER.key]]);
  const bytes = Buffer.from(TOKEN, "base64url");
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(await verifyCard(changed.toString("base64url"), keys), false, `byte ${at}`);
  }
  for (const damaged of ["", "#", TOKEN.slice(1), `${TOKEN}A`, read("28T5CY4TZ6", TODAY), structuredClone(read(CARD, TODAY))]) {
    assert.equal(await verifyCard(damaged, keys), false);
  }
  assert.equal(await verifyCard(CARD, new Map()), false);
  assert.equal(await verifyCard(CARD, new Map([[4, SIGNER.key]])), false);
  for (const key of [fromHex(`04${"00".repeat(64)}`), new Uint8Array(0), new Uint8Array(65)]) {
    assert.equal(await verifyCard(CARD, new Map([[SIGNER.id, key]])), false, "no point of the curve");
  }
});

test("a signature for another purpose does not count", async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const message = Buffer.from(TOKEN, "base64url").subarray(0, -64);
  for (const [purpose, expected] of /** @type {const} */ ([
    ["vaora personal card v1\0", true], ["vaora personal card v1", false], ["vaora personal card v2\0", false], ["", false],
  ])) {
    const signed = Buffer.concat([Buffer.from(purpose), message]);
    const signature = Buffer.from(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, signed));
    const token = Buffer.concat([message, signature]).toString("base64url");
    assert.equal(await verifyCard(token, new Map([[SIGNER.id, key]])), expected, purpose);
    assert.equal(await verifyCard(token, new Map([[SIGNER.id, SIGNER.key]])), false, purpose);
  }
});
