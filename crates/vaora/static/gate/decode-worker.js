// @ts-check
// Reads QR symbols away from the page's own thread, with the vendored zxing-wasm.
import { prepareZXingModule, readBarcodes } from "../vendor/zxing-wasm/reader/index.js";

prepareZXingModule({
  // The package would fetch its wasm from a CDN.
  overrides: { locateFile: (/** @type {string} */ file) => new URL(`../vendor/zxing-wasm/${file}`, import.meta.url).href },
});

const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true };

self.addEventListener("message", async (event) => {
  const { turn, image } = event.data;
  try {
    const found = await readBarcodes(image, OPTIONS);
    self.postMessage({ turn, text: found.find((symbol) => symbol.isValid)?.text ?? null });
  } catch (error) {
    self.postMessage({ turn, text: null, error: String(error) });
  }
});
