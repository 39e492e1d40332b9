// @ts-check
// Seals a scan on the device to the server's ingest key: whoever finds the phone reads nothing of its queue.
// One key agreement a sitting: HPKE base mode (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, whose
// exporter gives the key under which the sitting's scans are sealed; opened by `seal::sitting` on the server. The key
// is in this page's memory only, is never read out again, and is forgotten after so many scans, after some hours, and
// as soon as nobody sees the page.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "../vendor/hpke/core/mod.js";

/** What the agreement is for, so that a message wrapped for another use can't be passed off as a sitting. */
const INFO = "vaora sitting v1";
/** What the exported key is for. */
const SCAN_KEY = "vaora scan key v1";
/** First byte of a row, which names this way of sealing. */
const VERSION = 1;

/** Length in bytes of a public key in uncompressed form (SEC 1), which is also that of the encapsulated key. */
const PUBLIC_KEY_LEN = 65;
/** Bytes of a row before its ciphertext: version, number, encapsulated key. */
const HEAD_LEN = 1 + 4 + PUBLIC_KEY_LEN;
/** Bytes of the exported key. */
const KEY_LEN = 32;

/** Most scans of a sitting. */
export const ROWS_MAX = 500;
/** Longest sitting, in milliseconds. */
export const SITTING_MS_MAX = 4 * 3_600_000;

/**
 * @typedef {object} Sitting
 * @property {CryptoKey} key for encryption, never to be read out
 * @property {Uint8Array} enc
 * @property {number} next number of its next row
 * @property {number} begunAt by the monotonic clock, in milliseconds
 *
 * @typedef {object} Sealer
 * @property {(plaintext: Uint8Array, aad: Uint8Array) => Promise<Uint8Array>} seal
 * @property {() => void} leave ends the sitting: its key is forgotten, and the next scan begins another
 */

/**
 * Binds a sealed scan to the device, id and time that stand beside it in clear. The sequence number is not in it: it
 * is only known inside the transaction that stores the sealed scan.
 * @param {{ device: string, id: string, at: number }} item `at` in milliseconds of the device's clock
 * @returns {Uint8Array}
 */
export function aadOf({ device, id, at }) {
  return new TextEncoder().encode(`${device}.${id}.${at}`);
}

/** @param {Sitting} sitting @param {number} now */
function isOver(sitting, now) {
  return sitting.next >= ROWS_MAX || now - sitting.begunAt >= SITTING_MS_MAX;
}

/**
 * @param {Sitting} sitting
 * @param {Uint8Array} plaintext
 * @param {Uint8Array} aad
 * @returns {Promise<Uint8Array>}
 */
async function sealRow(sitting, plaintext, aad) {
  const number = sitting.next;
  // Before anything is awaited: no number is ever used twice.
  sitting.next += 1;
  const head = new Uint8Array(HEAD_LEN);
  head[0] = VERSION;
  new DataView(head.buffer).setUint32(1, number);
  head.set(sitting.enc, HEAD_LEN - PUBLIC_KEY_LEN);
  const bound = new Uint8Array(HEAD_LEN + aad.byteLength);
  bound.set(head);
  bound.set(aad, HEAD_LEN);
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, number);
  const words = plaintext.slice();
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, sitting.key, words);
  const row = new Uint8Array(HEAD_LEN + sealed.byteLength);
  row.set(head);
  row.set(new Uint8Array(sealed), HEAD_LEN);
  return row;
}

/**
 * Reads the server's public key once and seals to it.
 * @param {Uint8Array} ingestKeyRaw uncompressed point, 65 bytes
 * @param {() => number} [clock] milliseconds of a clock that nobody sets
 * @returns {Promise<Sealer>} whose `seal` gives version, number, encapsulated key (70 bytes), ciphertext and tag (16 bytes)
 * @throws {RangeError} when it is not the length of an uncompressed point
 * @throws {Error} when it is not a point of the curve
 */
export async function sealer(ingestKeyRaw, clock = () => performance.now()) {
  if (ingestKeyRaw.byteLength !== PUBLIC_KEY_LEN) throw new RangeError(`an ingest key has ${PUBLIC_KEY_LEN} bytes`);
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(ingestKeyRaw);
  const utf8 = new TextEncoder();

  /** @returns {Promise<Sitting>} */
  async function begin() {
    const context = await suite.createSenderContext({ recipientPublicKey, info: utf8.encode(INFO) });
    const raw = await context.export(utf8.encode(SCAN_KEY).buffer, KEY_LEN);
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
    new Uint8Array(raw).fill(0);
    return { key, enc: new Uint8Array(context.enc), next: 0, begunAt: clock() };
  }

  let current = /** @type {Promise<Sitting> | null} */ (null);
  const leave = () => { current = null; };
  return {
    leave,
    async seal(plaintext, aad) {
      for (;;) {
        const mine = (current ??= begin());
        try {
          const sitting = await mine;
          // Nothing is awaited between this question and the row's number.
          if (!isOver(sitting, clock())) return await sealRow(sitting, plaintext, aad);
        } catch (error) {
          if (current === mine) leave();
          throw error;
        }
        if (current === mine) leave();
      }
    },
  };
}
