// @ts-check
// The camera: opens it, reads QR symbols from its frames one at a time, offers the torch.

/** Least time between two reads, in milliseconds: leaves the phone's processor to breathe. */
const READ_GAP_MS = 70;
/** Side of the square read first, as a share of the frame's shorter side. */
const CENTRE_SHARE = 0.8;

/**
 * @typedef {object} Reader
 * @property {string} name which one reads, for the page's own record
 * @property {(source: HTMLVideoElement, box: DOMRectReadOnly) => Promise<string | null>} read
 */

/** @returns {Promise<Reader | null>} the browser's own reader where it knows QR */
async function nativeReader() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  if (!Detector) return null;
  try {
    const formats = await Detector.getSupportedFormats();
    if (!formats.includes("qr_code")) return null;
    const detector = new Detector({ formats: ["qr_code"] });
    return {
      name: "native",
      async read(source, box) {
        const frame = await createImageBitmap(source, box.x, box.y, box.width, box.height);
        try {
          const found = await detector.detect(frame);
          return found[0]?.rawValue || null;
        } finally {
          frame.close();
        }
      },
    };
  } catch {
    return null;
  }
}

/** @param {string} script address of the worker @returns {Reader} zxing in a worker */
function wasmReader(script) {
  const worker = new Worker(script, { type: "module" });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  /** @type {Map<number, (text: string | null) => void>} */
  const waiting = new Map();
  let turns = 0;
  worker.addEventListener("message", ({ data }) => {
    if (data.error) console.error(data.error);
    waiting.get(data.turn)?.(data.text);
    waiting.delete(data.turn);
  });
  return {
    name: "zxing",
    read(source, box) {
      if (!pen) return Promise.resolve(null);
      canvas.width = box.width;
      canvas.height = box.height;
      pen.drawImage(source, box.x, box.y, box.width, box.height, 0, 0, box.width, box.height);
      const image = pen.getImageData(0, 0, box.width, box.height);
      const turn = ++turns;
      return new Promise((resolve) => {
        waiting.set(turn, resolve);
        worker.postMessage({ turn, image }, [image.data.buffer]);
      });
    },
  };
}

/**
 * The part of the frame to read: the centre on even turns, all of it on odd ones.
 * @param {HTMLVideoElement} video
 * @param {boolean} whole
 */
function box(video, whole) {
  const { videoWidth: width, videoHeight: height } = video;
  if (whole) return new DOMRectReadOnly(0, 0, width, height);
  const side = Math.round(Math.min(width, height) * CENTRE_SHARE);
  return new DOMRectReadOnly(Math.round((width - side) / 2), Math.round((height - side) / 2), side, side);
}

export class Camera {
  /** @type {MediaStream | null} */ #stream = null;
  /** @type {Reader | null} */ #reader = null;
  #running = false;

  /**
   * @param {HTMLVideoElement} video shows the picture
   * @param {(text: string) => void} onText called with each symbol read, as often as it is read
   * @param {() => string} script address of the worker that reads where the browser does not
   */
  constructor(video, onText, script) {
    this.video = video;
    this.onText = onText;
    this.script = script;
  }

  /**
   * Opens a camera and begins to read. Throws what `getUserMedia` throws.
   * @param {string} [deviceId] of one of {@link Camera.list}; without it, the one at the back
   */
  async open(deviceId) {
    this.close();
    if (!navigator.mediaDevices) throw new DOMException("no camera in an insecure context", "NotSupportedError");
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    this.#stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      // Asking for zoom makes browsers tell of it; a camera without it opens all the same.
      video: /** @type {any} */ ({ ...which, width: { ideal: 1280 }, height: { ideal: 720 }, zoom: true }),
    });
    this.video.srcObject = this.#stream;
    await this.video.play();
    this.#reader ??= (await nativeReader()) ?? wasmReader(this.script());
    this.video.dataset.reader = this.#reader.name;
    this.#running = true;
    void this.#loop(this.#stream);
  }

  /** Lets go of the camera. */
  close() {
    this.#running = false;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
  }

  get isOpen() {
    return this.#running;
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Cameras of this device, once one was allowed. @returns {Promise<{ id: string, label: string, isOpen: boolean }[]>} */
  async list() {
    const open = this.#track?.getSettings().deviceId;
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    return devices.filter(({ kind }) => kind === "videoinput").map(({ deviceId, label }) => ({ id: deviceId, label, isOpen: deviceId === open }));
  }

  /** True when this camera has a lamp. */
  get hasTorch() {
    return Boolean(/** @type {any} */ (this.#track?.getCapabilities?.())?.torch);
  }

  /** @param {boolean} lit */
  async setTorch(lit) {
    await this.#track?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: lit })] });
  }

  /** How near this camera can bring things, or null. @returns {{ min: number, max: number, step: number, value: number } | null} */
  get zoom() {
    const able = /** @type {any} */ (this.#track?.getCapabilities?.())?.zoom;
    if (!able || !(able.max > able.min)) return null;
    const value = /** @type {any} */ (this.#track?.getSettings()).zoom ?? able.min;
    return { min: able.min, max: able.max, step: able.step || 0.1, value };
  }

  /** @param {number} factor */
  async setZoom(factor) {
    await this.#track?.applyConstraints({ advanced: [/** @type {any} */ ({ zoom: factor })] });
  }

  /** @param {MediaStream} stream the loop ends when another takes its place */
  async #loop(stream) {
    let whole = false;
    while (this.#running && this.#stream === stream) {
      const beganAt = performance.now();
      if (this.video.readyState >= 2 && !document.hidden) {
        /** @type {string | null | undefined} */
        const text = await this.#reader?.read(this.video, box(this.video, whole)).catch(() => null);
        if (text && this.#running) this.onText(text);
        // The centre again after a hit, the other part after a miss.
        whole = text ? whole : !whole;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(10, READ_GAP_MS - (performance.now() - beganAt))));
    }
  }
}
