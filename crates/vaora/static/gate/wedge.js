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

/** @typedef {HTMLInputElement | HTMLTextAreaElement} TextElement */

/**
 * @param {TextElement} sink takes the characters while no field has the focus: letters with accents come from some
 *   readers without any key event, and would be lost on a page without a field
 * @param {(text: string) => void} onText a whole reading
 * @param {() => void} onInputMethod a reading that a Vietnamese input method has meddled with
 */
export function listenToReader(sink, onText, onInputMethod) {
  let text = "";
  let keys = 0;
  let beganAt = 0;
  let lastAt = 0;
  let meddled = false;
  /** @type {{ element: TextElement, value: string }} */
  let before = { element: sink, value: "" };

  const begin = (/** @type {number} */ now) => {
    const at = document.activeElement;
    const field = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement;
    const isText = field && at.type !== "radio" && at.type !== "checkbox";
    if (sink.value) sink.value = "";
    before = isText ? { element: at, value: at.value } : { element: sink, value: "" };
    text = "";
    keys = 0;
    meddled = false;
    beganAt = now;
  };

  /** What the reading wrote: the fuller of the keys' characters and the field's. */
  const written = () => {
    const { element, value } = before;
    const inserted = element.value.startsWith(value) ? element.value.slice(value.length) : "";
    return inserted.length > text.length ? inserted : text;
  };

  addEventListener("keydown", (event) => {
    const now = event.timeStamp;
    if (now - lastAt > GAP_MS_MAX || keys === 0) begin(now);
    lastAt = now;
    if (event.key === "Enter") {
      const isReading = keys >= LENGTH_MIN && (now - beganAt) / keys <= MEAN_MS_MAX;
      const whole = written().slice(0, LENGTH_MAX);
      keys = 0;
      if (!isReading) return;
      // What the reader typed into a field is not the keeper's entry: take it out again.
      before.element.value = before.value;
      event.preventDefault();
      event.stopPropagation();
      if (meddled || !whole) onInputMethod();
      else onText(whole);
      return;
    }
    // Input methods rub out and retype ("Backspace"), or swallow the key ("Process", composing).
    if (event.key === "Backspace" || event.key === "Process" || event.isComposing) meddled = true;
    if (event.key.length === 1 || meddled) keys += 1;
    // A space in the reading must not press the button that happens to have the focus.
    if (keys === 2 && before.element === sink && document.activeElement !== sink) {
      sink.value = text;
      sink.focus({ preventScroll: true });
    }
  }, { capture: true });

  addEventListener("keypress", (event) => {
    if (event.key === "Enter" || event.ctrlKey || event.metaKey) return;
    lastAt = event.timeStamp;
    if (text.length < LENGTH_MAX) text += event.key;
  }, { capture: true });

  // The sink has the focus whenever nothing else wants it.
  addEventListener("focusout", (event) => {
    if (event.relatedTarget === null) setTimeout(() => { if (document.activeElement === document.body) sink.focus({ preventScroll: true }); });
  });
}
