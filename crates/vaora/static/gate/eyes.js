// @ts-check
// The camera's place on the page: picture, choice of camera, lamp, zoom, and what stands there without a camera.
import { Camera } from "./camera.js";
import { byId, setText } from "./dom.js";
import { workerAddress } from "./shell.js";

/** Which camera was chosen last on this device. */
const KEY = "gate-camera";
const SCRIPT = "/static/gate/decode-worker.js";

export class Eyes {
  #app;
  #texts;
  #video = byId("video", HTMLVideoElement);
  #choice = byId("camera-choice", HTMLSelectElement);
  #torch = byId("torch", HTMLButtonElement);
  #zoom = byId("zoom", HTMLInputElement);

  /** @param {HTMLElement} app @param {Record<string, string>} texts @param {(text: string) => void} onText */
  constructor(app, texts, onText) {
    this.#app = app;
    this.#texts = texts;
    this.camera = new Camera(this.#video, onText, () => workerAddress(SCRIPT, "/gate"));
    byId("camera-again", HTMLButtonElement).addEventListener("click", () => void this.open());
    this.#choice.addEventListener("change", () => {
      localStorage.setItem(KEY, this.#choice.value);
      void this.open();
    });
    this.#torch.addEventListener("click", () => {
      const lit = this.#torch.getAttribute("aria-pressed") !== "true";
      this.camera.setTorch(lit).then(() => this.#torch.setAttribute("aria-pressed", String(lit)), () => { this.#torch.hidden = true; });
    });
    this.#zoom.addEventListener("input", () => void this.camera.setZoom(Number(this.#zoom.value)).catch(() => { this.#zoom.hidden = true; }));
    document.addEventListener("visibilitychange", () => {
      // Phones end the camera's track behind a locked screen.
      if (!document.hidden && this.camera.isOpen && !this.#video.srcObject) void this.open();
    });
  }

  async open() {
    try {
      await this.#openChosen();
      this.#app.dataset.camera = "on";
      this.#torch.hidden = !this.camera.hasTorch;
      this.#torch.setAttribute("aria-pressed", "false");
      const zoom = this.camera.zoom;
      this.#zoom.hidden = zoom === null;
      if (zoom) Object.assign(this.#zoom, { min: zoom.min, max: zoom.max, step: zoom.step, value: zoom.value });
      await this.#listCameras();
    } catch (error) {
      this.#app.dataset.camera = "off";
      const isForbidden = error instanceof DOMException && error.name === "NotAllowedError";
      setText(byId("camera-words", HTMLElement), this.#texts[isForbidden ? "camera_refused" : "camera_missing"] ?? "");
    }
  }

  async #openChosen() {
    const chosen = localStorage.getItem(KEY);
    if (!chosen) return this.camera.open();
    try {
      await this.camera.open(chosen);
    } catch {
      // The camera of before was unplugged, or its id changed.
      localStorage.removeItem(KEY);
      await this.camera.open();
    }
  }

  async #listCameras() {
    const cameras = await this.camera.list();
    this.#choice.hidden = cameras.length < 2;
    this.#choice.replaceChildren(...cameras.map(({ id, label, isOpen }, index) => new Option(label || `${this.#texts.camera ?? ""} ${index + 1}`, id, isOpen, isOpen)));
  }

  close() {
    this.camera.close();
    this.#app.dataset.camera = "off";
  }
}
