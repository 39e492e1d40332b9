// Looks into ZIP files such as workbooks and DOCX.
import { inflateRawSync } from "node:zlib";

/** Marks of the records (APPNOTE.TXT 4.3). */
const END_OF_LIST = 0x06054b50;
const LIST_ENTRY = 0x02014b50;

/**
 * @param {Buffer} zip
 * @param {string} name of the part
 * @returns {string} its text
 */
export function partOfZip(zip, name) {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_LIST) end -= 1;
  if (end < 0) throw new Error("not a ZIP file");
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === LIST_ENTRY) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const local = zip.readUInt32LE(at + 42);
    if (zip.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(from, from + size);
      return (method === 0 ? packed : inflateRawSync(packed)).toString("utf8");
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the ZIP file`);
}
