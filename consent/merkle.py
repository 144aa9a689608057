"""The Merkle tree of RFC 6962: what one hash says about a list that only grows.

Leaves and nodes are hashed under different prefixes, so neither passes for the other. A tree is written down as its
*full* subtrees: level 0 holds the leaf hashes, and node ``i`` of level ``l`` is the root of the ``2**l`` leaves from
``i * 2**l`` on. Full subtrees never change, so adding a leaf writes each new one once, and everything else (roots,
proofs) is put together from a logarithmic number of them.

Hashes are 32 bytes. Sources: RFC 6962 section 2.1; the two ways to check a proof are those of RFC 9162, 2.1.3.2 and
2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

# (level, index) of a full subtree → its root.
Nodes = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(size: int, leaf: bytes, nodes: Nodes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (level, index, hash) of every full subtree that a leaf hash completes in a tree of ``size`` leaves."""
    level, index, top = 0, size, leaf
    yield level, index, top
    while index % 2:
        top = node_hash(nodes(level, index - 1), top)
        level, index = level + 1, index // 2
        yield level, index, top


def root(size: int, nodes: Nodes) -> bytes:
    """Return the hash of the tree of the first ``size`` leaves."""
    return _range(0, size, nodes) if size else EMPTY


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return the audit path of leaf ``index``: siblings from the leaf up. Raises ValueError for an index outside."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    return _path(index, 0, size, nodes)


def _path(index: int, start: int, size: int, nodes: Nodes) -> list[bytes]:
    if size == 1:
        return []
    split = _split(size)
    if index < split:
        return [*_path(index, start, split, nodes), _range(start + split, size - split, nodes)]
    return [*_path(index - split, start + split, size - split, nodes), _range(start, split, nodes)]


def consistency(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return what shows that the tree of ``old`` leaves is the beginning of that of ``size``.

    Raises:
        ValueError: ``old`` is not between 1 and ``size``.
    """
    if not 1 <= old <= size:
        raise ValueError("the older tree is not a part of the newer")
    return _sub_proof(old, 0, size, nodes, whole=True)


def _sub_proof(old: int, start: int, size: int, nodes: Nodes, *, whole: bool) -> list[bytes]:
    if old == size:
        return [] if whole else [_range(start, size, nodes)]
    split = _split(size)
    if old <= split:
        return [*_sub_proof(old, start, split, nodes, whole=whole), _range(start + split, size - split, nodes)]
    right = _sub_proof(old - split, start + split, size - split, nodes, whole=False)
    return [*right, _range(start, split, nodes)]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _range(start: int, size: int, nodes: Nodes) -> bytes:
    """The hash of ``size`` leaves from ``start`` on, of a subtree that RFC 6962 splits off."""
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    split = _split(size)
    return node_hash(_range(start, split, nodes), _range(start + split, size - split, nodes))


def path_length(index: int, size: int) -> int:
    """Return how many hashes the audit path of leaf ``index`` in a tree of ``size`` has."""
    at, last, length = index, size - 1, 0
    while last:
        length += bool(at % 2 or at < last)
        at, last = at // 2, last // 2
    return length


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], top: bytes) -> bool:
    """Say whether ``path`` puts leaf hash ``leaf`` at ``index`` of the tree of ``size`` leaves with root ``top``."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node_hash(sibling, found)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            found = node_hash(found, sibling)
        at, last = at // 2, last // 2
    return last == 0 and found == top


def extends(old: int, old_top: bytes, size: int, top: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether ``proof`` shows that the tree (``old``, ``old_top``) is the beginning of (``size``, ``top``).

    Every tree extends the empty one, without a proof.
    """
    if old == 0 or old == size:
        return old_top == (EMPTY if old == 0 else top) and not proof
    if not 0 < old < size or not proof:
        return False
    path = [old_top, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, size - 1
    while at % 2:
        at, last = at // 2, last // 2
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            after = node_hash(after, sibling)
        at, last = at // 2, last // 2
    return last == 0 and before == old_top and after == top
