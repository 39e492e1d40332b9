// @ts-check
// Sound and vibration of each outcome: told apart without looking.

/** @typedef {"good" | "warn" | "info" | "ask" | "bad"} Tone */

/** Notes as [hertz, seconds]; 0 hertz is a pause. @type {Record<Tone, [number, number][]>} */
const TUNES = {
  good: [[880, 0.09], [1319, 0.16]],
  info: [[660, 0.12]],
  warn: [[880, 0.1], [0, 0.05], [660, 0.18]],
  ask: [[660, 0.12], [0, 0.08], [660, 0.12], [0, 0.08], [880, 0.2]],
  bad: [[196, 0.22], [0, 0.07], [156, 0.4]],
};

/** Milliseconds on, off, on … @type {Record<Tone, number[]>} */
const SHAKES = { good: [70], info: [40], warn: [70, 60, 70], ask: [60, 60, 60, 60, 60], bad: [350, 90, 350] };

/** @type {AudioContext | null} */
let audio = null;

/** Browsers allow sound only after a touch: call this from one. */
export function unlockSound() {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  void audio.resume();
}

/** @param {Tone} tone */
export function signal(tone) {
  // Browsers complain of a page that shakes before it was touched.
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(SHAKES[tone]);
  if (!audio) return;
  let at = audio.currentTime + 0.01;
  for (const [hertz, seconds] of TUNES[tone]) {
    if (hertz > 0) note(audio, hertz, at, seconds, tone === "bad" ? "square" : "triangle");
    at += seconds;
  }
}

/**
 * @param {AudioContext} context @param {number} hertz @param {number} at @param {number} seconds @param {OscillatorType} shape
 */
function note(context, hertz, at, seconds, shape) {
  const voice = context.createOscillator();
  const volume = context.createGain();
  voice.type = shape;
  voice.frequency.value = hertz;
  // Rises and falls within a few milliseconds, so that it does not click.
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.6, at + 0.008);
  volume.gain.setValueAtTime(0.6, at + seconds - 0.02);
  volume.gain.linearRampToValueAtTime(0, at + seconds);
  voice.connect(volume).connect(context.destination);
  voice.start(at);
  voice.stop(at + seconds);
}
