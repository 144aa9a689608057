"""Takes single checks out of the verifier, one at a time, in the running process.

A check is a call of ``_refuse_unless``, an ``if`` that does nothing but raise ``FormatError``, each operand of their
conditions, and each rule of a record. A function without its check is compiled from its own source and put in the
place of the real one by exchanging its code; leaving the context puts the real one back.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from consent import envelope, keys, log, merkle, passkey, record, statement, steps

MODULES: tuple[ModuleType, ...] = (steps, keys, statement, envelope, log, merkle, passkey, record)

# What only a signer calls.
_SIGNERS = {"leaf", "build", "sign", "canonical", "inclusion", "consistency", "to_text"}


@dataclass(frozen=True)
class Site:
    """One check: its module, function, line, and what is left out there."""

    module: ModuleType
    function: str
    line: int
    part: str
    index: int

    def __str__(self) -> str:
        return f"{self.module.__name__.removeprefix('consent.')}.{self.function}:{self.line} {self.part}"


def sites() -> list[Site]:
    """Every check of the verifier."""
    return [site for module in MODULES for site in _sites(module)]


@contextlib.contextmanager
def removed(site: Site) -> Iterator[None]:
    """Run without one check."""
    function = _function(site)
    real = function.__code__
    function.__code__ = _compiled(site)
    try:
        yield
    finally:
        function.__code__ = real


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{node.name}.")


def _sites(module: ModuleType) -> Iterator[Site]:
    for name, function in _functions(_tree(module)):
        if name.rpartition(".")[2] not in _SIGNERS:
            for index, (line, part, _) in enumerate(_edits(function)):
                yield Site(module, name, line, part, index)


Edit = tuple[int, str, Callable[[], None]]


def _edits(function: ast.FunctionDef) -> list[Edit]:
    """Line, description and the change itself of every check in a function, always in the same order."""
    found: list[Edit] = []
    for parent in ast.walk(function):
        for _, body in ast.iter_fields(parent):
            if not isinstance(body, list):
                continue
            for place, node in enumerate(body):
                if isinstance(node, ast.stmt):
                    found += _in_statement(body, place, node)
    if function.name == "record_rules":
        (rules,) = (node for node in ast.walk(function) if isinstance(node, ast.Dict))
        for place, key in enumerate(rules.keys):
            found.append((rules.lineno, ast.unparse(key or rules), _setter(rules.values, place, ast.Constant(True))))
    return found


def _in_statement(body: list[Any], place: int, node: ast.stmt) -> Iterator[Edit]:
    if _is_refusal(node):
        assert isinstance(node, ast.Expr)
        assert isinstance(node.value, ast.Call)
        yield node.lineno, "all", _setter(body, place, ast.Pass())
        yield from _operands(node.value.args, 0, ast.And)
    elif isinstance(node, ast.If) and not node.orelse and len(node.body) == 1 and _raises(node.body[0]):
        yield node.lineno, "all", _setter(body, place, ast.Pass())
        if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
            yield from _members(node.test)


def _operands(arguments: list[ast.expr], place: int, kind: type[ast.boolop]) -> Iterator[Edit]:
    condition = arguments[place]
    if isinstance(condition, ast.BoolOp) and isinstance(condition.op, kind):
        yield from _members(condition)


def _members(condition: ast.BoolOp) -> Iterator[Edit]:
    for place, operand in enumerate(list(condition.values)):
        neutral = ast.Constant(isinstance(condition.op, ast.And))
        yield operand.lineno, ast.unparse(operand), _setter(condition.values, place, neutral)


def _setter(values: list[Any], place: int, new: ast.AST) -> Callable[[], None]:
    return lambda: values.__setitem__(place, new)


def _is_refusal(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_refuse_unless"


def _raises(node: ast.stmt) -> bool:
    call = node.exc if isinstance(node, ast.Raise) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "FormatError"


def _compiled(site: Site) -> CodeType:
    tree = _tree(site.module)
    (function,) = (node for name, node in _functions(tree) if name == site.function)
    _, _, change = _edits(function)[site.index]
    change()
    code = compile(ast.fix_missing_locations(tree), inspect.getsourcefile(site.module) or "", "exec")
    for name in site.function.split("."):
        (code,) = (one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    return code


def _function(site: Site) -> FunctionType:
    found: Any = site.module
    for name in site.function.split("."):
        found = inspect.getattr_static(found, name)
    found = inspect.unwrap(found)  # behind a cache
    assert isinstance(found, FunctionType)
    return found
