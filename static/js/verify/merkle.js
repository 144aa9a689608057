// Inclusion in the Merkle tree of RFC 6962, checked as RFC 9162, section 2.1.3.2 says. Sizes are BigInt.

import { concat, same, sha256 } from "./bytes.js";

export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(leaf) {
  return sha256(concat(LEAF, leaf));
}

function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

const isOdd = (number) => number % 2n === 1n;

/** How many hashes the audit path of leaf `index` in a tree of `size` has. */
export function pathLength(index, size) {
  let length = 0;
  for (let [at, last] = [index, size - 1n]; last > 0n; at /= 2n, last /= 2n) {
    if (isOdd(at) || at < last) length += 1;
  }
  return length;
}

/** Whether `path` puts the leaf hash at `index` of the tree of `size` leaves with root `top`. */
export async function includes(leaf, index, size, path, top) {
  if (index < 0n || index >= size) return false;
  let [at, last, found] = [index, size - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (isOdd(at) || at === last) {
      found = await nodeHash(sibling, found);
      while (at !== 0n && !isOdd(at)) [at, last] = [at / 2n, last / 2n];
    } else {
      found = await nodeHash(found, sibling);
    }
    [at, last] = [at / 2n, last / 2n];
  }
  return last === 0n && same(found, top);
}
