"""Questions of many sockets, asked as one. No database: what is asked of it is counted instead."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from jobs import together
from jobs.together import Together


class Counting:
    """Knows even numbers; fails when it is asked about -1."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def find(self, keys: Collection[int]) -> dict[int, str]:
        self.asked.append(sorted(keys))
        if -1 in keys:
            raise RuntimeError("away")
        return {key: str(key) for key in keys if key % 2 == 0}


def test_questions_of_one_moment_are_one_question() -> None:
    counting = Counting()

    async def talk() -> list[str | None]:
        asking = Together(counting.find)
        first = await asyncio.gather(*(asking.ask(key) for key in (1, 2, 2, 4)))
        return [*first, await asking.ask(2)]

    assert asyncio.run(talk()) == [None, "2", "2", "4", "2"]
    assert counting.asked == [[1, 2, 4], [2]]  # the answer is not kept


def test_more_than_fit_are_asked_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_AT_ONCE", 2)
    counting = Counting()

    async def talk() -> list[str | None]:
        asking = Together(counting.find)
        return list(await asyncio.gather(*(asking.ask(key) for key in range(0, 10, 2))))

    assert asyncio.run(talk()) == ["0", "2", "4", "6", "8"]
    assert sorted(len(keys) for keys in counting.asked) == [1, 2, 2]


def test_who_leaves_takes_no_answer_along_and_a_failure_is_everybody_s() -> None:
    counting = Counting()

    async def talk() -> None:
        asking = Together(counting.find)
        leaves, stays = (asyncio.create_task(asking.ask(2)) for _ in range(2))
        await asyncio.sleep(0)
        leaves.cancel()
        assert await stays == "2"
        told = await asyncio.gather(asking.ask(-1), asking.ask(4), return_exceptions=True)
        assert [str(each) for each in told] == ["away", "away"]
        assert await asking.ask(4) == "4"  # and the next question is a new one

    asyncio.run(talk())
