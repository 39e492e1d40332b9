// @ts-check
// Bytes as text for JSON and for the export file: base64url without padding (RFC 4648, section 5).

/** @param {Uint8Array} bytes @returns {string} */
export function toBase64url(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
