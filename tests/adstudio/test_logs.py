"""Log lines for machines: JSON, with the ids of what each is about."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

import pytest
from django.test import Client

from adstudio.logs import About, about, note
from tests.conftest import ROOT
from tests.jobs import factories

SCRIPT = """
import logging, django
django.setup()
from adstudio.logs import about
with about(job_id="j-1", shop_id=7):
    logging.getLogger("jobs.worker.runner").warning("배경을 %s", "다시", extra={"seconds": 1.5})
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("jobs.worker.runner").exception("failed")
logging.getLogger("jobs.reconcile").warning("outside")
"""


def _run(script: str, log_format: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "LOG_FORMAT": log_format, "DJANGO_SETTINGS_MODULE": "adstudio.settings"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_each_line_is_an_object_with_its_ids() -> None:
    told = _run(SCRIPT, "json")
    assert told.returncode == 0, told.stderr
    first, failed, outside = [json.loads(line) for line in told.stderr.splitlines() if line.startswith("{")]
    assert (first["level"], first["logger"], first["message"]) == (
        "WARNING",
        "jobs.worker.runner",
        "배경을 다시",
    )
    assert (first["job_id"], first["shop_id"], first["seconds"]) == ("j-1", "7", 1.5)
    assert first["timestamp"].endswith("+00:00")
    assert "ZeroDivisionError" in failed["exc_info"]
    assert failed["job_id"] == "j-1"
    assert "job_id" not in outside


def test_an_unknown_format_is_refused() -> None:
    told = _run("import django; django.setup()", "xml")
    assert told.returncode != 0
    assert "write one of line, json" in told.stderr


def _ids(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    record = caplog.records[-1]
    return {name: vars(record)[name] for name in ("job_id", "shop_id") if name in vars(record)}


def test_what_is_noted_ends_with_its_block(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(About())
    with about(job_id="a"):
        note(shop_id=3)
        with about(job_id="b"):
            logging.getLogger("x").error("inside")
            assert _ids(caplog) == {"job_id": "b", "shop_id": "3"}
        logging.getLogger("x").error("outside")
        assert _ids(caplog) == {"job_id": "a", "shop_id": "3"}
    logging.getLogger("x").error("after")
    assert _ids(caplog) == {}


@pytest.mark.django_db
def test_a_request_s_lines_name_the_shop(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.handler.addFilter(About())
    shop = factories.shop()
    client = Client(raise_request_exception=False)
    client.force_login(factories.owner(shop))
    monkeypatch.setattr("jobs.api.serving.selectors.shop_counts", lambda shop: 1 / 0)
    assert client.get("/health").status_code == 500
    failed = next(record for record in caplog.records if record.exc_info)
    assert vars(failed)["shop_id"] == str(shop.pk)
    Client().get("/health")
    logging.getLogger("x").error("after")
    assert _ids(caplog) == {}
