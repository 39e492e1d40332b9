// @ts-check
// Base64url without padding (RFC 4648, section 5), back to bytes.

/** @param {string} text of our own server or device @returns {Uint8Array<ArrayBuffer>} @throws when it is not base64url */
export function fromBase64url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at += 1) bytes[at] = plain.charCodeAt(at);
  return bytes;
}
