"""The model's entities, all tokens of a batch at once: the same network and the same rules as spaCy's own loop.

spaCy reads a text token by token, and asks the last layers of the network anew at each one, through a call of its
matrix library that costs more than the multiplication. While no entity is open, however, its decision about a token
depends on that token alone (the three features of a state are the token, the first and the last word of the open
entity), so here these decisions are one multiplication for all tokens. Only where an entity begins is it followed word
by word, for all beginnings of a batch in step.

The moves are BILUO tags: B and U only outside an entity, I and L with its label inside; B not on the last token, I
neither; none of B and U on a blank. Texts carry no entities or sentence ends before they are read here, so the other
conditions of ``spacy.pipeline._parser_internals.ner`` (spaCy 3.8, MIT) never hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from spacy.attrs import ORTH

from redaction.errors import DetectionIncompleteError

_FEATURES: Final = 3
_PIECES: Final = 2
# Beginnings inside a longer entity are followed in vain. What is longer than this is followed only when it is reached.
_IN_STEP: Final = 16
Floats = npt.NDArray[np.float32]
# An odd number whose multiples spread over 64 bits (Knuth's, from the golden ratio).
_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)
Indexes = npt.NDArray[np.int64]


class _Words:
    """The different words of some documents, as a document to the layers that look at one word at a time.

    ``places``: for each token of the documents, one after the other, the number of its word.
    """

    def __init__(self, vocab: Any, columns: dict[Any, npt.NDArray[np.uint64]], places: Indexes) -> None:
        self.vocab = vocab
        self.places = places
        self._columns = columns

    @classmethod
    def of(cls, docs: Sequence[Any], columns: Sequence[Any]) -> _Words:
        attributes = np.concatenate([doc.to_array(list(columns)) for doc in docs])
        key = np.zeros(len(attributes), dtype=np.uint64)
        for number in range(len(columns)):
            key = key * _MIXER + attributes[:, number]
        _, first, places = np.unique(key, return_index=True, return_inverse=True)
        different = np.ascontiguousarray(attributes[first])
        return cls(docs[0].vocab, {name: different[:, number] for number, name in enumerate(columns)}, places)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def to_array(self, names: Any) -> npt.NDArray[np.uint64]:
        """As spaCy's: a column for one attribute, columns side by side for a list of them."""
        if isinstance(names, (list, tuple)):
            return np.ascontiguousarray(np.stack([self._columns[name] for name in names], axis=1))
        return np.ascontiguousarray(self._columns[names])


class Reader:
    """Reads the entities of spaCy documents through the layers of a loaded ``ner`` pipe.

    Raises (when built):
        DetectionIncompleteError: the pipe is not of the shape this knows.
    """

    def __init__(self, ner: Any) -> None:
        model = ner.model
        moves = [ner.moves.get_class_name(index) for index in range(ner.moves.n_moves)]
        tokens = model.get_ref("tok2vec")
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        shape = lower.get_param("W").shape
        if (
            not model.attrs["has_upper"]
            or model.attrs["unseen_classes"]
            or ner.cfg["beam_width"] != 1
            or (shape[0], shape[2]) != (_FEATURES, _PIECES)
            or [len(part.layers) for part in (tokens, *tokens.layers)] != [3, 2, 0, 0]
            or upper.get_param("W").shape[0] != len(moves)
        ):
            raise DetectionIncompleteError(detail="the language model has another shape than expected")
        self._tokens = tokens
        self._columns: list[Any] = [ORTH]
        for node in self._tokens.walk():
            self._columns += [name for name in node.attrs.get("columns", ()) if name not in self._columns]
        self._upper_layer = upper  # whose operations may be changed later
        # The two pieces of each maximum are laid side by side, so that they are compared as two halves of a row.
        self._features: Floats = np.ascontiguousarray(lower.get_param("W").swapaxes(1, 2)).reshape(
            (_FEATURES, shape[1] * _PIECES, shape[3])
        )
        self._padding: Floats = lower.get_param("pad").swapaxes(2, 3).reshape((_FEATURES, -1))
        self._bias: Floats = lower.get_param("b").T.reshape(-1)
        self._width: int = shape[1]
        weights, bias = upper.get_param("W"), upper.get_param("b")
        outside = [index for index, move in enumerate(moves) if move[0] in "OBU" and move not in ("B-", "U-")]
        self._outside: tuple[Floats, Floats] = (weights[outside], bias[outside])
        self._moves = [moves[index] for index in outside]
        self._begins = np.array([move[0] == "B" for move in self._moves])
        self._out = self._moves.index("O")
        # For each B of ``_moves`` the rows of I and L with its label; the lower row wins a tie, as in spaCy.
        inside = {move: index for index, move in enumerate(moves) if move[0] in "IL"}
        rows = [(inside["I" + move[1:]], inside["L" + move[1:]]) if move[0] == "B" else (0, 0) for move in self._moves]
        self._inside = np.array(rows)
        self._upper: tuple[Floats, Floats] = (weights, bias)

    def __call__(self, docs: Sequence[Any]) -> list[list[tuple[int, int, str]]]:
        """For each document its entities, in order: first token, token after the last, label."""
        lengths = [len(doc) for doc in docs]
        if not sum(lengths):
            return [[] for _ in docs]
        vectors = self._vectors(docs)
        blank = np.concatenate([doc.to_array(["IS_SPACE"]) for doc in docs]).astype(bool)
        ends = np.cumsum(lengths)
        last = np.zeros(len(vectors), dtype=bool)
        last[ends[np.array(lengths) > 0] - 1] = True
        return list(self._entities(vectors, blank, last, ends))

    def _vectors(self, docs: Sequence[Any]) -> Floats:
        """A row for each token. The first layers look at each word by itself, so they are asked once for each of the
        different words; the rest look at its neighbours."""
        context, to_rows, linear = self._tokens.layers
        embed, encode = context.layers
        words = _Words.of(docs, self._columns)
        [rows] = embed.predict([words])
        whole = rows[words.places]
        ends = np.cumsum([len(doc) for doc in docs])[:-1]
        result: Floats = linear.predict(to_rows.predict(encode.predict(np.split(whole, ends))))
        return result

    def _entities(
        self, vectors: Floats, blank: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_], ends: Indexes
    ) -> Iterator[list[tuple[int, int, str]]]:
        token = self._gemm(vectors, self._features[0])
        best = self._best_outside(token, blank, last)
        starts = np.flatnonzero(best != self._out)
        begins = starts[self._begins[best[starts]]]
        until = dict(zip(begins.tolist(), self._follow(vectors, token, last, best, begins, _IN_STEP), strict=True))
        at = 0
        opens = iter(starts.tolist())
        start = next(opens, None)
        for end in ends.tolist():
            offset, found = at, []
            while start is not None and start < end:
                if start >= at:
                    stop = until.get(start, start + 1)
                    if not stop:
                        [stop] = self._follow(vectors, token, last, best, np.array([start]), len(vectors))
                    found.append((start - offset, stop - offset, self._moves[best[start]][2:]))
                    at = stop
                start = next(opens, None)
            at = end
            yield found

    def _best_outside(self, token: Floats, blank: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_]) -> Indexes:
        """The best move for each token while no entity is open, as an index of ``_moves``."""
        state = token + self._padding[1]
        state += self._padding[2]
        state += self._bias
        scores = self._gemm(self._maxout(state), self._outside[0]) + self._outside[1]
        scores[np.ix_(last, self._begins)] = -np.inf
        best: Indexes = scores.argmax(axis=1)
        best[blank] = self._out
        return best

    def _follow(
        self,
        vectors: Floats,
        token: Floats,
        last: npt.NDArray[np.bool_],
        best: Indexes,
        begins: Indexes,
        limit: int,
    ) -> list[int]:
        """For each beginning the token after the end of its entity; 0 where it is longer than ``limit``."""
        until = np.zeros(len(begins), dtype=np.int64)
        active = np.arange(len(begins))
        first = self._gemm(vectors[begins], self._features[1])
        rows = self._inside[best[begins]]
        for step in range(1, limit + 1):
            if not len(active):
                break
            at = begins[active] + step
            before = self._gemm(vectors[at - 1], self._features[2])
            state = self._maxout(token[at] + first[active] + before + self._bias)
            goes_on, closes = (
                np.einsum("ij,ij->i", state, self._upper[0][rows[active, move]]) + self._upper[1][rows[active, move]]
                for move in (0, 1)
            )
            tied = (goes_on == closes) & (rows[active, 0] < rows[active, 1])
            stays = ((goes_on > closes) | tied) & ~last[at]
            until[active[~stays]] = at[~stays] + 1
            active = active[stays]
        result: list[int] = until.tolist()
        return result

    def _gemm(self, left: Floats, right: Floats) -> Floats:
        product: Floats = self._upper_layer.ops.gemm(left, right, trans2=True)
        return product

    def _maxout(self, state: Floats) -> Floats:
        best: Floats = np.maximum(state[:, : self._width], state[:, self._width :])
        return best
