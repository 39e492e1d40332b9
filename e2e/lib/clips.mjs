// Films of cards as a gate's camera sees them: turned, blurred, in dim light, in grain; and films of a queue.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./env.mjs";
import { pgm, symbol } from "./qr.mjs";

/** Frames a second at which Chromium plays a film. */
export const FPS = 30;

/** What is done to the picture, as filters of ffmpeg. */
export const WEATHER = {
  turned: "rotate=0.35:fillcolor=0xB0B0B0",
  blurred: "rotate=0.06:fillcolor=0xB0B0B0,gblur=sigma=2.2",
  dim: "rotate=-0.08:fillcolor=0xB0B0B0,eq=brightness=-0.32:contrast=0.55,noise=alls=14:allf=t",
};

/** @typedef {{ text: string, weather: keyof typeof WEATHER }} Scene */

/**
 * A film of cards, each for `seconds`, with an empty view of 0.3 s after each.
 * @param {string} path @param {Scene[]} scenes @param {number} seconds
 */
export function cardFilm(path, scenes, seconds) {
  return compose(path, scenes.flatMap(({ text, weather }) => [{ text, filter: WEATHER[weather], seconds }, { text: "", filter: "null", seconds: 0.3 }]));
}

/**
 * A film of a queue: one card after the other at once. A bar at the left edge changes its grey with each card, so that the
 * page's own video tells when a card came into view.
 * @param {string} path @param {string[]} texts @param {number} seconds each
 */
export function queueFilm(path, texts, seconds) {
  return compose(path, texts.map((text, index) => ({
    text, filter: `rotate=0.07:fillcolor=0xB0B0B0,noise=alls=8:allf=t,drawbox=x=0:y=0:w=120:h=720:color=${index % 2 === 0 ? "black" : "white"}:t=fill`, seconds,
  })));
}

/** @param {string} path @param {{ text: string, filter: string, seconds: number }[]} scenes */
function compose(path, scenes) {
  const folder = mkdtempSync(join(tmpdir(), "vaora-clip-"));
  try {
    const inputs = scenes.flatMap(({ text, seconds }, index) => {
      const picture = join(folder, `${index}.pgm`);
      writeFileSync(picture, pgm(text ? symbol(text, 500) : { width: 64, height: 64, grey: new Uint8Array(64 * 64).fill(176) }));
      return ["-loop", "1", "-framerate", String(FPS), "-t", String(seconds), "-i", picture];
    });
    const graph = [
      ...scenes.map(({ filter }, index) => `[${index}:v]pad=1280:720:(ow-iw)/2:(oh-ih)/2:color=0xB0B0B0,format=yuvj420p,${filter},fps=${FPS},setsar=1,format=yuvj420p[v${index}]`),
      `${scenes.map((_, index) => `[v${index}]`).join("")}concat=n=${scenes.length}:v=1:a=0[out]`,
    ].join(";");
    run("ffmpeg", ["-y", "-v", "error", ...inputs, "-filter_complex", graph, "-map", "[out]", "-q:v", "5", "-f", "mjpeg", path]);
    return path;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
