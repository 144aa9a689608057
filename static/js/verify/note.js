// Checkpoints of the log: C2SP signed-note, tlog-checkpoint and tlog-cosignature (`cosignature/v1`, Ed25519).
//
// Read strictly: three lines and no extensions, each signature line by a key of the keyset, and each of them holds.

import { concat, fromBase64, sha256, toHex, toUtf8 } from "./bytes.js";
import { refuseUnless } from "./errors.js";
import { HASH_BYTES } from "./merkle.js";
import { fromSeconds } from "./time.js";

const DASH = "\u2014 ";
const SIGNATURE = 0x01;
const COSIGNATURE = 0x04;
const NUMBER_BYTES = 4;
const TIME_BYTES = 8;

export const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** The text before and after the first `mark`; null after it where there is none. */
export function partition(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Returns `{size, root, seenAt}`; `seenAt` is the latest cosignature's moment, null without one. */
export async function openCheckpoint(note, log) {
  const [head, signatures] = partition(note, "\n\n");
  const lines = head.split("\n");
  refuseUnless(lines.length === 3 && signatures !== null && signatures.endsWith("\n"), "checkpoint");
  const [origin, size, rootText] = lines;
  refuseUnless(origin === log.origin && NUMBER.test(size), "checkpoint");
  const root = fromBase64(rootText);
  refuseUnless(root.length === HASH_BYTES, "checkpoint");
  const seenAt = await checkSignatures(`${head}\n`, signatures.slice(0, -1).split("\n"), log);
  return { size: BigInt(size), root, seenAt };
}

async function checkSignatures(body, lines, log) {
  const logLine = await signerOf(log.origin, SIGNATURE, log.key);
  const wanted = new Map([[logLine, log.key]]);
  for (const [name, key] of log.cosigners) wanted.set(await signerOf(name, COSIGNATURE, key), key);
  const moments = [];
  for (const line of lines) {
    const [name, encoded] = partition(line.slice(DASH.length), " ");
    refuseUnless(line.startsWith(DASH) && encoded !== null, "checkpoint");
    const data = fromBase64(encoded);
    const signer = `${name} ${toHex(data.slice(0, NUMBER_BYTES))}`;
    const key = wanted.get(signer);
    refuseUnless(key !== undefined, "checkpoint");
    // Taken out, so that nobody signs twice.
    wanted.delete(signer);
    let signature = data.slice(NUMBER_BYTES);
    let message = body;
    if (signer !== logLine) {
      const seconds = BigInt(`0x0${toHex(signature.slice(0, TIME_BYTES))}`);
      moments.push(seconds);
      message = `cosignature/v1\ntime ${seconds}\n${body}`;
      signature = signature.slice(TIME_BYTES);
    }
    refuseUnless(await key.verifies(signature, toUtf8(message)), "checkpoint_sig");
  }
  refuseUnless(!wanted.has(logLine), "checkpoint_sig");
  return moments.length > 0 ? fromSeconds(moments.reduce((left, right) => (right > left ? right : left))) : null;
}

/** Name and key number of a signature line, as this reader compares them. */
async function signerOf(name, kind, key) {
  const digest = await sha256(concat(toUtf8(`${name}\n`), Uint8Array.of(kind), key.raw));
  return `${name} ${toHex(digest.slice(0, NUMBER_BYTES))}`;
}
