"""What the READMEs promise is kept by a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {"README.md": "## What you can rely on", "README.ko.md": "## 믿을 수 있는 것"}
LINE = re.compile(r"^- .+ \[`(?P<test>\w+)`\]\((?P<file>tests/\S+\.py)\)$")


def promises(readme: str) -> list[tuple[str, str]]:
    section = (ROOT / readme).read_text().partition(SECTIONS[readme])[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("- ")]
    found = [LINE.match(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return [(match["file"], match["test"]) for match in found if match]


def test_both_languages_promise_the_same() -> None:
    assert promises("README.md") == promises("README.ko.md")
    assert len(promises("README.md")) >= 10


@pytest.mark.parametrize(("file", "test"), promises("README.md"))
def test_the_named_test_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_tests_that_the_threat_model_names_exist() -> None:
    named = set(re.findall(r"`(tests/\S+\.py)`", (ROOT / "docs/security.md").read_text()))
    assert len(named) >= 8
    assert [each for each in named if not (ROOT / each).is_file()] == []
