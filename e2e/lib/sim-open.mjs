// The server's side of sealing for tests, written from RFC 9180 on node's WebCrypto: shares no code with what seals.
import { webcrypto } from "node:crypto";

const { subtle } = webcrypto;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const PUBLIC_KEY_LEN = 65;

/** @param {...Uint8Array} parts */
const joined = (...parts) => new Uint8Array(Buffer.concat(parts));
/** @param {string} words */
const ascii = (words) => new Uint8Array(Buffer.from(words, "latin1"));
/** I2OSP for two octets. @param {number} value */
const two = (value) => new Uint8Array([value >> 8, value & 255]);

/** @typedef {{ privateKey: webcrypto.CryptoKey, publicKey: webcrypto.CryptoKey, publicRaw: Uint8Array }} Pair */

/** @param {Uint8Array} secret 32 bytes @param {Uint8Array} publicRaw @returns {Promise<Pair>} */
export async function keyPairOf(secret, publicRaw) {
  const part = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString("base64url");
  const point = { kty: "EC", crv: "P-256", x: part(publicRaw.subarray(1, 33)), y: part(publicRaw.subarray(33)) };
  const privateKey = await subtle.importKey("jwk", { ...point, d: part(secret) }, CURVE, true, ["deriveBits"]);
  const publicKey = await subtle.importKey("jwk", point, CURVE, true, []);
  return { privateKey, publicKey, publicRaw };
}

/** @returns {Promise<{ pair: Pair, publicRaw: Uint8Array }>} */
export async function newKeyPair() {
  const { privateKey, publicKey } = await subtle.generateKey(CURVE, true, ["deriveBits"]);
  const publicRaw = new Uint8Array(await subtle.exportKey("raw", publicKey));
  return { pair: { privateKey, publicKey, publicRaw }, publicRaw };
}

/** @param {Uint8Array} key @param {Uint8Array} message */
async function hmac(key, message) {
  // WebCrypto takes no empty key; HMAC pads with zeros anyway.
  const raw = key.length > 0 ? key : new Uint8Array(32);
  const imported = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, message));
}

/** LabeledExtract of section 4. @param {Uint8Array} suite @param {Uint8Array} salt @param {string} label @param {Uint8Array} ikm */
const extract = (suite, salt, label, ikm) => hmac(salt, joined(ascii("HPKE-v1"), suite, ascii(label), ikm));

/** LabeledExpand of section 4, for at most 32 bytes: one block of HKDF. @param {Uint8Array} suite @param {Uint8Array} prk @param {string} label @param {Uint8Array} info @param {number} length */
async function expand(suite, prk, label, info, length) {
  const labelled = joined(two(length), ascii("HPKE-v1"), suite, ascii(label), info);
  return (await hmac(prk, joined(labelled, new Uint8Array([1])))).subarray(0, length);
}

/**
 * The receiver's key schedule of section 5.1 in base mode.
 * @param {Pair} pair @param {Uint8Array} info @param {Uint8Array} enc @param {number} aeadId
 */
async function schedule(pair, info, enc, aeadId) {
  const none = new Uint8Array(0);
  const theirs = await subtle.importKey("raw", enc, CURVE, false, []);
  const dh = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256));
  const kem = joined(ascii("KEM"), two(0x10));
  const prk = await extract(kem, none, "eae_prk", dh);
  const shared = await expand(kem, prk, "shared_secret", joined(enc, pair.publicRaw), 32);

  const suite = joined(ascii("HPKE"), two(0x10), two(1), two(aeadId));
  const pskIdHash = await extract(suite, none, "psk_id_hash", none);
  const context = joined(new Uint8Array([0]), pskIdHash, await extract(suite, none, "info_hash", info));
  return { suite, context, secret: await extract(suite, shared, "secret", none) };
}

/**
 * Opens a message sealed in base mode.
 * @param {Pair} pair
 * @param {Uint8Array} info
 * @param {Uint8Array} aad
 * @param {Uint8Array} sealed encapsulated key, ciphertext, tag
 * @param {{ aeadId: number, keyLen: number }} [aead] AES-256-GCM unless told otherwise
 * @returns {Promise<Uint8Array>}
 */
export async function open(pair, info, aad, sealed, aead = { aeadId: 2, keyLen: 32 }) {
  const enc = sealed.subarray(0, PUBLIC_KEY_LEN);
  const { suite, context, secret } = await schedule(pair, info, enc, aead.aeadId);
  const key = await expand(suite, secret, "key", context, aead.keyLen);
  const iv = await expand(suite, secret, "base_nonce", context, 12);
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const ciphertext = sealed.subarray(PUBLIC_KEY_LEN);
  return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad }, cipher, ciphertext));
}

/**
 * Opens a row that a sitting sealed: the exported secret of section 5.3 is its key, its number the nonce.
 * @param {Pair} pair
 * @param {Uint8Array} aad
 * @param {Uint8Array} row version, number, encapsulated key, ciphertext, tag
 * @param {{ info: string, exported: string }} [words] the product's unless told otherwise
 * @returns {Promise<Uint8Array>}
 */
export async function openRow(pair, aad, row, words = { info: "vaora sitting v1", exported: "vaora scan key v1" }) {
  if (row[0] !== 1) throw new Error(`a row of version ${row[0]}`);
  const head = row.subarray(0, 5 + PUBLIC_KEY_LEN);
  const { suite, context, secret } = await schedule(pair, ascii(words.info), head.subarray(5), 2);
  const exporter = await expand(suite, secret, "exp", context, 32);
  const key = await expand(suite, exporter, "sec", ascii(words.exported), 32);
  const iv = joined(new Uint8Array(8), head.subarray(1, 5));
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const bound = { name: "AES-GCM", iv, additionalData: joined(head, aad) };
  return new Uint8Array(await subtle.decrypt(bound, cipher, row.subarray(head.length)));
}
