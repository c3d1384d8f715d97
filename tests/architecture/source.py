"""Reads the project's own source for the architecture tests: imports, calls on the bus, entry points."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("accounts", "applications", "review", "sync", "notices", "gateway")


def python_files(*folders: str) -> list[Path]:
    """The Python files below folders of the project, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, absolute ones by their dotted name."""
    found: set[str] = set()
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            found.add(module)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def contract_modules(path: Path) -> dict[str, str]:
    """Local name -> contract module (`sync`, `accounts` …) for the `shared.contracts` modules that a file imports."""
    names: dict[str, str] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "shared.contracts":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared.contracts."):
            module = str(node.module).rsplit(".", 1)[1]
            names |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in node.names}
    return names


def called_contracts(path: Path) -> Iterator[tuple[str, str]]:
    """(service, CONTRACT) of every `….call(service.CONTRACT, …)` and `call(service.CONTRACT, …)` in a file."""
    names = contract_modules(path)
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if called != "call":
            continue
        first = node.args[0]
        if isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.id in names:
            yield names[first.value.id], first.attr
        elif isinstance(first, ast.Name) and "." in names.get(first.id, ""):
            module, _, constant = names[first.id].partition(".")
            yield module, constant
