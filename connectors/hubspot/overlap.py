"""Requests under way while the answers before them are stored: a portal answers each in 50 to 300 milliseconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 4  # enough to reach 19 calls in a second where each takes 200 milliseconds

_T = TypeVar("_T")
_R = TypeVar("_R")


def overlapped(work: Callable[[_T], _R], items: Iterable[_T], at_once: int = AT_ONCE) -> Iterator[_R]:
    """Yield `work(item)` of every item in their order, up to `at_once` of them under way in threads.

    `items` are taken in the caller's thread. What `work` raises is raised in its turn, and nothing more is begun.
    """
    with ThreadPoolExecutor(at_once) as pool:
        waiting: deque[Future[_R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
