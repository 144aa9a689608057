"""The tree against the recursive definitions of RFC 6962, written down here a second time."""

from __future__ import annotations

import hashlib
import random

import pytest

from consent import merkle

# The leaves and roots that Certificate Transparency implementations test with.
LEAVES = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """Full subtrees in a dictionary: what the database table is in production."""

    def __init__(self) -> None:
        self.size = 0
        self.kept: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        return self.kept[level, index]

    def add(self, leaf: bytes) -> None:
        for level, index, found in merkle.grown(self.size, merkle.leaf_hash(leaf), self.node):
            assert (level, index) not in self.kept
            self.kept[level, index] = found
        self.size += 1


def tree_of(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = max(2**k for k in range(12) if 2**k < len(leaves))
    return hashlib.sha256(b"\x01" + defined(leaves[:split]) + defined(leaves[split:])).digest()


def numbered(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


def test_the_roots_are_the_known_ones() -> None:
    for size in range(1, len(LEAVES) + 1):
        tree = tree_of(LEAVES[:size])

        assert merkle.root(size, tree.node).hex() == ROOTS[size - 1]
    assert merkle.root(0, Tree().node) == hashlib.sha256(b"").digest()


def test_a_root_of_every_size_follows_from_one_table() -> None:
    leaves = numbered(70)
    tree = tree_of(leaves)

    for size in range(71):
        assert merkle.root(size, tree.node) == defined(leaves[:size])


def test_every_leaf_of_every_tree_has_a_proof_and_no_other_place() -> None:
    leaves = numbered(33)
    tree = tree_of(leaves)
    for size in range(1, 34):
        top = merkle.root(size, tree.node)
        for index in range(size):
            path = merkle.inclusion(index, size, tree.node)
            leaf = merkle.leaf_hash(leaves[index])

            assert merkle.includes(leaf, index, size, path, top)
            assert merkle.path_length(index, size) == len(path)
            for other in range(size + 1):
                assert merkle.includes(leaf, other, size, path, top) == (other == index)


def test_every_tree_is_the_beginning_of_every_later_one() -> None:
    leaves = numbered(33)
    tree = tree_of(leaves)
    tops = [merkle.root(size, tree.node) for size in range(34)]
    for size in range(1, 34):
        for old in range(1, size + 1):
            proof = merkle.consistency(old, size, tree.node)

            assert merkle.extends(old, tops[old], size, tops[size], proof)
            if old < size:
                assert not merkle.extends(old, tops[size], size, tops[size], proof)
                assert not merkle.extends(old, tops[old], size, tops[old], proof)
    assert merkle.extends(0, tops[0], 5, tops[5], [])
    assert not merkle.extends(0, tops[1], 5, tops[5], [])


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_proof_shows_nothing(seed: int) -> None:
    rng = random.Random(seed)
    tree = tree_of(numbered(50))
    top = merkle.root(50, tree.node)
    for index in range(50):
        leaf = merkle.leaf_hash(b"entry %d" % index)
        path = merkle.inclusion(index, 50, tree.node)
        for broken in _broken(path, rng):
            assert not merkle.includes(leaf, index, 50, broken, top)
    for old in range(1, 50):
        proof = merkle.consistency(old, 50, tree.node)
        for broken in _broken(proof, rng):
            assert not merkle.extends(old, merkle.root(old, tree.node), 50, top, broken)


def _broken(path: list[bytes], rng: random.Random) -> list[list[bytes]]:
    at = rng.randrange(len(path))
    flipped = bytes([path[at][0] ^ 1]) + path[at][1:]
    return [
        [*path[:at], flipped, *path[at + 1 :]],
        [*path[:at], *path[at + 1 :]],
        [*path, rng.randbytes(32)],
    ]


def test_there_is_no_proof_of_what_is_not_there() -> None:
    tree = tree_of(numbered(5))

    for index in (-1, 5):
        with pytest.raises(ValueError, match="no such leaf"):
            merkle.inclusion(index, 5, tree.node)
    for old in (0, 6):
        with pytest.raises(ValueError, match="not a part"):
            merkle.consistency(old, 5, tree.node)
