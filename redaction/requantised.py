"""The partner's network in eight bits, made once at install: ``python -m redaction.requantised``.

The package brings weights of four bits, which are unpacked anew at each multiplication. Processors multiply eight bits
by themselves, about twice as fast. So each matrix is unpacked, w = (q - zero) · scale (ONNX Runtime's ``MatMulNBits``),
and quantised again with one scale for each of its columns; what it is multiplied with is quantised as it comes. Weights
are then moved from -128 … 127 to 0 … 255, and their zeros with them: the products stay the same, and their sums are
exact also on processors without instructions of their own for that (sums of signed with unsigned bytes overflow there).
Before that the steps of each attention become one, and so do those of each normalisation and activation (the last by
its usual approximation with tanh), which saves an eighth of the time.

All of it is arithmetic of single numbers by pinned libraries, so the file has the same bytes everywhere. Its digest is
in ``weights.toml``; what has another is not kept. The file of four bits is compared with its own digest before.

Needs ``onnx`` (``config/requantise.lock``), which nothing needs when texts are searched; ``make models-full`` brings it
for that long. Exit status: 0 the file is there, 1 it could not be made; the partner then works with four bits.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from redaction import weights
from redaction.errors import DetectionIncompleteError

DONE, FAILED = 0, 1
_MIDDLE: Final = 8  # of four bits: the zero of matrices that name none
_SHIFT: Final = 128
_SIGNED: Final = {"MatMulInteger": (1, 3), "QAttention": (1, 7)}  # which inputs are the weights and their zeros


def main() -> int:
    """Make the file, if it is not there; the exit status is returned."""
    entry = weights.shipped()[weights.PARTNER]
    try:
        folder = weights.model_folder(entry)
        weights.check(folder, entry)
        target = folder / entry.requantised["network"]
        if not target.is_file():
            _make(folder / entry.network, target, entry.requantised["sha256"])
        weights.checked(weights.PARTNER)
    except DetectionIncompleteError as error:
        return _failed(str(error))
    except ImportError as error:
        return _failed(f"{error.name} is not installed")
    except OSError as error:
        return _failed(f"the network cannot be written: {error.strerror}")
    return DONE


def _failed(reason: str) -> int:
    sys.stderr.write(f"python -m redaction.requantised: {reason}\n")
    return FAILED


def _make(source: Path, target: Path, digest: str) -> None:
    """The network of ``source`` in eight bits, at ``target``: whole and with ``digest``, or not at all."""
    onnx: Any = importlib.import_module("onnx")
    optimizer: Any = importlib.import_module("onnxruntime.transformers.optimizer")
    options: Any = importlib.import_module("onnxruntime.transformers.fusion_options").FusionOptions("bert")
    options.enable_embed_layer_norm = False  # the embeddings are quantised in their own way
    options.enable_gelu_approximation = True
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".requantised-") as folder:
        whole, fused, signed, made = (Path(folder, f"{number}.onnx") for number in range(4))
        onnx.save(_whole(onnx, onnx.load(source)), whole)
        joined = optimizer.optimize_model(str(whole), "bert", optimization_options=options, opt_level=0)
        joined.save_model_to_file(str(fused))
        quantization.quantize_dynamic(
            fused,
            signed,
            op_types_to_quantize=["MatMul", "Attention"],
            per_channel=True,
            weight_type=quantization.QuantType.QInt8,
        )
        onnx.save(_unsigned(onnx, onnx.load(signed)), made)
        keep(made, target, digest)


def keep(made: Path, target: Path, digest: str) -> None:
    """Move ``made`` to ``target``.

    Raises:
        DetectionIncompleteError: its bytes are not those of ``digest``; it stays where it is.
    """
    found = hashlib.sha256(made.read_bytes()).hexdigest()
    if found != digest:
        raise DetectionIncompleteError(detail=f"the network in eight bits has the digest {found}")
    made.replace(target)


def _whole(onnx: Any, model: Any) -> Any:
    """``model`` with every matrix of four bits unpacked, and nothing left that was needed for them alone."""
    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            node = _multiplication(onnx, node, constants)
        nodes.append(node)
    used = {name for node in nodes for name in node.input}
    kept = [one for name, one in constants.items() if name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    return model


def _multiplication(onnx: Any, node: Any, constants: dict[str, Any]) -> Any:
    """The plain multiplication in place of ``node``; its matrix is added to ``constants``."""
    given = {one.name: one.i for one in node.attribute}
    packed, scales, *zeros = (onnx.numpy_helper.to_array(constants[name]) for name in _named(node.input[1:]))
    whole = unpacked(packed, scales, zeros[0] if zeros else None, given["K"], given["block_size"])
    name = f"{node.input[1]}_f"
    constants[name] = onnx.numpy_helper.from_array(np.ascontiguousarray(whole.T), name)
    return onnx.helper.make_node("MatMul", [node.input[0], name], node.output, name=node.name)


def _named(names: Any) -> Iterator[str]:
    """Inputs that are left out have no name."""
    return (name for name in names if name)


def _unsigned(onnx: Any, model: Any) -> Any:
    """``model`` with the signed weights of its multiplications moved to unsigned ones."""
    used = {node.input[at] for node in model.graph.node for at in _SIGNED.get(node.op_type, ())}
    for one in model.graph.initializer:
        if one.name in used:
            moved = onnx.numpy_helper.to_array(one).astype(np.int16) + _SHIFT
            one.CopyFrom(onnx.numpy_helper.from_array(moved.astype(np.uint8), one.name))
    return model


def unpacked(
    packed: npt.NDArray[np.uint8],
    scales: npt.NDArray[np.float32],
    zeros: npt.NDArray[np.uint8] | None,
    width: int,
    block: int,
) -> npt.NDArray[np.float32]:
    """A matrix of ``MatMulNBits`` with four bits, as numbers: one row for each output, ``width`` columns.

    ``packed``: rows × blocks × block / 2 bytes, the lower half of each first. ``scales``: one for each block.
    ``zeros``: one for each block, packed likewise; ``None`` for the middle of the range.
    """
    rows = packed.shape[0]
    numbers = np.stack([packed & 15, packed >> 4], axis=-1).reshape(rows, -1, block).astype(np.float32)
    by_block = scales.reshape(rows, -1, 1)
    middle: npt.NDArray[np.float32] = np.full_like(by_block, _MIDDLE)
    if zeros is not None:
        halves = zeros.reshape(rows, -1)
        each = np.stack([halves & 15, halves >> 4], axis=-1).reshape(rows, -1)[:, : by_block.shape[1]]
        middle = each[..., None].astype(np.float32)
    whole: npt.NDArray[np.float32] = ((numbers - middle) * by_block).reshape(rows, -1)[:, :width]
    return whole


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # onnxruntime gives advice that is for networks of another kind
    sys.exit(main())
