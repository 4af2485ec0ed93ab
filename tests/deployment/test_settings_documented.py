"""docs/settings.md names every variable that is read, with its default, and no other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.deployment.caddy import CADDYFILE
from tests.deployment.environment_reads import Read, reads, reads_in
from tests.deployment.files import COMPOSE, COMPOSE_TEXT, SERVICES

PAGE = "docs/settings.md"
ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<default>.*?) \| (?P<meaning>.*?) \| (?P<file>(?:file)?) ?\| (?P<since>.*?) \|$"
)


@dataclass(frozen=True)
class Row:
    default: str
    meaning: str
    from_file: bool
    since: str


@cache
def documented() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        match = ROW.match(line)
        assert match, f"{PAGE}: not a row of name, default, meaning, file, since: {line}"
        assert match["name"] not in rows, f"{PAGE} names {match['name']} twice"
        rows[match["name"]] = Row(match["default"], match["meaning"], match["file"] == "file", match["since"])
    return rows


def containers_names() -> set[str]:
    """What compose puts into its file, and what the proxy is handed."""
    return set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) | set(re.findall(r"\{\$(\w+)", CADDYFILE.read_text()))


def is_documented(read: Read) -> bool:
    return any(fnmatchcase(name, read.name) for name in documented())


def test_every_variable_that_is_read_is_documented() -> None:
    missing = [f"{read.name}, read in {read.where}" for read in reads() if not is_documented(read)]
    missing += [
        f"{name}, of docker-compose.yml or the Caddyfile" for name in containers_names() - documented().keys()
    ]
    assert not missing, f"{PAGE} lacks a row for: " + "; ".join(missing)


def test_nothing_is_documented_that_nobody_reads() -> None:
    names = [read.name for read in reads()] + sorted(containers_names())
    unread = [name for name in documented() if not any(fnmatchcase(name, read) for read in names)]
    assert not unread, f"{PAGE} names what nothing reads: {unread}"


def test_the_defaults_are_the_codes() -> None:
    rows, checked = documented(), 0
    for read in reads():
        for name in rows:
            if read.default is None or not fnmatchcase(name, read.name):
                continue
            told = rows[name].default
            literal = re.fullmatch("`(.*)`", told)
            # What the code has empty may be told in words: what is taken instead.
            right = literal[1] == read.default if literal else not read.default
            assert right, f"{PAGE} says {told} of {name}; {read.where} says {read.default or 'nothing'}"
            checked += 1
    assert checked >= 40


def test_it_says_truly_what_may_come_from_a_file() -> None:
    """What is read through adstudio.environment, and nowhere else past it."""
    rows = documented()
    read_so = {
        how: {n for read in reads() if read.from_file is how for n in rows if fnmatchcase(n, read.name)}
        for how in (True, False)
    }
    assert {name for name, row in rows.items() if row.from_file} == read_so[True] - read_so[False] | {
        "SITE_URL"
    }


def test_it_says_since_when() -> None:
    versions = set(re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE))
    assert {row.since for row in documented().values()} <= versions
    assert all(row.meaning for row in documented().values())


def test_the_example_names_what_there_is() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if "=" in line and line[0] != "#"}
    set_by_compose = {
        variable for service in SERVICES.values() for variable in service.get("environment", {})
    }
    assert named <= documented().keys()
    assert not named & set_by_compose, "compose overrides it"
    assert COMPOSE["x-app"]["env_file"] == [{"path": ".env", "required": False}]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('env_int("SOME_LIMIT", 1_000)', ("SOME_LIMIT", "1000")),
        ('env_bool("SOME_SWITCH")', ("SOME_SWITCH", "0")),
        ('env_str("SOME_TEXT", "a" if env_str("OTHER") else "b")', ("SOME_TEXT", None)),
        ('os.environ.get("SOME_NAME")', ("SOME_NAME", None)),
        ('os.environ["SOME_NAME"]', ("SOME_NAME", None)),
        ('_number(env, "SOME_NUMBER", 3)', ("SOME_NUMBER", None)),
        ('SOME = "SOME_CONSTANT"\nenv_str(SOME)', ("SOME_CONSTANT", "")),
        ('env_str(f"{provider}_KEY")', ("*_KEY", "")),
        (
            'for name in ("SOME_KEY", "OTHER_KEY"):\n    env_choice(name, "auto", ("auto", "off"))',
            ("OTHER_KEY", "auto"),
        ),
    ],
)
def test_it_finds_a_variable_however_it_is_read(code: str, found: tuple[str, str | None]) -> None:
    assert found in [(read.name, read.default) for read in reads_in(code, "made_up.py")]


def test_it_asks_for_a_name_it_can_see() -> None:
    with pytest.raises(AssertionError, match=r"made_up\.py:1: which variable is read here"):
        list(reads_in("env_str(name_of(something))", "made_up.py"))
