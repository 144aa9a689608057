// The steps of the verification, numbered; each reads only what an earlier one has established.

import { sha256Hex, toUtf8 } from "./bytes.js";
import { envelopeOf } from "./envelope.js";
import { Refusal, refuse, refuseUnless } from "./errors.js";
import { checkCanonical, isObject, parse, parseCanonical } from "./json.js";
import { isSameKeyset, openKeyset } from "./keys.js";
import { openCheckpoint } from "./note.js";
import { METHOD, checkPasskey } from "./passkey.js";
import { checkProof, parseProof, splitProof } from "./proof.js";
import { checkDocuments, given, isLive } from "./record.js";
import { openStatement, subjects } from "./statement.js";
import { toMoment } from "./time.js";

const LIMIT = 1024 * 1024;
const CLOCK_SKEW = 5 * 60 * 1000;
const DOCUMENTS = ["record", "rights", "third_party"];
const LOGGED = ["consent", "seal", "release"];

/** 0: reads the bundle and the documents in it: size, UTF-8, strict JSON, schema, canonical bytes and base64. */
async function form(check) {
  refuseUnless(check.raw.length <= LIMIT, "too_large");
  const bundle = parse(check.raw);
  refuseUnless(check.forms["bundle-1"](bundle), "bundle_schema");
  checkCanonical(bundle, check.raw);
  check.bundle = bundle;
  check.documents = new Map();
  check.digests = new Map();
  for (const name of DOCUMENTS) {
    if (bundle.documents[name] === null) continue;
    const text = toUtf8(bundle.documents[name]);
    const document = parseCanonical(text);
    refuseUnless(isObject(document), "record_schema");
    check.documents.set(name, document);
    check.digests.set(name, await sha256Hex(text));
  }
  check.envelopes = new Map();
  for (const name of [...LOGGED, "keyset"]) {
    if (bundle[name] !== null) check.envelopes.set(name, await envelopeOf(bundle[name]));
  }
  if (check.rawRetractions === null) return;
  check.retractionFile = parseCanonical(check.rawRetractions);
  refuseUnless(check.forms["retraction-file-1"](check.retractionFile), "retraction_type");
}

/** 1: the keyset hangs on the pinned root. Of two, the bundle's and the retraction file's, the newer one counts. */
async function keyset(check) {
  const offered = [check.bundle.keyset];
  if (check.retractionFile !== null) offered.push(check.retractionFile.keyset);
  const versions = [];
  for (const one of offered) versions.push(await claimedVersion(one));
  const newest = versions.length > 1 && versions[1] > versions[0] ? offered[1] : offered[0];
  check.keyset = await openKeyset(newest, check.trust, check.forms, check.now);
  for (const other of offered) {
    // An older list may be past its date, but it has to be ours.
    if (!isSameKeyset(other, newest)) await openKeyset(other, check.trust, check.forms, null);
  }
}

async function claimedVersion(untrusted) {
  const said = parse((await envelopeOf(untrusted)).payload);
  return isObject(said) && Number.isInteger(said.version) ? said.version : 0;
}

/** 2: the checkpoint under each statement is the log's own, and says when it was seen at the latest. */
async function checkpoints(check) {
  check.checkpoints = new Map();
  for (const name of LOGGED.filter((one) => check.envelopes.has(one))) {
    const [, note] = splitProof(check.bundle.log[name].proof);
    const checkpoint = await openCheckpoint(note, check.keyset.log);
    refuseUnless(checkpoint.seenAt !== null, "time_untrusted");
    check.checkpoints.set(name, checkpoint);
  }
}

/** 3: opens the seal: payload type, signature by a seal key good at its time, canonical payload. */
async function seal(check) {
  check.seal = await opened(check, "seal");
}

function opened(check, name) {
  const { seenAt } = check.checkpoints.get(name);
  return openStatement(check.envelopes.get(name), name, check.keyset, check.forms, seenAt);
}

/** 4: the seal is about exactly one thing, and that is the file at hand. */
async function file(check) {
  const digests = [...subjects(check.seal).values()];
  refuseUnless(digests.length === 1, "subject");
  refuseUnless(digests[0] === check.fileSha256, "artifact_digest");
}

/** 5: the seal's consent is the one here, and each of its subjects is the document here. */
async function consent(check) {
  const wanted = check.seal.predicate.consent.envelope.sha256;
  refuseUnless(check.envelopes.get("consent").sha256 === wanted, "consent_binding");
  const statement = await opened(check, "consent");
  const named = subjects(statement);
  const signed = new Set(["notice", ...check.documents.keys(), ...evidenceNames(check)]);
  refuseUnless(named.size === signed.size && [...named.keys()].every((name) => signed.has(name)), "consent_binding");
  for (const [name, digest] of named) {
    const text = textOf(check.bundle, name);
    refuseUnless(text !== undefined, "signature_missing");
    refuseUnless((await sha256Hex(toUtf8(text))) === digest, SUBJECT_CODES[name]);
  }
  for (const claim of ["record_id", "submission_id"]) {
    refuseUnless(statement.predicate[claim] === check.documents.get("record")[claim], "consent_binding");
  }
}

function evidenceNames(check) {
  return [...check.documents.keys()].map((name) => `evidence/${name}`);
}

function textOf(bundle, subject) {
  const [folder, name] = subject.split("/");
  return name === undefined ? bundle.documents[folder] : bundle.evidence[name];
}

// Every subject of the consent statement, and the code when the text here is not the one that was signed.
const SUBJECT_CODES = {
  record: "record_digest",
  rights: "statement_digest",
  third_party: "statement_digest",
  notice: "notice_digest",
  "evidence/record": "evidence_digest",
  "evidence/rights": "evidence_digest",
  "evidence/third_party": "evidence_digest",
};

/** 6: the documents have their form and keep their rules; the notice is the one the record names. */
async function record(check) {
  checkDocuments(check.documents, check.digests, check.forms);
  check.record = check.documents.get("record");
  const shown = await sha256Hex(toUtf8(check.bundle.documents.notice));
  refuseUnless(check.record.notice.sha256 === shown, "notice_digest");
}

/** 7: the contributor signed each document: with the passkey it names, or as the evidence it commits to says. */
async function signatures(check) {
  for (const [name, document] of check.documents) {
    const evidence = parseCanonical(toUtf8(check.bundle.evidence[name]));
    refuseUnless(check.forms["evidence-1"](evidence), "signature_missing");
    const { signature } = document;
    const isAboutThis =
      evidence.document === name &&
      evidence.document_sha256 === check.digests.get(name) &&
      evidence.method === signature.method;
    refuseUnless(isAboutThis, "signature_missing");
    if (evidence.method === METHOD) {
      const text = toUtf8(check.bundle.documents[name]);
      await checkPasskey(evidence, name, text, signature.credential_spki_sha256, check.keyset.webauthn);
    } else {
      refuseUnless(evidence.commitment === (signature.evidence_commitment ?? null), "signature_missing");
    }
  }
}

/** 8: the record lists this file by id, redacted digest and commitment; somebody stated the right to share it. */
async function artifact(check) {
  const said = check.seal.predicate;
  refuseUnless(said.consent.record_id === check.record.record_id, "record_binding");
  const isListed = check.record.artifacts.some(
    (one) =>
      one.artifact_id === said.artifact_id &&
      one.redacted_sha256 === check.fileSha256 &&
      one.original_commitment === said.original.commitment,
  );
  refuseUnless(isListed, "artifact_not_consented");
  // A refusal or withdrawal has no declarations (step 6); step 10 refuses it by its state.
  const rights = check.documents.get("rights");
  const hasBasis = rights === undefined || rights.files.some((entry) => entry.artifact_id === said.artifact_id);
  refuseUnless(hasBasis, "rights_basis");
}

/** 9: a purpose or recipient asked for needs a release: of this seal, approved, and not by the contributor. */
async function release(check) {
  if (!check.envelopes.has("release")) {
    refuseUnless(check.purpose === null && check.recipient === null, "not_released");
    return;
  }
  check.release = await opened(check, "release");
  const digests = [...subjects(check.release).values()];
  const said = check.release.predicate;
  const isOfThisSeal =
    digests.length === 1 &&
    digests[0] === check.fileSha256 &&
    said.seal.envelope.sha256 === check.envelopes.get("seal").sha256 &&
    said.artifact_id === check.seal.predicate.artifact_id &&
    said.record_id === check.record.record_id;
  refuseUnless(isOfThisSeal, "seal_binding");
  // Both names of one person end in the same letters.
  const contributor = check.record.pii_principal_id.slice("p_".length);
  const isFair = (one) => one.decision === "approved" && one.reviewer.slice("r_".length) !== contributor;
  refuseUnless(said.review.length > 0 && said.review.every(isFair), "review");
}

/** 10: state, order of times, term, purposes and recipients. */
async function scope(check) {
  refuseUnless(isLive(check.record), "consent_state");
  checkTimes(check);
  refuseUnless(check.now < toMoment(check.record.event.valid_until), "consent_expired");
  const agreed = given(check.record);
  const released = check.release === null ? [...agreed.keys()] : check.release.predicate.purposes;
  refuseUnless(released.every((name) => agreed.has(name)), "purpose_exceeds_consent");
  refuseUnless(check.purpose === null || released.includes(check.purpose), "purpose_not_permitted");
  // Without a purpose the recipient has to be allowed for all of them.
  const asked = check.purpose === null ? released : [check.purpose];
  const isPermitted = check.recipient === null || asked.every((name) => agreed.get(name).has(check.recipient));
  refuseUnless(isPermitted, "recipient_not_permitted");
}

/** What is said to have happened did so in order, and nothing before it was seen in the log, give or take. */
function checkTimes(check) {
  const said = [check.record.event.time, check.seal.predicate.sealed_at];
  if (check.release !== null) said.push(check.release.predicate.released_at);
  const moments = said.map(toMoment);
  const seen = LOGGED.slice(0, said.length).map((name) => check.checkpoints.get(name).seenAt);
  const isRising = (list) => list.every((moment, at) => at === 0 || list[at - 1] <= moment);
  const notAhead = moments.every((moment, at) => moment <= seen[at] + CLOCK_SKEW);
  const inOrder = isRising(moments) && isRising(seen) && seen.at(-1) <= check.now + CLOCK_SKEW;
  refuseUnless(inOrder && notAhead, "time_order");
  refuseUnless(check.release === null || toMoment(check.release.predicate.not_before) <= check.now, "not_yet");
}

/** 11: each statement is a leaf of the tree under its checkpoint. */
async function log(check) {
  for (const [name, checkpoint] of check.checkpoints) {
    const [head] = splitProof(check.bundle.log[name].proof);
    await checkProof(parseProof(head, checkpoint.size), name, check.envelopes.get(name).bytes, checkpoint);
  }
}

/** 12: the list handed in is ours, fresh, not older than the release, and names neither this file nor its record. */
async function retraction(check) {
  if (check.retractionFile === null) return;
  const said = (await openList(check)).predicate;
  const known = check.release === null ? 0 : check.release.predicate.retraction_sequence;
  refuseUnless(said.sequence >= known, "retraction_rollback");
  refuseUnless(check.now < toMoment(said.next_update), "retraction_stale");
  refuseUnless(!said.entries.some((entry) => retracts(entry, check)), "retracted");
  check.retractionSequence = said.sequence;
}

const OF_ANOTHER_TYPE = new Set(["payload_type", "predicate_type", "subject", "malformed"]);

async function openList(check) {
  try {
    const envelope = await envelopeOf(check.retractionFile.list);
    return await openStatement(envelope, "retractions", check.keyset, check.forms);
  } catch (error) {
    if (error instanceof Refusal && OF_ANOTHER_TYPE.has(error.code)) refuse("retraction_type");
    throw error;
  }
}

function retracts(entry, check) {
  const namesFile = entry.artifact_id === check.seal.predicate.artifact_id;
  const namesRecord = entry.artifact_id === null && entry.record_id === check.record.record_id;
  if (!namesFile && !namesRecord) return false;
  // An entry with purposes takes back only those; it counts for whoever asks for one of them or for none.
  return entry.purposes === null || check.purpose === null || entry.purposes.includes(check.purpose);
}

export const STEPS = [
  form,
  keyset,
  checkpoints,
  seal,
  file,
  consent,
  record,
  signatures,
  artifact,
  release,
  scope,
  log,
  retraction,
];
