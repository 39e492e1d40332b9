// The parts of the visitor's app that need no page: the code's check, visits out of check-ins, files, times.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../lib/env.mjs";
import { Dice } from "../lib/mutate.mjs";

const STATIC = join(ROOT, "crates/vaora/static");
const { parseCode } = await import(join(STATIC, "visit/code.js"));
const reader = await import(join(STATIC, "reader/code.js"));
const { visits, insideSince } = await import(join(STATIC, "visit/pair.js"));
const { toCsv, toJson } = await import(join(STATIC, "visit/export.js"));
const { clockAndDay, fromField, iso, toField } = await import(join(STATIC, "visit/time.js"));

const HOUR = 3_600_000;
const NOON = Date.parse("2021-08-27T12:00:00+07:00");

let made = 0;
/** @param {object} parts */
const scan = (parts) => ({ id: `id ${++made}`, code: "A", kind: "in", at: NOON, state: "recorded", place: "Chợ", area: "", commune: "Xã", text: "", who: "An", person: null, companions: [], rotating: "", corrected: false, corrects: "", ...parts });

/** @param {object[]} scans @returns {string[]} oldest first: what each visit says, in hours after noon */
const told = (scans) => visits(scans).reverse().map((/** @type {any} */ visit) => `${visit.in ? (visit.in.at - NOON) / HOUR : "?"}–${visit.out ? (visit.out.at - NOON) / HOUR : "?"}`);

test("the visitor's code check agrees with the reader's", () => {
  const dice = new Dice(7);
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZilouIO -–";
  let sound = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let text = "";
    for (let at = 0; at < 8; at += 1) text += letters[dice.below(32)];
    // Every ending of two characters that fits, so that sound codes come up too.
    if (round < 40) {
      for (const a of letters.slice(0, 32)) for (const b of letters.slice(0, 32)) {
        const expected = reader.parseCode(text + a + b);
        assert.equal(parseCode(text + a + b), "code" in expected ? expected.code : null);
        if ("code" in expected) sound += 1;
      }
    }
    for (let more = dice.below(4); more >= 0; more -= 1) text += letters[dice.below(letters.length)];
    const expected = reader.parseCode(text);
    assert.equal(parseCode(text), "code" in expected ? expected.code : null, text);
  }
  assert.equal(sound, 40, "each eight characters have one ending");
  assert.equal(parseCode("x".repeat(2000)), null);
});

test("check-ins read as visits", () => {
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR })]), ["0–1"]);
  assert.deepEqual(told([scan({}), scan({ at: NOON + HOUR })]), ["0–?"], "a second in while inside belongs to the visit");
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR }), scan({ kind: "out", at: NOON + 2 * HOUR })]), ["0–2"], "an out again moves its end");
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR }), scan({ at: NOON + 2 * HOUR })]), ["0–1", "2–?"]);
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + 13 * HOUR })]), ["0–?", "?–13"], "too late to belong together");
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR, who: "Bình" })]), ["0–?", "?–1"], "another person");
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR, code: "B", place: "Trường" })]), ["0–?", "?–1"], "another place");
  assert.deepEqual(told([scan({}), scan({ kind: "out", at: NOON + HOUR, code: "B" })]), ["0–1"], "another poster of the same place");
  assert.deepEqual(told([]), []);
});

test("a correction stands for its check-in, a refused one does not", () => {
  const first = scan({});
  const corrected = scan({ at: NOON - HOUR, corrects: first.id, corrected: true });
  assert.deepEqual(told([first, corrected]), ["-1–?"]);
  assert.equal(visits([first, corrected])[0].scans.length, 2, "the first stays with the visit");
  assert.deepEqual(told([first, { ...corrected, state: "refused" }]), ["0–?"]);
  const again = scan({ at: NOON - 2 * HOUR, corrects: first.id, corrected: true });
  assert.deepEqual(told([first, corrected, again]), ["-2–?"], "the latest correction counts");
  assert.deepEqual(told([scan({ state: "refused" }), scan({ kind: "out", at: NOON + HOUR })]), ["0–?", "?–1"], "what was refused opens no visit");
});

test("who is inside", () => {
  const first = scan({});
  assert.equal(insideSince([first], "A", "An", NOON + HOUR)?.id, first.id);
  assert.equal(insideSince([first], "A", "Bình", NOON + HOUR), null);
  assert.equal(insideSince([first], "B", "An", NOON + HOUR), null);
  assert.equal(insideSince([first], "A", "An", NOON + 12 * HOUR), null, "no longer after twelve hours");
  assert.equal(insideSince([first, scan({ kind: "out", at: NOON + HOUR })], "A", "An", NOON + 2 * HOUR), null);
});

test("the diary as a file", () => {
  const scans = [scan({ place: "=HYPERLINK(\"x\")", area: "Dãy \"A\", hai", companions: ["H'Bé", "+84"], who: "@An" })];
  const [head, row, end] = toCsv(scans).split("\r\n");
  assert.ok(head.startsWith("\uFEFFat,kind,place,"));
  assert.equal(row, `2021-08-27T12:00:00+07:00,in,"'=HYPERLINK(""x"")","Dãy ""A"", hai",Xã,A,'@An,H'Bé; +84,recorded,false,${scans[0].id},`);
  assert.equal(end, "");
  const json = JSON.parse(toJson(scans));
  assert.equal(json.visits.length, 1);
  assert.deepEqual(json.visits[0].companions, ["H'Bé", "+84"]);
  assert.ok(!toJson([scan({ person: { name: "An", phone: "0987654321" } })]).includes("0987654321"), "no phone number leaves in a file");
});

test("times are Viet Nam's, whatever the zone of the machine", () => {
  assert.equal(clockAndDay(NOON), "12:00 27/08/2021");
  assert.equal(fromField(toField(NOON)), NOON);
  assert.equal(fromField(""), null);
  assert.equal(iso(Date.parse("2021-08-27T23:30:05Z")), "2021-08-28T06:30:05+07:00");
});
