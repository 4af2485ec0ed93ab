from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from generation.diffusion.plan import Form, Plan, PlannedPart  # noqa: E402
from generation.diffusion.residency import Residency  # noqa: E402
from generation.errors import OutOfMemory  # noqa: E402

SIZES = {"a": 40, "b": 30, "c": 20, "d": 10}
KEYS = st.sampled_from(sorted(SIZES))


class Files:
    """A loader whose modules say which part they are; remembers what was loaded."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def load(self, key: str, form: Form, device: Any) -> Any:
        self.loaded.append(key)
        module = torch.nn.Linear(3, 2)
        torch.nn.init.constant_(module.weight, SIZES[key])
        module.register_buffer("table", torch.full((4,), float(SIZES[key])))
        return module.requires_grad_(False)

    def file_bytes(self, key: str) -> int:
        return SIZES[key]


STREAMED = PlannedPart(Form.STREAMED, 5, 40)


def cache(budget: int, host_budget: int = 1000, **instead: PlannedPart) -> tuple[Residency, Files]:
    files = Files()
    parts = {key: PlannedPart(Form.FULL, size, size) for key, size in SIZES.items()} | instead
    return Residency(files, Plan(budget, parts, False), torch.device("cpu"), host_budget), files


def touch(residency: Residency, key: str) -> None:
    with residency.on_device(key) as module:
        assert module.weight.eq(SIZES[key]).all() and module.table.eq(SIZES[key]).all()
        assert next(part for part in residency.standing() if part.key == key).why == "in use"


def places(residency: Residency) -> dict[str, str]:
    return {part.key: part.place for part in residency.standing()}


def test_the_least_recently_used_leaves_first_and_comes_back_unread() -> None:
    residency, files = cache(70)
    for key in ("a", "b", "a", "c"):
        touch(residency, key)
    assert places(residency) == {"c": "device", "a": "device", "b": "host"}
    touch(residency, "b")
    assert files.loaded == ["a", "b", "c"] and residency.weight_bytes_read == 90


def test_what_is_in_use_stays() -> None:
    residency, _ = cache(70)
    with residency.on_device("a"):
        touch(residency, "b")
        touch(residency, "c")
        assert places(residency)["a"] == "device"
        with residency.on_device("c"), pytest.raises(OutOfMemory), residency.on_device("b"):
            pass
    touch(residency, "b")


def test_without_room_on_the_host_a_part_is_read_again() -> None:
    residency, files = cache(50, host_budget=30)
    for key in ("a", "b", "a"):
        touch(residency, key)
    assert files.loaded == ["a", "b", "a"] and places(residency)["b"] == "host"


def test_a_part_on_its_way_back_is_not_forgotten_to_make_room_for_what_it_replaces() -> None:
    residency, files = cache(40, host_budget=40)
    for key in ("a", "b", "a"):
        touch(residency, key)
    assert places(residency) == {"a": "device"} and residency.device_bytes() == 40
    touch(residency, "a")
    assert files.loaded == ["a", "b"]


def test_dropped_parts_are_forgotten_unless_in_use() -> None:
    residency, files = cache(100)
    touch(residency, "a")
    with residency.on_device("b"):
        residency.drop()
        assert places(residency) == {"b": "device"}
    touch(residency, "a")
    assert files.loaded == ["a", "b", "a"]


def test_evicting_leaves_only_what_is_in_use_on_the_device() -> None:
    residency, _ = cache(100)
    touch(residency, "a")
    with residency.on_device("b"):
        residency.evict_idle()
        assert places(residency) == {"b": "device", "a": "host"}


def test_a_part_is_released_when_its_user_fails() -> None:
    residency, _ = cache(70)
    with pytest.raises(ZeroDivisionError), residency.on_device("a"):
        raise ZeroDivisionError
    touch(residency, "b")
    touch(residency, "d")
    touch(residency, "c")
    assert places(residency)["a"] == "host"


def test_a_streamed_part_takes_no_room_while_nobody_uses_it_and_is_read_once() -> None:
    residency, files = cache(30, a=STREAMED)
    touch(residency, "a")
    assert residency.device_bytes() == 0 and residency.host_bytes() == 40
    touch(residency, "b")
    with residency.on_device("a"):
        assert places(residency) == {"a": "device", "b": "host"}
    assert files.loaded == ["a", "b"]
    assert next(part.why for part in residency.standing() if part.key == "a") == "streamed block by block"


def test_a_streamed_part_makes_others_leave_host_memory() -> None:
    residency, files = cache(30, host_budget=45, a=STREAMED)
    for key in ("b", "c", "a"):
        touch(residency, key)
    assert places(residency) == {"a": "host", "c": "device"} and residency.host_bytes() == 40
    touch(residency, "b")
    assert files.loaded == ["b", "c", "a", "b"]


@settings(max_examples=200, deadline=None)
@given(
    budget=st.integers(10, 110),
    host_budget=st.integers(0, 120),
    steps=st.lists(st.lists(KEYS, min_size=1, max_size=3), max_size=12),
    dropped=st.sets(st.integers(0, 11)),
)
def test_no_sequence_of_uses_ever_exceeds_the_budgets(
    budget: int, host_budget: int, steps: list[list[str]], dropped: set[int]
) -> None:
    residency, _ = cache(budget, host_budget)

    def check() -> None:
        assert residency.device_bytes() <= budget
        assert residency.host_bytes() <= host_budget

    for number, together in enumerate(steps):
        if number in dropped:
            residency.drop()
        with ExitStack() as stack:
            for key in together:
                fits = sum(SIZES[each] for each in {*_in_use(residency), key}) <= budget
                if not fits:
                    with pytest.raises(OutOfMemory):
                        stack.enter_context(residency.on_device(key))
                    check()
                    break
                module = stack.enter_context(residency.on_device(key))
                assert module.weight.eq(SIZES[key]).all() and places(residency)[key] == "device"
                check()
    check()


@settings(max_examples=100, deadline=None)
@given(
    budget=st.integers(60, 110),
    host_budget=st.integers(0, 120),
    steps=st.lists(KEYS, max_size=15),
)
def test_with_a_streamed_part_the_budgets_hold_too(budget: int, host_budget: int, steps: list[str]) -> None:
    """Its own weights have no other place than host memory, so they may be more than the budget, then alone."""
    residency, files = cache(budget, host_budget, a=STREAMED)
    for key in steps:
        touch(residency, key)
        assert residency.device_bytes() <= budget
        assert residency.host_bytes() <= max(host_budget, STREAMED.host_bytes)
    if host_budget >= 100:
        assert len(files.loaded) == len(set(steps))


def _in_use(residency: Residency) -> list[str]:
    return [part.key for part in residency.standing() if part.why == "in use"]


def test_tied_weights_stay_tied_through_an_eviction() -> None:
    class Tied:
        def load(self, key: str, form: Form, device: Any) -> Any:
            module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)).requires_grad_(False)
            module[1].weight = module[0].weight
            return module

        def file_bytes(self, key: str) -> int:
            return 1

    plan = Plan(100, {"a": PlannedPart(Form.FULL, 40, 40)}, True)
    residency = Residency(Tied(), plan, torch.device("cpu"), 100)
    for _ in range(2):
        with residency.on_device("a") as module:
            assert module[0].weight is module[1].weight
        residency.evict_idle()
