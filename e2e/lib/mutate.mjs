// Texts for comparing two readers: known inputs, disturbed the same way on every run.

/** What is put into texts: separators, what input methods make, what readers add, and what Unicode has in store. */
const PIECES = [
  ..."|<*-/$#@.:?\\ +=&%_~'\"()[]{},;",
  ..."đĐăâêôơưĂÂÊÔƠƯếềểễệốữẵỹỳÝ",
  ..."\0\r\n\t\x01\x0b\x0c\x1f\x7f\x80\x85\x9f\xa0\xad\ufeff\u200b\u200d\u200e\u202e\u2028\u2029\u2066\u3000\u1680\u180e",
  ..."\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323\u0345\u0315\u20d0\ufe0f\u093c\u3099",
  ..."‐‑‒–—―−ʼ’‘´`·﹣－／｜０９Ａｚ＃",
  ..."ſKÅΩΣςİıßŉǰΐﬁﬀǅÐðþ½²Ⅷⅷ①٣०𝟘ªº",
  ..."王明กำสมОленаעברעַعَرवाक्षि한각각🙂👨‍👩‍👧🇻🇳😀𐐀𝐀\u{1d165}\u{1d16e}\u{e0001}\u{10ffff}\ufffd\ufffe",
  "\r\n", "\r\n\0", "Ê\u0306", "ê\u0306", "Ơ\u0306", "E\u0302\u0306", "a\u0323\u0302", "a\u0302\u0323", "O\u031b\u0301",
  "http://", "HTTPS://", "/D/", "/C#", "www.", "luca-app.de", "SMSTO:1922", "000201", "6304",
  "******", "****-**-**", "||", "<<", "|$", "28T5CY4TZ6", "066095001234", "0912345678", "+84",
  "4e67", "c3", "ff", "eda080", "nuwx", "Nguyeenx", "0000", "9999", "1850", "1849", "29022000", "29021900",
];

/** Separators that are swapped for one another. */
const SEPARATORS = ["|", "<", "/", "-", "#", "?", ":", "@", ".", ",", " ", "｜", "\t", "\\"];

const LETTERS = [..."0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Characters that look like another or become it when their case changes. @type {Record<string, string[]>} */
const LOOK_ALIKES = {
  K: ["\u212a", "К"], k: ["\u212a", "κ"], S: ["ſ", "Ѕ"], s: ["ſ"], I: ["İ", "ı"], i: ["İ", "ı"], A: ["Α", "А", "Ａ"], a: ["а", "ª"],
  E: ["Е"], e: ["е"], O: ["Ο", "О"], o: ["о", "º"], D: ["Đ", "Ð"], d: ["đ", "ð"], 0: ["０", "٠"], 1: ["１", "¹"], "|": ["｜", "ǀ"],
  "/": ["／", "⁄"], ":": ["：", "ː"], "-": ["‐", "−"], "'": ["’", "ʼ"], " ": ["\u00a0", "\u2009"], "#": ["＃"], "*": ["＊"],
};

/** Near the limits of graphemes, bytes, identifiers and labels. */
const LENGTHS = [20, 36, 63, 64, 79, 80, 81, 120, 160, 255, 256, 512, 513, 682, 1024];

/** The readers' limit, in bytes. */
const INPUT_BYTES_MAX = 4_296;

/** Chance that is the same on every run. */
export class Dice {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** @returns {number} from 0 up to 1 (mulberry32) */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} count @returns {number} a whole number from 0 up to it */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /** @template T @param {readonly T[]} list not empty @returns {T} */
  oneOf(list) {
    return /** @type {T} */ (list[this.below(list.length)]);
  }

  /**
   * A code point that this runtime's Unicode has assigned, as two readers may know different versions of it. The server's
   * tables are as new as those of the runtimes that the tests run in, or newer.
   */
  character() {
    for (;;) {
      const found = String.fromCodePoint(this.below(this.next() < 0.8 ? 0x3000 : 0x11_0000));
      if (/^[^\p{Surrogate}\p{Unassigned}]$/u.test(found)) return found;
    }
  }

  piece() {
    const kind = this.next();
    if (kind < 0.6) return this.oneOf(PIECES);
    return kind < 0.8 ? this.oneOf(LETTERS) : this.character();
  }
}

/**
 * Ways to disturb a text; `stock` are the known inputs.
 * @type {((text: string, dice: Dice, stock: string[]) => string)[]}
 */
const CHANGES = [
  function replaceSome(text, dice) {
    const characters = [...text];
    characters.splice(dice.below(characters.length + 1), dice.below(3), dice.next() < 0.8 ? dice.piece() : "");
    return characters.join("");
  },
  function cutEnd(text, dice) {
    return [...text].slice(0, dice.below(text.length + 1)).join("");
  },
  function cutBeginning(text, dice) {
    return [...text].slice(dice.below(12)).join("");
  },
  function flipBit(text, dice) {
    const characters = [...text];
    const at = dice.below(characters.length);
    characters[at] = String.fromCodePoint((characters[at]?.codePointAt(0) ?? 0x30) ^ (1 << dice.below(7)));
    return characters.join("");
  },
  function swapSeparators(text, dice) {
    const [from, to] = [dice.oneOf(SEPARATORS), dice.oneOf(SEPARATORS)];
    return dice.next() < 0.5 ? text.replace(from, () => to) : text.replaceAll(from, () => to);
  },
  function disturbFields(text, dice, stock) {
    const separator = dice.next() < 0.8 ? "|" : dice.oneOf(SEPARATORS);
    const fields = text.split(separator);
    const at = dice.below(fields.length);
    const [mine = "", theirs = ""] = [fields[at], dice.oneOf(fields)];
    const foreign = dice.oneOf(dice.oneOf(stock).split("|"));
    // Doubled, dropped, swapped, emptied, taken from another input, or with something at an end.
    const instead = [[mine, mine], [], [theirs], [""], [foreign], ["-"], [` ${mine}\t`], [dice.piece() + mine], [mine + dice.piece()]];
    fields.splice(at, 1, ...dice.oneOf(instead));
    return fields.join(separator);
  },
  function swapNeighbours(text, dice) {
    const characters = [...text];
    const at = dice.below(Math.max(1, characters.length - 1));
    characters.splice(at, 2, characters[at + 1] ?? "", characters[at] ?? "");
    return characters.join("");
  },
  function changeForm(text, dice) {
    return dice.oneOf([text.toUpperCase(), text.toLowerCase(), ...["NFD", "NFC", "NFKD"].map((form) => text.normalize(form))]);
  },
  function markLetters(text, dice) {
    const marks = ["\u0306", "\u0301", "\u0323", "\u031b", "\u0302"];
    return [...text].map((character) => (dice.next() < 0.05 ? character + dice.oneOf(marks) : character)).join("");
  },
  function addEnds(text, dice) {
    const before = dice.oneOf(["", "\r\n", "\0", "\ufeff", " \t", "\u00a0", "\u0085"]);
    return before + text + dice.oneOf(["", "\r\n", "\r\n\0", "\0\0", "\t", "\u2028", "$", "|$"]);
  },
  function useLookAlikes(text, dice) {
    const chance = dice.next() < 0.3 ? 1 : 0.1;
    const alike = (/** @type {string} */ character) => dice.oneOf(LOOK_ALIKES[character] ?? [character]);
    return [...text].map((character) => (dice.next() < chance ? alike(character) : character)).join("");
  },
  function lengthenField(text, dice) {
    const fields = text.split("|");
    const at = dice.below(fields.length);
    const filler = dice.oneOf(["a", "Ê\u0306", "ữ ", "A ", "0", "4e", "\u0306", "한", "🙂", "\u093c"]);
    fields[at] = (fields[at] ?? "") + filler.repeat(dice.oneOf(LENGTHS) + dice.below(3) - 1);
    return fields.join("|");
  },
  function fillToLimit(text, dice) {
    // Seldom, as such texts are long.
    if (dice.next() < 0.7) return text + dice.piece();
    const filler = dice.oneOf(["a", "é", "ữ", "🙂", "|", " ", "a\u0306"]);
    const room = INPUT_BYTES_MAX - Buffer.byteLength(text) + dice.below(9) - 4;
    return text + filler.repeat(Math.max(0, Math.floor(room / Buffer.byteLength(filler)))) + "a".repeat(dice.below(3));
  },
  function changeHost(text, dice) {
    const labels = ["a", "ữ", "é"].map((letter) => `.${letter.repeat(20 + dice.below(46))}.vn`);
    const ends = ["", ".", ":80", ":", "@a.vn", "..", ".đ", ".x", "/", "\\", ":8o", "Σ.vn", ".ΑΣ", ...labels];
    return text.replace(/^(https?:\/\/)?[^/#?|]*/i, (host) => host + dice.oneOf(ends));
  },
  function anything(_, dice) {
    return Array.from({ length: dice.below(14) }, () => dice.piece()).join("");
  },
];

/** How many changes a text gets: mostly one or two, as after more hardly a text looks like a code any longer. */
const COUNTS = [0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4];

/** @param {string[]} stock known inputs @param {Dice} dice @returns {string} one of them, disturbed */
export function disturbed(stock, dice) {
  let text = dice.oneOf(stock);
  for (let left = dice.oneOf(COUNTS); left > 0; left -= 1) text = dice.oneOf(CHANGES)(text, dice, stock);
  // A flipped bit or a change of case can leave half a surrogate pair or a code point not assigned yet.
  return text.replace(/[\p{Surrogate}\p{Unassigned}]/gu, "\ufffd");
}

/** @param {string} text @param {Dice} dice @returns {Buffer} its bytes, up to two of them changed */
export function disturbedBytes(text, dice) {
  const bytes = Buffer.from(text);
  for (let left = dice.below(3); left > 0 && bytes.length > 0; left -= 1) bytes[dice.below(bytes.length)] = dice.below(256);
  return bytes;
}
