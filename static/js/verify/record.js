// What the schemas cannot say about the three documents of one decision: the rules between their members.

import { refuseUnless } from "./errors.js";
import { toMoment } from "./time.js";

const LIVE_STATES = ["given", "renewed"];
const SIGNED_IN = "signed-in";
const SPECIAL_CATEGORY_BASIS = "https://w3id.org/dpv/legal/eu/gdpr#A9-2-a";
const FORMS = { record: "consent-record-1", rights: "rights-declaration-1", third_party: "third-party-1" };

export function isLive(record) {
  return LIVE_STATES.includes(record.event.state);
}

/** Purpose → the recipient classes and parties it was given for. */
export function given(record) {
  const agreed = record.purposes.filter((purpose) => purpose.decision === "given");
  return new Map(agreed.map((purpose) => [purpose.purpose_id, new Set(purpose.recipients.flatMap(namesOf))]));
}

function namesOf(recipient) {
  return [recipient.class, ...recipient.party_ids];
}

/** Checks form and rules of the documents (name → JSON) whose digests (name → hex) are handed in. */
export function checkDocuments(documents, digests, forms) {
  for (const [name, document] of documents) refuseUnless(forms[FORMS[name]](document), "record_schema");
  const record = documents.get("record");
  for (const name of ["rights", "third_party"]) {
    refuseUnless(record[`${name}_sha256`] === (digests.get(name) ?? null), "statement_digest");
  }
  refuseUnless(keepsRules(record) && declarationsKeepRules(record, documents), "record_rules");
}

function keepsRules(record) {
  // First, and always: a date that does not exist is refused by another code.
  const timesFit = keepsOrder(record);
  const state = record.event.state;
  const isAgreed = given(record).size > 0;
  return (
    timesFit &&
    idsAreUnique(record) &&
    partiesAreKnown(record) &&
    // Only a refusal or a withdrawal may be signed by being signed in.
    (record.signature.method !== SIGNED_IN || ["withdrawn", "refused"].includes(state)) &&
    (record.withdraws !== null) === (state === "withdrawn") &&
    (record.previous_event_sha256 !== null) === ["withdrawn", "renewed"].includes(state) &&
    (record.rights_sha256 !== null) === isLive(record) &&
    (record.comprehension !== null) === isLive(record) &&
    (record.third_party_sha256 !== null) === isLive(record) &&
    payFits(record) &&
    specialCategoriesFit(record) &&
    (!isLive(record) || isAgreed) &&
    (state !== "refused" || !isAgreed)
  );
}

/** The notice came before the decision, and the decision before its end. */
function keepsOrder(record) {
  const shown = toMoment(record.notice.shown_at);
  const decided = toMoment(record.event.time);
  return shown <= decided && decided < toMoment(record.event.valid_until);
}

function areUnique(list) {
  return new Set(list).size === list.length;
}

function idsAreUnique(record) {
  return (
    areUnique(record.purposes.map((purpose) => purpose.purpose_id)) &&
    areUnique(record.parties.map((party) => party.party_id)) &&
    areUnique(record.artifacts.map((artifact) => artifact.artifact_id))
  );
}

function partiesAreKnown(record) {
  const known = new Set(record.parties.map((party) => party.party_id));
  const recipients = record.purposes.flatMap((purpose) => purpose.recipients);
  const named = [...record.controllers, record.authority_party, ...recipients.flatMap((one) => one.party_ids)];
  return named.every((id) => known.has(id));
}

/** Pay depends on exactly the purposes that say so. */
function payFits(record) {
  const required = record.purposes.filter((purpose) => purpose.required_for_payment).map((one) => one.purpose_id);
  const named = record.compensation.conditional_on;
  return areUnique(named) && named.length === new Set(required).size && required.every((id) => named.includes(id));
}

/** Special categories need explicit consent. */
function specialCategoriesFit(record) {
  const isSpecial = record.pii_information.some((item) => item.special_category);
  const agreed = record.purposes.filter((purpose) => purpose.decision === "given");
  return !isSpecial || agreed.every((purpose) => purpose.lawful_basis.includes(SPECIAL_CATEGORY_BASIS));
}

function declarationsKeepRules(record, documents) {
  const declarations = ["rights", "third_party"].filter((name) => documents.has(name)).map((name) => documents.get(name));
  // Read first, all of them: a date that does not exist is refused by another code.
  declarations.forEach((declaration) => toMoment(declaration.time));
  const aboutThis = declarations.every((one) => one.submission_id === record.submission_id);
  const areSigned = declarations.every((one) => one.signature.method !== SIGNED_IN);
  const files = documents.get("rights")?.files ?? [];
  return aboutThis && areSigned && areUnique(files.map((file) => file.artifact_id));
}
