from __future__ import annotations

import http.client

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.conftest import Stack, until


@pytest.mark.parametrize("address", ["first@shop.example", "second@shop.example"])
def test_it_shows_processes_what_a_test_saves(stack: Stack, address: str) -> None:
    assert not User.objects.exists(), "the test before left something"
    user = User.objects.create_user(email=address, password="a-Long-one-7")
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=5)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    assert user.pk


def test_it_runs_a_worker_and_stops_it(stack: Stack) -> None:
    from jobs.models import WorkerState

    worker = stack.start_worker()
    until(lambda: not worker.alive or WorkerState.objects.exists(), 60, "worker's first beat")
    assert worker.alive, worker.log_tail()
    stack.stop_worker(worker)
    assert not worker.alive


def test_it_opens_a_page_in_a_real_browser(page: Page) -> None:
    page.goto("/accounts/login/")
    assert page.locator("input[type=password]").count() == 1
