// QR symbols: made for the camera's film, read from printed posters.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import qrcode from "qrcode-generator";
import { mustExist, ROOT, run } from "./env.mjs";

const READER = join(ROOT, "crates/vaora/static/vendor/zxing-wasm");

/** A grey picture. @typedef {{ width: number, height: number, grey: Uint8Array }} Grey */

/**
 * @param {string} text
 * @param {number} side of the picture, in pixels, with a quiet zone of four modules
 * @returns {Grey}
 */
export function symbol(text, side) {
  qrcode.stringToBytes = (/** @type {string} */ words) => [...new TextEncoder().encode(words)];
  const code = qrcode(0, "M");
  code.addData(text, "Byte");
  code.make();
  const modules = code.getModuleCount() + 8;
  const scale = Math.floor(side / modules);
  const width = modules * scale;
  const grey = new Uint8Array(width * width).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [row, column] = [Math.floor(y / scale) - 4, Math.floor(x / scale) - 4];
      const inside = row >= 0 && column >= 0 && row < code.getModuleCount() && column < code.getModuleCount();
      if (inside && code.isDark(row, column)) grey[y * width + x] = 0;
    }
  }
  return { width, height: width, grey };
}

/** @param {Grey} picture @returns {Buffer} as a PGM file */
export function pgm(picture) {
  return Buffer.concat([Buffer.from(`P5\n${picture.width} ${picture.height}\n255\n`), picture.grey]);
}

/** @param {Buffer} file a PGM file @returns {Grey} */
function readPgm(file) {
  const head = /^P5\s+(?:#.*\s+)?(\d+)\s+(\d+)\s+255\s/.exec(file.subarray(0, 200).toString("latin1"));
  if (!head) throw new Error("not a grey picture");
  const [width, height] = [Number(head[1]), Number(head[2])];
  return { width, height, grey: file.subarray(head[0].length, head[0].length + width * height) };
}

/** @type {Promise<(picture: Grey) => Promise<string[]>> | undefined} */
let reader;

/** The reader that the gate's page uses, run here. */
function openReader() {
  reader ??= (async () => {
    const wasm = mustExist(join(READER, "zxing_reader.wasm"), "the vendored QR reader");
    const { prepareZXingModule, readBarcodes } = await import(join(READER, "reader/index.js"));
    prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm) } });
    return async (picture) => {
      const data = new Uint8ClampedArray(picture.width * picture.height * 4);
      picture.grey.forEach((value, index) => data.set([value, value, value, 255], index * 4));
      const image = { data, width: picture.width, height: picture.height, colorSpace: "srgb" };
      const found = await readBarcodes(image, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 4 });
      return found.filter((one) => one.isValid).map((one) => one.text);
    };
  })();
  return reader;
}

/**
 * Prints a PDF to pictures and reads the symbols.
 * @param {Buffer} pdf
 * @returns {Promise<string[][]>} texts of each page
 */
export async function symbolsOfPdf(pdf) {
  if (!pdf.subarray(0, 5).equals(Buffer.from("%PDF-"))) throw new Error("not a PDF");
  const folder = mkdtempSync(join(tmpdir(), "vaora-pdf-"));
  try {
    writeFileSync(join(folder, "in.pdf"), pdf);
    run("pdftoppm", ["-gray", "-r", "60", join(folder, "in.pdf"), join(folder, "page")]);
    const read = await openReader();
    const pages = readdirSync(folder).filter((name) => name.endsWith(".pgm")).sort();
    const texts = [];
    for (const name of pages) texts.push(await read(readPgm(readFileSync(join(folder, name)))));
    return texts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A film for the fake camera: each symbol held slightly askew before a lit wall, in grain, then an empty view.
 * A file of MJPEG tells no rate; Chromium plays 30 frames a second.
 * @param {string} path of the film
 * @param {{ text: string, seconds: number }[]} scenes an empty text is an empty view
 */
export function film(path, scenes) {
  const folder = mkdtempSync(join(tmpdir(), "vaora-film-"));
  try {
    const inputs = scenes.flatMap(({ text, seconds }, index) => {
      const picture = join(folder, `${index}.pgm`);
      writeFileSync(picture, pgm(text ? symbol(text, 480) : { width: 64, height: 64, grey: new Uint8Array(64 * 64).fill(120) }));
      return ["-loop", "1", "-framerate", "10", "-t", String(seconds), "-i", picture];
    });
    const scene = (/** @type {number} */ index) =>
      `[${index}:v]pad=1280:720:(ow-iw)/2:(oh-ih)/2:color=0xB0B0B0,rotate=0.07:fillcolor=0xB0B0B0,` +
      `${scenes[index]?.text ? "noise=alls=8:allf=t," : ""}fps=30,setsar=1,format=yuvj420p[v${index}]`;
    const graph = [
      ...scenes.map((_, index) => scene(index)),
      `${scenes.map((_, index) => `[v${index}]`).join("")}concat=n=${scenes.length}:v=1:a=0[out]`,
    ].join(";");
    run("ffmpeg", ["-y", "-v", "error", ...inputs, "-filter_complex", graph, "-map", "[out]", "-q:v", "5", "-f", "mjpeg", path]);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
