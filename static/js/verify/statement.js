// in-toto Statements v1: what is said about a file or a record, and the keys that may say it.

import { refuseUnless } from "./errors.js";
import { openPayload } from "./envelope.js";
import { isObject, parseCanonical } from "./json.js";
import { toMoment } from "./time.js";

const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const HOST = "https://vouchsafe.example";

// What is said → the usage of the key that may say it.
const USAGE = { consent: "consent", seal: "seal", release: "release", retractions: "retraction" };

/**
 * Verifies an envelope, then reads the statement in it: once, and from the verified bytes.
 *
 * The key must have been good at `at`, the time that the log gives; a list of retractions stands outside the log and
 * is judged at the time that it states itself.
 */
export async function openStatement(envelope, kind, keyset, forms, at = null) {
  refuseUnless(envelope.payloadType === PAYLOAD_TYPE, "payload_type");
  const key = keyset.keys.get(envelope.keyid);
  refuseUnless(key !== undefined, "signature");
  await openPayload(envelope, key);
  const statement = parseCanonical(envelope.payload);
  checkForm(statement, kind, forms);
  refuseUnless(key.usages.includes(USAGE[kind]), "signature");
  refuseUnless(key.holdsAt(at ?? toMoment(statement.predicate.issued_at)), "signature");
  return statement;
}

function checkForm(statement, kind, forms) {
  refuseUnless(isObject(statement) && statement._type === STATEMENT_TYPE, "predicate_type");
  refuseUnless(statement.predicateType === `${HOST}/${kind}/v1`, "predicate_type");
  refuseUnless(forms["statement-1"](statement), "subject");
  refuseUnless(subjects(statement).size === statement.subject.length, "subject");
  refuseUnless(forms[`${kind}-1`](statement.predicate), "malformed");
}

/** Name → hex SHA-256 of a checked statement. */
export function subjects(statement) {
  return new Map(statement.subject.map(({ name, digest }) => [name, digest.sha256]));
}
