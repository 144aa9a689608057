// Bytes and the texts they are written as: UTF-8, hexadecimal, and base64 in its one canonical spelling.

import { refuse } from "./errors.js";

const encoder = new TextEncoder();
// A mark at the beginning is no part of JSON, so it is kept for the parser to refuse.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// With this flag a pair of surrogates is one character, so only a half that stands alone is found.
const HALF_CHARACTER = /\p{Surrogate}/u;

export function toUtf8(text) {
  return encoder.encode(text);
}

/** Throws TypeError for bytes that are not UTF-8. */
export function fromUtf8(bytes) {
  return decoder.decode(bytes);
}

/** Whether a text holds half a character, for which UTF-8 has no bytes. */
export function hasHalfCharacter(text) {
  return HALF_CHARACTER.test(text);
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function same(left, right) {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function sha256Hex(bytes) {
  return toHex(await sha256(bytes));
}

/** Decodes standard base64 (RFC 4648, section 4). Refuses every spelling but the canonical one: `encoding`. */
export function fromBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    refuse("encoding");
  }
  // `atob` passes over spaces, missing padding and spare bits; what it read is written again and compared.
  if (btoa(binary) !== text) refuse("encoding");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Base64 for addresses (RFC 4648, section 5) without padding. */
export function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
