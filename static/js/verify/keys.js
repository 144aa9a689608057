// Public keys: what they are called, what they verify, and the list of them that a pinned root vouches for.
//
// A key's id is the SHA-256 of its SubjectPublicKeyInfo. Two kinds are accepted, each in one spelling: ECDSA P-256
// with its point written in full, and Ed25519.

import { fromBase64, fromHex, same, sha256Hex, toHex } from "./bytes.js";
import { openPayload, envelopeOf } from "./envelope.js";
import { refuseUnless } from "./errors.js";
import { canonical } from "./canonical.js";
import { parseCanonical } from "./json.js";
import { toMoment } from "./time.js";

const PAYLOAD_TYPE = "application/vnd.vouchsafe.keyset+json";
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const P256_SPKI = fromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
const ED25519_SPKI = fromHex("302a300506032b6570032100");
const HALF = 32;
const INTEGER = 0x02;
const SEQUENCE = 0x30;

/** Loads a SubjectPublicKeyInfo; `code` is the refusal of everything but the two kinds. */
export async function loadKey(spki, code) {
  if (begins(spki, P256_SPKI, 2 * HALF)) return new EllipticKey(await imported(spki, P256, code));
  refuseUnless(begins(spki, ED25519_SPKI, HALF), code);
  return new EdwardsKey(await imported(spki, "Ed25519", code), spki.slice(ED25519_SPKI.length));
}

function begins(spki, prefix, rest) {
  return spki.length === prefix.length + rest && same(spki.slice(0, prefix.length), prefix);
}

async function imported(spki, algorithm, code) {
  try {
    return await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
  } catch (error) {
    // The numbers are no point of the curve. Everything else, such as a browser without Ed25519, is not the key's fault.
    refuseUnless(error.name !== "DataError", code);
    throw error;
  }
}

class EllipticKey {
  constructor(key) {
    this.key = key;
  }

  async verifies(signature, data) {
    const raw = rawSignature(signature);
    return raw !== null && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, this.key, raw, data);
  }
}

class EdwardsKey {
  constructor(key, raw) {
    this.key = key;
    this.raw = raw;
  }

  async verifies(signature, data) {
    return signature.length === 2 * HALF && crypto.subtle.verify("Ed25519", this.key, signature, data);
  }
}

/** From SEQUENCE { INTEGER r, INTEGER s } in strict DER to the 64 bytes that WebCrypto wants; null for all else. */
function rawSignature(der) {
  if (der.length < 2 || der[0] !== SEQUENCE || der[1] !== der.length - 2 || der[1] > 127) return null;
  const raw = new Uint8Array(2 * HALF);
  let at = 2;
  for (const end of [HALF, 2 * HALF]) {
    const length = der[at + 1];
    const number = der.slice(at + 2, at + 2 + length);
    if (der[at] !== INTEGER || !length || number.length !== length || !isShortest(number)) return null;
    const digits = number[0] === 0 ? number.slice(1) : number;
    if (digits.length > HALF) return null;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
}

/** Neither negative, nor with a zero in front that nothing needs. */
function isShortest(number) {
  return number[0] < 0x80 && (number[0] !== 0 || number[1] >= 0x80);
}

/** Opens a keyset against the pinned root, and judges its age at `now` unless that is null. */
export async function openKeyset(untrusted, trust, forms, now) {
  const keyset = await opened(untrusted, trust.toLowerCase(), forms);
  refuseUnless(now === null || now < keyset.expires, "keyset_expired");
  return keyset;
}

async function opened(untrusted, trust, forms) {
  const envelope = await envelopeOf(untrusted);
  refuseUnless(envelope.payloadType === PAYLOAD_TYPE, "payload_type");
  // The list names its own root, so it is read before it is trusted; the pin decides, then the signature.
  const said = parseCanonical(envelope.payload);
  refuseUnless(forms["keyset-1"](said), "keyset");
  const rootSpki = fromBase64(said.root_spki);
  const fingerprint = await sha256Hex(rootSpki);
  refuseUnless(fingerprint === trust, "keyset");
  const root = await edwardsKey(rootSpki);
  refuseUnless(envelope.keyid === fingerprint, "signature");
  await openPayload(envelope, root);
  const keys = new Map();
  for (const entry of said.keys) {
    const key = await readKey(entry);
    keys.set(entry.keyid, key);
  }
  refuseUnless(keys.size === said.keys.length, "keyset");
  return {
    version: said.version,
    expires: toMoment(said.expires),
    keys,
    log: await readLog(said.log),
    webauthn: { rpId: said.webauthn.rp_id, origins: said.webauthn.origins },
    timePolicy: said.time_policy,
  };
}

async function readKey(entry) {
  const spki = fromBase64(entry.spki);
  refuseUnless((await sha256Hex(spki)) === entry.keyid, "keyset");
  const key = await loadKey(spki, "key_type");
  refuseUnless(key instanceof EllipticKey, "key_type");
  const revokedAt = "revoked_at" in entry ? toMoment(entry.revoked_at) : Infinity;
  const notBefore = toMoment(entry.not_before);
  const notAfter = toMoment(entry.not_after);
  return {
    usages: entry.usage,
    verifies: (signature, data) => key.verifies(signature, data),
    // Rotation breaks no old signature.
    holdsAt: (moment) => notBefore <= moment && moment < Math.min(notAfter, revokedAt),
  };
}

async function readLog(entry) {
  const cosigners = new Map();
  for (const { name, spki } of entry.cosigners) cosigners.set(name, await edwardsKey(fromBase64(spki)));
  const key = await edwardsKey(fromBase64(entry.spki));
  // Cosigned messages do not say by whom, so two names may not share a key.
  const raw = new Set([key, ...cosigners.values()].map((one) => toHex(one.raw)));
  refuseUnless(cosigners.size === entry.cosigners.length && raw.size === cosigners.size + 1, "keyset");
  return { origin: entry.origin, key, cosigners };
}

async function edwardsKey(spki) {
  const key = await loadKey(spki, "key_type");
  refuseUnless(key instanceof EdwardsKey, "key_type");
  return key;
}

/** Whether two keysets as JSON are one and the same. */
export function isSameKeyset(left, right) {
  return same(canonical(left), canonical(right));
}
