// The one spelling of a JSON value by RFC 8785, for strings, whole numbers, booleans, null, lists and objects.

import { hasHalfCharacter, toUtf8 } from "./bytes.js";
import { refuseUnless } from "./errors.js";

/** Returns the canonical bytes of what `parse` returned. Refuses half a character, which has no bytes: `json`. */
export function canonical(value) {
  return toUtf8(spelled(value));
}

export function spelled(value) {
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // Without a function `sort` compares UTF-16 units, which is the order that the RFC asks for.
    const members = Object.keys(value).sort().map((key) => `${spelled(key)}:${spelled(value[key])}`);
    return `{${members.join(",")}}`;
  }
  // The RFC spells strings as JSON.stringify does, which writes half a character as an escape.
  if (typeof value === "string") refuseUnless(!hasHalfCharacter(value), "json");
  return JSON.stringify(value);
}
