// Proofs that a statement stands in the log: C2SP tlog-proof, whose `extra` line carries the salt of the leaf.

import { concat, fromBase64, sha256, toUtf8 } from "./bytes.js";
import { refuse, refuseUnless } from "./errors.js";
import { HASH_BYTES, includes, leafHash, pathLength } from "./merkle.js";
import { NUMBER, partition } from "./note.js";

const MARK = "c2sp.org/tlog-proof@v1";
const SALT_BYTES = 32;

/** The lines of the proof, and the checkpoint that comes along. */
export function splitProof(text) {
  const [head, checkpoint] = partition(text, "\n\n");
  return [head, checkpoint ?? refuse("log_proof")];
}

/** Reads the lines of a proof for a tree of `size` leaves. */
export function parseProof(head, size) {
  const [mark, extra = "", index = "", ...path] = head.split("\n");
  refuseUnless(mark === MARK && extra.startsWith("extra ") && index.startsWith("index "), "log_proof");
  const salt = fromBase64(extra.slice("extra ".length));
  const hashes = path.map(fromBase64);
  const number = index.slice("index ".length);
  const lengths = salt.length === SALT_BYTES && hashes.every((hash) => hash.length === HASH_BYTES);
  refuseUnless(NUMBER.test(number) && lengths, "log_proof");
  const at = BigInt(number);
  refuseUnless(at < size && hashes.length === pathLength(at, size), "log_proof");
  return { salt, index: at, path: hashes };
}

/** Refuses with `log_inclusion` unless the proof puts a leaf of `kind` about `bytes` into the checkpoint's tree. */
export async function checkProof(proof, kind, bytes, checkpoint) {
  const leaf = concat(toUtf8(`vouchsafe-log/1\n${kind}\n`), await sha256(concat(proof.salt, bytes)));
  const hashed = await leafHash(leaf);
  const isThere = await includes(hashed, proof.index, checkpoint.size, proof.path, checkpoint.root);
  refuseUnless(isThere, "log_inclusion");
}
