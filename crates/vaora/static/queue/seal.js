// @ts-check
// Seals a scan on the device to the server's ingest key: whoever finds the phone reads nothing of its queue.
// HPKE base mode (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; opened by `seal::wrap` on the server.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "../vendor/hpke/core/mod.js";

/** What these messages are for, so that one wrapped for another use can't be passed off as a scan. */
const INFO = "vaora ingest v1";

/** Length in bytes of a public key in uncompressed form (SEC 1), which is also that of the encapsulated key. */
const PUBLIC_KEY_LEN = 65;

/** @typedef {{ seal(plaintext: Uint8Array, aad: Uint8Array): Promise<Uint8Array> }} Sealer */

/**
 * Binds a sealed scan to the device, id and time that stand beside it in clear. The sequence number is not in it: it
 * is only known inside the transaction that stores the sealed scan.
 * @param {{ device: string, id: string, at: number }} item `at` in milliseconds of the device's clock
 * @returns {Uint8Array}
 */
export function aadOf({ device, id, at }) {
  return new TextEncoder().encode(`${device}.${id}.${at}`);
}

/**
 * Reads the server's public key once; its `seal` makes a new encapsulated key for each scan.
 * @param {Uint8Array} ingestKeyRaw uncompressed point, 65 bytes
 * @returns {Promise<Sealer>} whose `seal` gives the encapsulated key (65 bytes), the ciphertext and its tag (16 bytes)
 * @throws {RangeError} when it is not the length of an uncompressed point
 * @throws {Error} when it is not a point of the curve
 */
export async function sealer(ingestKeyRaw) {
  if (ingestKeyRaw.byteLength !== PUBLIC_KEY_LEN) throw new RangeError(`an ingest key has ${PUBLIC_KEY_LEN} bytes`);
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(ingestKeyRaw);
  const info = new TextEncoder().encode(INFO);
  return {
    async seal(plaintext, aad) {
      const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext, aad.slice().buffer);
      const sealed = new Uint8Array(enc.byteLength + ct.byteLength);
      sealed.set(new Uint8Array(enc));
      sealed.set(new Uint8Array(ct), enc.byteLength);
      return sealed;
    },
  };
}
