// What the browser and the server say to each other about passkeys: bytes as base64url, errors as sentences.

export function isSupported() {
  return window.isSecureContext && Boolean(window.PublicKeyCredential && navigator.credentials);
}

export function toBytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

export function toText(buffer) {
  const raw = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(descriptors) {
  return (descriptors ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
}

function answer(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

// Make a passkey; gives what the server stores.
export async function create(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: toBytes(options.publicKey.challenge),
    user: { ...options.publicKey.user, id: toBytes(options.publicKey.user.id) },
    excludeCredentials: withBytes(options.publicKey.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return answer(credential, {
    attestationObject: toText(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

// Use a passkey; gives the assertion that the server checks.
export async function get(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: toBytes(options.publicKey.challenge),
    allowCredentials: withBytes(options.publicKey.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = credential.response;
  return answer(credential, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

// Browsers do not tell a person who cancelled from one who waited too long; the clock does.
export function sentence(error, { startedAt, timeout }) {
  const isLate = Date.now() - startedAt >= timeout;
  const sentences = {
    NotAllowedError: isLate
      ? "Your passkey was not used in time."
      : "You cancelled, or there is no matching passkey on this device.",
    AbortError: "It was stopped before your passkey answered.",
    InvalidStateError: "This device has a passkey for your account already. You need no second one on it.",
    SecurityError: "Passkeys of this site do not work at this address. Open the site at its usual address.",
    NotSupportedError: "Your device cannot make the kind of passkey that is needed here.",
  };
  return sentences[error.name] ?? "Your browser could not use the passkey.";
}
