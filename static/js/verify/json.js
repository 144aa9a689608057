// Strict JSON (RFC 8259): what two readers could read in two ways is refused, not repaired.
//
// `parse` and `parseCanonical` refuse with `json`, `dup_key`, `number` and `not_canonical`, whichever comes first in
// the text. Objects come without a prototype, so that no key means anything to JavaScript.

import { canonical } from "./canonical.js";
import { fromUtf8, same } from "./bytes.js";
import { refuse, refuseUnless } from "./errors.js";

// Documents here are nine levels deep at most; far beyond that a reader may run out of its stack.
const DEEPEST = 900;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = [["null", null], ["true", true], ["false", false]];
const NO_NUMBERS = ["NaN", "Infinity", "-Infinity"];

class Reader {
  /** `loose`: keys may repeat, the last one counting, and numbers may be anything. */
  constructor(text, loose) {
    this.text = text;
    this.loose = loose;
    this.at = 0;
    this.depth = 0;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found === null ? null : found[0];
  }

  takes(word) {
    const there = this.text.startsWith(word, this.at);
    if (there) this.at += word.length;
    return there;
  }

  expect(word) {
    refuseUnless(this.takes(word), "json");
  }

  whole() {
    this.match(SPACE);
    const value = this.value();
    this.match(SPACE);
    refuseUnless(this.at === this.text.length, "json");
    return value;
  }

  value() {
    if (this.takes("{")) return this.nested(() => this.object());
    if (this.takes("[")) return this.nested(() => this.list());
    if (this.takes('"')) return this.string();
    for (const [word, value] of WORDS) if (this.takes(word)) return value;
    for (const word of NO_NUMBERS) if (this.takes(word)) return this.loose ? Number(word) : refuse("number");
    return this.number();
  }

  nested(read) {
    this.depth += 1;
    refuseUnless(this.depth <= DEEPEST, "json");
    const value = read();
    this.depth -= 1;
    return value;
  }

  number() {
    const text = this.match(NUMBER);
    refuseUnless(text !== null, "json");
    const value = Number(text);
    if (!this.loose) refuseUnless(/^-?[0-9]+$/.test(text) && Number.isSafeInteger(value), "number");
    return value === 0 ? 0 : value;
  }

  object() {
    const found = Object.create(null);
    let repeated = false;
    this.match(SPACE);
    if (this.takes("}")) return found;
    do {
      this.match(SPACE);
      this.expect('"');
      const key = this.string();
      repeated ||= key in found;
      this.match(SPACE);
      this.expect(":");
      this.match(SPACE);
      found[key] = this.value();
      this.match(SPACE);
    } while (this.takes(","));
    this.expect("}");
    refuseUnless(this.loose || !repeated, "dup_key");
    return found;
  }

  list() {
    const found = [];
    this.match(SPACE);
    if (this.takes("]")) return found;
    do {
      this.match(SPACE);
      found.push(this.value());
      this.match(SPACE);
    } while (this.takes(","));
    this.expect("]");
    return found;
  }

  string() {
    let text = "";
    for (;;) {
      text += this.match(PLAIN);
      if (this.takes('"')) return text;
      this.expect("\\");
      text += this.escape();
    }
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter === "u") return String.fromCharCode(Number.parseInt(this.match(FOUR_HEX) ?? refuse("json"), 16));
    return Object.hasOwn(ESCAPES, letter ?? "") ? ESCAPES[letter] : refuse("json");
  }
}

function read(bytes, loose) {
  let text;
  try {
    text = fromUtf8(bytes);
  } catch {
    refuse("json");
  }
  return new Reader(text, loose).whole();
}

/** Reads strict JSON: UTF-8, no key twice, whole numbers between -2^53 and 2^53 only. */
export function parse(bytes) {
  return read(bytes, false);
}

/** Reads JSON that a browser wrote, such as a passkey's client data: it is compared, never signed again. */
export function parseLoosely(bytes) {
  return read(bytes, true);
}

/** Refuses with `not_canonical` unless `bytes`, from which `value` was read, are its one spelling. */
export function checkCanonical(value, bytes) {
  refuseUnless(same(canonical(value), bytes), "not_canonical");
}

export function parseCanonical(bytes) {
  const value = parse(bytes);
  checkCanonical(value, bytes);
  return value;
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
