"""The styleguide: there while building, complete, and nowhere else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from adstudio.styleguide import STATIC, tokens

pytestmark = pytest.mark.django_db


def test_it_is_not_there_in_production(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


def test_it_shows_every_token_and_icon(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    page = client.get("/styleguide/").content.decode()
    styles = (STATIC / "css" / "styleguide.css").read_text()
    names = [name for kind in tokens().values() for name in kind]
    assert [name for name in names if f"guide-{name}" not in page or f".guide-{name} " not in styles] == []
    icons = re.findall(r'<symbol[^>]* id="([a-z-]+)"', (STATIC / "img" / "icons.svg").read_text())
    assert icons
    assert [icon for icon in icons if f"#{icon}" not in page] == []
