// What the gate seals opens at the server: against the vectors of RFC 9180 and a reading of the RFC that shares no code.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../lib/env.mjs";
import { keyPairOf, newKeyPair, open, openRow } from "../lib/sim-open.mjs";
import { aadOf, ROWS_MAX, sealer, SITTING_MS_MAX } from "../../crates/vaora/static/queue/seal.js";
import { Aes128Gcm } from "../../crates/vaora/static/vendor/hpke/core/src/aeads/aesGcm.js";
import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "../../crates/vaora/static/vendor/hpke/core/mod.js";

const VENDORED = join(ROOT, "crates/vaora/static/vendor/hpke");
const hex = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "hex"));
const text = (/** @type {string} */ words) => new TextEncoder().encode(words);

/** RFC 9180, appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0. */
const A3 = {
  info: hex("4f6465206f6e2061204772656369616e2055726e"),
  enc: "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
  skEm: "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
  pkRm: "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
  skRm: "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
  pt: hex("4265617574792069732074727574682c20747275746820626561757479"),
  aad: hex("436f756e742d30"),
  ct: "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
};

test("the independent reading opens the RFC's own message", async () => {
  const pair = await keyPairOf(hex(A3.skRm), hex(A3.pkRm));
  const opened = await open(pair, A3.info, A3.aad, hex(A3.enc + A3.ct), { aeadId: 1, keyLen: 16 });
  assert.deepEqual(opened, A3.pt);
});

test("the vendored library makes the RFC's own message with the RFC's ephemeral key", async () => {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(hex(A3.pkRm));
  const ekm = await keyPairOf(hex(A3.skEm), hex(A3.enc));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: A3.info, ekm }, A3.pt, A3.aad.buffer);
  assert.equal(Buffer.from(enc).toString("hex"), A3.enc);
  assert.equal(Buffer.from(ct).toString("hex"), A3.ct);
});

/** Bytes before a row's ciphertext: version, number, encapsulated key. */
const HEAD_LEN = 70;
/** @param {Uint8Array} row @returns {string} the encapsulated key, which names the sitting */
const sittingOf = (row) => Buffer.from(row.subarray(5, HEAD_LEN)).toString("hex");
/** @param {Uint8Array} row @returns {number} */
const numberOf = (row) => new DataView(row.buffer, row.byteOffset).getUint32(1);

test("a sealed scan opens with its device, id and time, and with nothing else", async () => {
  const { pair, publicRaw } = await newKeyPair();
  const { seal } = await sealer(publicRaw);
  const item = { device: "7", id: "0190c0de-0000-7000-8000-000000000001", at: 1_630_000_000_000 };
  assert.equal(new TextDecoder().decode(aadOf(item)), "7.0190c0de-0000-7000-8000-000000000001.1630000000000");
  const words = text('{"code":"066095001234|…|Y Nguyễn Văn A"}');
  const sealed = await seal(words, aadOf(item));
  assert.equal(sealed.length, HEAD_LEN + words.length + 16);
  assert.deepEqual([sealed[0], sealed[5]], [1, 4], "the version, and an uncompressed point");
  assert.deepEqual(await openRow(pair, aadOf(item), sealed), words);
  for (const other of [{ ...item, device: "8" }, { ...item, id: item.id.replace(/1$/, "2") }, { ...item, at: item.at + 1 }]) {
    await assert.rejects(openRow(pair, aadOf(other), sealed), "moved to another scan");
  }
  const exported = "vaora scan key v1";
  await assert.rejects(openRow(pair, aadOf(item), sealed, { info: "vaora ingest v1", exported }), "another purpose");
  await assert.rejects(openRow(pair, aadOf(item), sealed, { info: "vaora sitting v1", exported: "sec" }), "another export");
  for (const at of [3, 4, 8, 69, 70, sealed.length - 1]) {
    const altered = sealed.slice();
    altered[at] = (altered[at] ?? 0) ^ 1;
    await assert.rejects(openRow(pair, aadOf(item), altered), `altered at ${at}`);
  }
});

test("rows of the fixture that the server's tests open are this way of sealing", async () => {
  const lines = readFileSync(join(ROOT, "crates/seal/tests/seal/sitting.txt"), "utf8").split("\n");
  const values = (/** @type {string} */ name) => lines.flatMap((line) => (line.startsWith(`${name} = `) ? [line.slice(name.length + 3)] : []));
  const pair = await keyPairOf(hex(values("private")[0] ?? ""), hex(values("public")[0] ?? ""));
  const rows = values("row").map(hex);
  assert.deepEqual(rows.map(numberOf), [0, 1, 2, 0]);
  for (const [index, row] of rows.entries()) {
    assert.deepEqual(await openRow(pair, text(values("aad")[index] ?? ""), row), text(values("plaintext")[index] ?? ""));
  }
});

test("scans of one sitting share its key and no number, also at the same moment", async () => {
  const { pair, publicRaw } = await newKeyPair();
  const { seal } = await sealer(publicRaw);
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => seal(text(`scan ${index % 2}`), text("aad"))));
  assert.equal(new Set(all.map(sittingOf)).size, 1);
  assert.deepEqual(all.map(numberOf).sort((a, b) => a - b), all.map((_, index) => index));
  assert.equal(new Set(all.map((row) => Buffer.from(row.subarray(HEAD_LEN)).toString("hex"))).size, all.length);
  for (const [index, row] of all.entries()) assert.deepEqual(await openRow(pair, text("aad"), row), text(`scan ${index % 2}`));
});

test("a sitting ends by count, by time and when it is left, and numbers begin anew with the key", async () => {
  const { pair, publicRaw } = await newKeyPair();
  let now = 5;
  const { seal, leave } = await sealer(publicRaw, () => now);
  const rows = [];
  for (let scan = 0; scan < ROWS_MAX + 2; scan += 1) rows.push(await seal(text("scan"), text("aad")));
  assert.deepEqual(rows.slice(-3).map(numberOf), [ROWS_MAX - 1, 0, 1]);
  now += SITTING_MS_MAX - 1;
  rows.push(await seal(text("scan"), text("aad")));
  assert.equal(new Set(rows.map(sittingOf)).size, 2, "not yet");
  now += 1;
  rows.push(await seal(text("scan"), text("aad")));
  // Two at once right after it was left, and one that was on its way.
  const late = seal(text("scan"), text("aad"));
  leave();
  rows.push(await late, ...(await Promise.all([seal(text("scan"), text("aad")), seal(text("scan"), text("aad"))])));
  assert.equal(new Set(rows.map(sittingOf)).size, 4);
  assert.equal(new Set(rows.map((row) => `${sittingOf(row)} ${numberOf(row)}`)).size, rows.length);
  assert.deepEqual(await openRow(pair, text("aad"), rows.at(-1) ?? new Uint8Array()), text("scan"));
});

test("the key of a sitting can't be read out and only seals", async () => {
  const { publicRaw } = await newKeyPair();
  const { subtle } = globalThis.crypto;
  /** @type {CryptoKey[]} */ const keys = [];
  const plain = subtle.encrypt;
  subtle.encrypt = function (how, key, words) {
    keys.push(/** @type {CryptoKey} */ (key));
    return plain.call(subtle, how, key, words);
  };
  try {
    await (await sealer(publicRaw)).seal(text("scan"), text("aad"));
  } finally {
    subtle.encrypt = plain;
  }
  const key = keys.at(-1);
  assert.deepEqual([key?.extractable, key?.usages], [false, ["encrypt"]]);
  await assert.rejects(subtle.exportKey("raw", /** @type {CryptoKey} */ (key)));
});

test("a view into a larger buffer is sealed by its own bytes", async () => {
  const { pair, publicRaw } = await newKeyPair();
  const room = new Uint8Array(publicRaw.length + 10);
  room.set(publicRaw, 5);
  const { seal } = await sealer(room.subarray(5, 5 + publicRaw.length));
  const words = text("....scan....");
  assert.deepEqual(await openRow(pair, text("d"), await seal(words.subarray(4, 8), text("xdx").subarray(1, 2))), text("scan"));
});

test("what is no key is refused", async () => {
  const { publicRaw } = await newKeyPair();
  await assert.rejects(sealer(publicRaw.subarray(1)), RangeError);
  await assert.rejects(sealer(new Uint8Array(65)));
  const offCurve = publicRaw.slice();
  offCurve[64] = (offCurve[64] ?? 0) ^ 1;
  await assert.rejects(sealer(offCurve));
});

test("the vendored files are those of SHA256SUMS, no more and no fewer", () => {
  const sums = new Map(readFileSync(join(VENDORED, "SHA256SUMS"), "utf8").trim().split("\n").map((line) => {
    const [sum = "", path = ""] = line.split(/ {2}/);
    return [path, sum];
  }));
  const there = readdirSync(VENDORED, { recursive: true }).map(String).filter((path) => statSync(join(VENDORED, path)).isFile());
  const expected = there.filter((path) => !["README.md", "SHA256SUMS"].includes(path)).sort();
  assert.deepEqual([...sums.keys()].sort(), expected);
  for (const [path, sum] of sums) {
    assert.equal(createHash("sha256").update(readFileSync(join(VENDORED, path))).digest("hex"), sum, path);
  }
});
