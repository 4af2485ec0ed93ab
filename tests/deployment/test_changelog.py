from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.conftest import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", TEXT, re.MULTILINE)


def test_the_newest_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert HEADINGS[0] == ("Unreleased", "")
    assert HEADINGS[1][0] == project["version"]


def test_versions_go_back_in_time_and_each_has_its_link() -> None:
    assert len(HEADINGS) == len(re.findall("^## ", TEXT, re.MULTILINE))
    released = HEADINGS[1:]
    days = [date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)
    numbers = [tuple(map(int, version.split("."))) for version, _ in released]
    assert numbers == sorted(numbers, reverse=True)
    assert re.findall(r"^\[(.+?)\]: ", TEXT, re.MULTILINE) == [version for version, _ in HEADINGS]
