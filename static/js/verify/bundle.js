// Checks that a contributor agreed to exactly this file, as `python -m consent verify` does and with the same answers.
//
// Written from docs/consent-bundle.md on WebCrypto alone: it asks nobody, and runs in a browser as in Node.

import { Refusal, exitStatus } from "./errors.js";
import { METHOD } from "./passkey.js";
import { given } from "./record.js";
import { compileSchema } from "./schema.js";
import { STEPS } from "./steps.js";
import { toText } from "./time.js";

const REPORT_VERSION = 1;

/**
 * Verifies a bundle. Whatever no rule foresaw is refused as `malformed`, and never thrown.
 *
 * @param {string} fileSha256 hex digest of the file at hand, taken by the caller
 * @param {Uint8Array} bundle the bytes of the .consent.json, untrusted
 * @param {object} asked
 * @param {string} asked.trust hex fingerprint of the root key, from a source the caller trusts
 * @param {object} asked.schemas the JSON of `consent/schema/`, by file name without its ending
 * @param {string|null} asked.purpose id of a purpose that must be permitted
 * @param {string|null} asked.recipient recipient class or party id that must be permitted
 * @param {Uint8Array|null} asked.retractions a published retraction file; without one nothing is said about retraction
 * @param {Date} asked.now the moment to judge by
 * @returns {Promise<object>} what `python -m consent verify --json` prints, but for the sentence
 * @throws {Error} for a schema that this reader does not understand: nothing was verified
 */
export async function verify(
  fileSha256,
  bundle,
  { trust, schemas, purpose = null, recipient = null, retractions = null, now = new Date() },
) {
  const check = {
    fileSha256,
    raw: bundle,
    trust,
    purpose,
    recipient,
    rawRetractions: retractions,
    retractionFile: null,
    retractionSequence: null,
    release: null,
    now: now.getTime(),
    forms: compiled(schemas),
  };
  for (const [number, step] of STEPS.entries()) {
    try {
      await step(check);
    } catch (error) {
      return refusal(error instanceof Refusal ? error.code : "malformed", number, fileSha256);
    }
  }
  return report(check);
}

const compiledBefore = new WeakMap();

function compiled(schemas) {
  if (!compiledBefore.has(schemas)) {
    const forms = Object.entries(schemas).map(([name, schema]) => [name, compileSchema(schema)]);
    compiledBefore.set(schemas, Object.fromEntries(forms));
  }
  return compiledBefore.get(schemas);
}

function refusal(code, step, fileSha256) {
  return {
    schema_version: REPORT_VERSION,
    valid: false,
    exit: exitStatus(code),
    code,
    step,
    sha256: fileSha256,
    retraction: { status: code === "retracted" ? "retracted" : "unknown", sequence: null },
  };
}

function report(check) {
  const agreed = given(check.record);
  const purposes = check.release === null ? [...agreed.keys()] : [...check.release.predicate.purposes];
  const recipients = new Set(purposes.flatMap((name) => [...agreed.get(name)]));
  const { method } = check.record.signature;
  const names = ["consent", "seal", "release"].filter((name) => check.envelopes.has(name));
  return {
    schema_version: REPORT_VERSION,
    valid: true,
    exit: 0,
    code: null,
    step: null,
    stage: check.bundle.stage,
    artifact_id: check.seal.predicate.artifact_id,
    sha256: check.fileSha256,
    record_id: check.record.record_id,
    purposes: purposes.sort(),
    recipients: [...recipients].sort(),
    valid_until: check.record.event.valid_until,
    signed_by: { method, strength: method === METHOD ? "passkey" : "platform_attested" },
    time: {
      value: toText(check.checkpoints.get(names.at(-1)).seenAt),
      source: check.keyset.timePolicy,
    },
    retraction: {
      status: check.retractionFile === null ? "unknown" : "clean",
      sequence: check.retractionSequence,
    },
    keyset_version: check.keyset.version,
    signers: names.map((name) => check.envelopes.get(name).keyid),
  };
}
