"""Where the code reads the environment, found in its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.conftest import ROOT

PACKAGES = ("adstudio", "accounts", "jobs", "generation")
READER = "env_"
"""What the functions of ``adstudio.environment`` begin with."""
MAPPINGS = frozenset({"environ", "env"})
"""``os.environ``, and what is handed on under these names."""
LOOKUPS = frozenset({"get", "setdefault", "pop"})
NAME = re.compile(r"^[A-Z][A-Z0-9_]*$")


@dataclass(frozen=True)
class Read:
    """One place. ``name`` holds ``*`` where the code puts it together; ``default`` is ``None`` where it is computed;
    ``from_file``: whether ``NAME_FILE`` may stand instead, as the readers of ``adstudio.environment`` have it."""

    name: str
    default: str | None
    where: str
    from_file: bool


@cache
def reads() -> list[Read]:
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    files.remove(ROOT / "adstudio" / "environment.py")  # the readers themselves
    return [
        read
        for file in files
        for read in reads_in(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
    ]


def reads_in(code: str, file: str) -> Iterator[Read]:
    tree = ast.parse(code)
    constants = _constants(tree)
    for node in ast.walk(tree):
        for argument, default, from_file in _read_by(node):
            where = f"{file}:{argument.lineno}"
            for name in _names(argument, constants, where):
                yield Read(name, default, where, from_file)


def _read_by(node: ast.AST) -> Iterator[tuple[ast.expr, str | None, bool]]:
    """The names that an expression reads, each with its default as ``docs/settings.md`` writes it."""
    if isinstance(node, ast.Subscript) and _is_mapping(node.value) and isinstance(node.ctx, ast.Load):
        yield node.slice, None, False
    if not isinstance(node, ast.Call):
        return
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if called == "env_url":
        yield from ((argument, "", True) for argument in node.args)
    elif called.startswith(READER):
        yield node.args[0], _written(called, node.args[1] if len(node.args) > 1 else None), True
    elif called in LOOKUPS and isinstance(node.func, ast.Attribute) and _is_mapping(node.func.value):
        yield node.args[0], None, False
    elif len(node.args) > 1 and _is_mapping(node.args[0]):  # a reader of the module's own, handed the mapping
        yield node.args[1], None, False


def _written(reader: str, default: ast.expr | None) -> str | None:
    if default is None:
        return "0" if reader == "env_bool" else ""
    if not isinstance(default, ast.Constant):
        return None
    return str(int(default.value)) if isinstance(default.value, bool) else str(default.value)


def _is_mapping(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name.lstrip("_") in MAPPINGS


def _constants(tree: ast.Module) -> dict[str, list[str]]:
    """What names for texts stand for: the module's constants, and variables of loops over written texts."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node in tree.body:
            found |= {
                target.id: _texts(node.value) for target in node.targets if isinstance(target, ast.Name)
            }
        elif isinstance(node, ast.AnnAssign | ast.For | ast.comprehension) and isinstance(
            node.target, ast.Name
        ):
            value = node.value if isinstance(node, ast.AnnAssign) else node.iter
            found[node.target.id] = _texts(value)
    return found


def _texts(node: ast.expr | None) -> list[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, str)]


def _names(node: ast.expr, constants: dict[str, list[str]], where: str) -> list[str]:
    """The variable's name, or all that it may be; none where a key in lower case is looked up in something else."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and NAME.match(node.value) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)]
    if isinstance(node, ast.Name) and constants.get(node.id):
        return constants[node.id]
    if isinstance(node, ast.Name) and where.startswith("generation/diffusion/options.py"):
        return []  # its readers pass on the name that they were called with
    raise AssertionError(
        f"{where}: which variable is read here? Write its name, or a constant of the module."
    )
