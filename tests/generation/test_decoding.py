"""Pictures decoded side by side: never more pixels at once than there is memory for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from adstudio.processes import wait_until
from generation import intake
from generation.decoding import PixelBudget
from tests.jobs.submitting import png

SOON = 5.0
"""Seconds that a thread may take to get its turn."""


def test_the_next_waits_until_there_is_room() -> None:
    budget, entered = PixelBudget(10), threading.Event()

    def second() -> None:
        with budget.holding(5):
            entered.set()

    with budget.holding(8):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(SOON)
    thread.join(SOON)


def test_a_large_one_is_not_put_off_by_small_ones_that_came_later() -> None:
    budget, order = PixelBudget(10), list[str]()

    def take(name: str, pixels: int) -> None:
        with budget.holding(pixels):
            order.append(name)

    with budget.holding(4):
        large = threading.Thread(target=take, args=("large", 10))
        large.start()
        assert wait_until(budget._turn.locked, SOON, lambda: False)  # it is the next
        small = threading.Thread(target=take, args=("small", 1))
        small.start()
        time.sleep(0.1)
        assert order == []
    large.join(SOON)
    small.join(SOON)
    assert order == ["large", "small"]


def test_what_is_larger_than_all_of_it_goes_alone_and_a_failure_gives_its_share_back() -> None:
    budget = PixelBudget(10)
    with pytest.raises(ValueError, match="broken"), budget.holding(99):
        raise ValueError("broken")
    with budget.holding(10):
        pass


def test_uploads_that_come_together_are_decoded_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is small as a file and large as a picture."""
    side, most, held, full = 100, [0], [0], threading.Event()
    monkeypatch.setattr(intake, "DECODED_AT_ONCE", PixelBudget(2 * side * side))
    decoded, counting = intake._decoded, threading.Lock()

    @contextmanager
    def counted(pixels: int) -> Any:
        with counting:
            held[0] += pixels
            most[0] = max(most[0], held[0])
            if held[0] == 2 * side * side:
                full.set()
        full.wait(SOON)  # the first for the second
        yield
        with counting:
            held[0] -= pixels

    def slowly(image: Any) -> Any:
        with counted(image.width * image.height):
            time.sleep(0.02)
            return decoded(image)

    monkeypatch.setattr(intake, "_decoded", slowly)
    with ThreadPoolExecutor(8) as together:
        list(together.map(intake.read_photo, [png(side, side)] * 8))
    assert most == [2 * side * side]
