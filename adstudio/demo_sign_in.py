"""The demo shop's sign-in, as ``manage.py demo`` leaves it in the run folder's ``demo.json``."""

from __future__ import annotations

import json
from pathlib import Path


def path(run_dir: Path) -> Path:
    return run_dir / "demo.json"


def missing(run_dir: Path, url: str) -> bool:
    """Whether the demo shop is still to be made, or its file names another address."""
    file = path(run_dir)
    return not file.exists() or json.loads(file.read_text()).get("url") != url


def lines(run_dir: Path) -> list[str]:
    demo = json.loads(path(run_dir).read_text())
    return [
        f"  Merchant sign-in: {demo['email']}  password: {demo['password']}",
        f"  Admin sign-in:    {demo['admin_email']}  password: {demo['admin_password']}  ({demo['url']}/admin/)",
    ]
