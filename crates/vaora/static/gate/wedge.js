// @ts-check
// A hand-held reader types like a keyboard, only faster, and ends with Enter. This listens on the whole page.

/** Longest pause between two keys of one reading, in milliseconds. */
const GAP_MS_MAX = 120;
/** Longest mean pause of one reading, in milliseconds: a person who types is slower. */
const MEAN_MS_MAX = 50;
/** Fewest characters of a reading. */
const LENGTH_MIN = 6;
/** Most characters kept of a reading; the server bounds it again. */
const LENGTH_MAX = 4096;

/**
 * @param {(text: string) => void} onText a whole reading
 * @param {() => void} onInputMethod a reading that a Vietnamese input method has meddled with
 */
export function listenToReader(onText, onInputMethod) {
  let text = "";
  let keys = 0;
  let beganAt = 0;
  let lastAt = 0;
  let meddled = false;
  /** @type {{ element: HTMLInputElement | HTMLTextAreaElement, value: string } | null} */
  let before = null;

  const forget = () => {
    text = "";
    keys = 0;
    meddled = false;
    before = null;
  };

  addEventListener("keydown", (event) => {
    const now = event.timeStamp;
    if (now - lastAt > GAP_MS_MAX) forget();
    if (keys === 0) {
      beganAt = now;
      const at = document.activeElement;
      if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) before = { element: at, value: at.value };
    }
    lastAt = now;
    if (event.key === "Enter") {
      const isReading = keys >= LENGTH_MIN && (now - beganAt) / keys <= MEAN_MS_MAX;
      const whole = text;
      const wasMeddled = meddled;
      // What the reader typed into a field is not the keeper's entry: take it out again.
      if (isReading && before) before.element.value = before.value;
      forget();
      if (!isReading) return;
      event.preventDefault();
      event.stopPropagation();
      if (wasMeddled || !whole) onInputMethod();
      else onText(whole);
      return;
    }
    // Input methods rub out and retype ("Backspace"), or swallow the key ("Process", composing).
    if (event.key === "Backspace" || event.key === "Process" || event.isComposing) meddled = true;
    if (event.key.length === 1 || meddled) keys += 1;
    // A space in the reading must not press the button that happens to have the focus.
    if (keys === 2 && !before && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }, { capture: true });

  // The characters come from `keypress`, not `keydown`: readers that send accents as Alt codes give them only here.
  addEventListener("keypress", (event) => {
    if (event.key === "Enter" || event.ctrlKey || event.metaKey) return;
    lastAt = event.timeStamp;
    if (text.length < LENGTH_MAX) text += event.key;
  }, { capture: true });
}
