"""Every sentence of the portal and the API has its English."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import allauth
import pytest
from django import conf
from django.contrib import auth
from django.utils.translation import gettext, override

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
VOICE = Path("locale/ko/LC_MESSAGES/django.po")
SOURCES = {"accounts": "*.py", "adstudio": "*.py", "generation": "*.py", "jobs": "*.py", "templates": "*"}
"""Where sentences stand, and in which files."""


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our catalogue with all msgids of the source merged in by ``makemessages``, in a copy: the command writes files
    beside the templates it reads."""
    copy = tmp_path_factory.mktemp("source")
    for folder, pattern in SOURCES.items():
        for file in (ROOT / folder).rglob(pattern):
            if file.is_file() and "__pycache__" not in file.parts:
                target = copy / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    (copy / CATALOGUE).parent.mkdir(parents=True)
    shutil.copyfile(ROOT / CATALOGUE, copy / CATALOGUE)
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-wrap", "--no-location"],
        cwd=copy,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return copy / CATALOGUE


def _entries(catalogue: Path, *which: str) -> list[str]:
    """The msgids that ``msgattrib`` picks, as they stand in the file."""
    done = subprocess.run(
        ["msgattrib", "--no-wrap", "--no-obsolete", *which, str(catalogue)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if line.startswith('msgid "') and line != 'msgid ""']


def test_its_sentences_are_found(merged: Path) -> None:
    assert len(_entries(merged)) > 300


def test_every_sentence_has_its_english(merged: Path) -> None:
    assert _entries(merged, "--untranslated") + _entries(merged, "--only-fuzzy") == []


def test_nothing_is_translated_that_nobody_says(merged: Path) -> None:
    """An entry whose sentence went from the code goes from the catalogue."""
    done = subprocess.run(
        ["msgattrib", "--no-wrap", "--only-obsolete", str(merged)], capture_output=True, text=True, check=True
    )
    assert [line for line in done.stdout.splitlines() if line.startswith("#~ msgid")] == []


@pytest.mark.parametrize("catalogue", [CATALOGUE, VOICE], ids=["en", "ko"])
def test_the_compiled_catalogue_is_of_this_text(tmp_path: Path, catalogue: Path) -> None:
    fresh = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", str(fresh), str(ROOT / catalogue)], check=True)
    assert fresh.read_bytes() == (ROOT / catalogue).with_suffix(".mo").read_bytes()


def test_what_libraries_say_is_said_in_our_voice() -> None:
    """Each sentence still is one of a library's: a release that rewords it must be followed."""
    ours = _entries(ROOT / VOICE)
    libraries = "".join(
        (Path(package.__path__[0]) / "locale/ko/LC_MESSAGES/django.po").read_text(encoding="utf-8")
        for package in (conf, auth, allauth)
    ).replace('"\n"', "")
    assert len(ours) >= 15
    assert [line for line in ours if line.removeprefix("msgid ").strip('"') not in libraries] == []
    with override("ko"):
        assert gettext("This field is required.") == "꼭 필요한 칸이에요. 적어 주세요."
    assert "니다" not in (ROOT / VOICE).read_text(encoding="utf-8")
