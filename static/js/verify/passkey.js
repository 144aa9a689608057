// A contributor's passkey signature over one document (WebAuthn Level 3, section 7.2), from the document's bytes alone.

import { concat, fromBase64, same, sha256, sha256Hex, toBase64Url, toUtf8 } from "./bytes.js";
import { Refusal, refuse, refuseUnless } from "./errors.js";
import { isObject, parseLoosely } from "./json.js";
import { loadKey } from "./keys.js";

export const METHOD = "webauthn";

const DOMAINS = {
  record: "vouchsafe-consent/1",
  rights: "vouchsafe-rights/1",
  third_party: "vouchsafe-third-party/1",
};
const HASH_BYTES = 32;
const DATA_BYTES = 37; // the hash of the site's id, flags, counter; extensions may follow
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** The 32 bytes that the authenticator is asked to sign for a document of `kind`. */
export function challenge(kind, document) {
  return sha256(concat(toUtf8(DOMAINS[kind]), Uint8Array.of(0), document));
}

/** Checks the signature in `evidence` over `document`; `credential` is the key's digest, as the document names it. */
export async function checkPasskey(evidence, kind, document, credential, site) {
  const spki = fromBase64(evidence.spki);
  refuseUnless((await sha256Hex(spki)) === credential, "webauthn_credential");
  const clientData = fromBase64(evidence.client_data);
  const data = fromBase64(evidence.authenticator_data);
  checkClient(clientData, toBase64Url(await challenge(kind, document)), site);
  await checkAuthenticator(data, site);
  const key = await loadKey(spki, "webauthn_credential");
  const signed = concat(data, await sha256(clientData));
  refuseUnless(await key.verifies(fromBase64(evidence.signature), signed), "webauthn_signature");
}

/** The browser was asked for an assertion, by a page of the site, over this challenge. */
function checkClient(clientData, wanted, site) {
  let said;
  try {
    said = parseLoosely(clientData);
  } catch (error) {
    if (error instanceof Refusal) refuse("webauthn");
    throw error;
  }
  refuseUnless(isObject(said) && said.type === "webauthn.get", "webauthn");
  const isOwnPage = !("crossOrigin" in said) || said.crossOrigin === false;
  refuseUnless(site.origins.includes(said.origin) && isOwnPage, "webauthn");
  refuseUnless(said.challenge === wanted, "webauthn_challenge");
}

/** The authenticator was asked for this site, and the person was there and was verified. */
async function checkAuthenticator(data, site) {
  refuseUnless(data.length >= DATA_BYTES, "webauthn");
  refuseUnless(same(data.slice(0, HASH_BYTES), await sha256(toUtf8(site.rpId))), "webauthn");
  const flags = data[HASH_BYTES];
  refuseUnless((flags & USER_PRESENT) !== 0 && (flags & USER_VERIFIED) !== 0, "webauthn");
}
