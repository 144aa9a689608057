// DSSE 1.0.2: a payload, its type, and one signature over both (github.com/secure-systems-lab/dsse).

import { concat, fromBase64, sha256Hex, toUtf8 } from "./bytes.js";
import { canonical } from "./canonical.js";
import { refuseUnless } from "./errors.js";

/** Reads an envelope whose form was checked. `sha256` is the digest by which other statements name it. */
export async function envelopeOf(data) {
  const [{ keyid, sig }] = data.signatures;
  const bytes = canonical(data);
  return {
    payloadType: data.payloadType,
    payload: fromBase64(data.payload),
    keyid,
    signature: fromBase64(sig),
    bytes,
    sha256: await sha256Hex(bytes),
  };
}

/** Refuses with `signature` unless `key` made the envelope's. */
export async function openPayload(envelope, key) {
  const type = toUtf8(envelope.payloadType);
  const lengths = [type.length, envelope.payload.length];
  const signed = concat(
    toUtf8(`DSSEv1 ${lengths[0]} `),
    type,
    toUtf8(` ${lengths[1]} `),
    envelope.payload,
  );
  refuseUnless(await key.verifies(envelope.signature, signed), "signature");
}
