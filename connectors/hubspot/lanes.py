"""A whole object by list, over several lanes at once: paging by cursor is one page after the other, but the list is in
order of ids, so that it can be entered at any id. Every lane reads a stretch of ids; one that is done takes over half
of what the longest of the others has left.

Where the list turns out to be in another order it is read once more in a single lane, from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise

from connectors.errors import RejectedError, TransientError
from connectors.hubspot.overlap import AT_ONCE
from connectors.hubspot.replies import next_page, results
from connectors.hubspot.values import Json

ENOUGH_RECORDS = 400  # less is not worth a lane
LOST_SHARE = 0.01  # of the promised number: so many may be deleted while the list is read

Fetch = Callable[[str], Json]  # the page of a list after a token, "" for the first


@dataclass(kw_only=True, slots=True)
class Lane:
    """Ids from `low` up to, without, `high` (None: to the end); `after` is the token of its next page, "" where it
    begins anew.
    """

    low: int
    high: int | None = None
    after: str = ""
    read: int = 0  # records so far
    entered: int = 0  # where it began

    @classmethod
    def at(cls, low: int, high: int | None) -> Lane:
        # Whether the list begins with the id it is entered at or behind it: the one before serves either way.
        return cls(low=low, high=high, after=str(low - 1) if low > 1 else "", entered=low)

    def told(self) -> list[str]:
        return [str(self.low), "" if self.high is None else str(self.high), self.after]

    @classmethod
    def from_told(cls, told: Sequence[str]) -> Lane:
        low, high, after = told
        return cls(low=int(low), high=int(high) if high else None, after=after, entered=int(low))

    def remaining(self, newest: int) -> float:
        """Records that are left in it, as far as what it has read can tell."""
        end = newest if self.high is None else min(self.high, newest)
        span = self.low - self.entered
        return (end - self.low) * (self.read / span) if span > 0 else float(end > self.low) * ENOUGH_RECORDS

    def parted(self, newest: int, parts: int) -> Lane | None:
        """All but the first of that many parts of what is left, taken out of this lane; None if that is not worth a
        request.
        """
        end = newest if self.high is None else min(self.high, newest)
        middle = self.low + (end - self.low) // parts
        if middle - self.low < ENOUGH_RECORDS / 2 or self.remaining(newest) < ENOUGH_RECORDS:
            return None
        upper = Lane.at(middle, self.high)
        self.high = middle
        return upper


class OutOfOrderError(Exception):
    """The list does not come in the order of ids."""


def read_lanes(
    fetch: Fetch, lanes: list[Lane], *, newest: int, what: str, at_once: int = AT_ONCE
) -> Iterator[Sequence[Json]]:
    """Yield the records of all lanes, page by page; `lanes` always holds what has not been yielded yet.

    Every lane has one request under way while the page before it is stored. `newest` is the highest id known. Raises
    OutOfOrderError where ids do not ascend, TransientError (naming `what`) where a lane does not advance.
    """
    misses = (
        0  # lanes in a row that found nothing: ids lie in clumps, and the next one is sought nearer to what was read
    )
    with ThreadPoolExecutor(at_once) as pool:
        under_way: dict[Future[Json], Lane] = {pool.submit(fetch, one.after): one for one in lanes[:at_once]}
        resting = lanes[at_once:]
        try:
            while under_way:
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    lane = under_way.pop(future)
                    records = _take(lane, future.result(), lanes, what)
                    misses = 0 if lane.read else misses + 1
                    following = lane if lane in lanes else resting.pop() if resting else _stolen(lanes, newest, misses)
                    if following:
                        under_way[pool.submit(fetch, following.after)] = following
                    yield records
        finally:
            for future in under_way:
                future.cancel()


def _take(lane: Lane, reply: Json, lanes: list[Lane], what: str) -> list[Json]:
    """The page's records of this lane, which moves on or is taken out of `lanes`."""
    found, following = results(reply), next_page(reply)
    ids = [number_of(one) for one in found]
    # The id before the lane's first may come along; anything else below it means another order.
    if any(one >= other for one, other in pairwise(ids)) or (ids and ids[0] < lane.low - 1):
        raise OutOfOrderError(what)
    if following and following == lane.after:
        raise TransientError(f"{what} does not advance")
    mine = [one for number, one in zip(ids, found, strict=True) if _within(number, lane)]
    lane.read += len(mine)
    lane.after = following
    lane.low = ids[-1] + 1 if ids else lane.low
    if not following or (lane.high is not None and lane.low >= lane.high):
        lanes.remove(lane)
    return mine


def _within(number: int, lane: Lane) -> bool:
    return number >= lane.low and (lane.high is None or number < lane.high)


def _stolen(lanes: list[Lane], newest: int, misses: int) -> Lane | None:
    longest = max(lanes, key=lambda one: one.remaining(newest), default=None)
    upper = longest.parted(newest, 2 * 8**misses) if longest else None
    if upper:
        lanes.append(upper)
    return upper


def number_of(record: Json) -> int:
    try:
        return int(str(record.get("id")))
    except ValueError:
        raise OutOfOrderError("ids that are no numbers") from None


def evenly(first: int, newest: int, count: int) -> list[Lane]:
    """That many lanes over the ids from `first` on, the last one open to the end."""
    step = max(1, (newest - first) // count)
    starts = [first + number * step for number in range(count)]
    lanes = [Lane.at(low, high) for low, high in pairwise(starts)]
    return [*lanes, Lane.at(starts[-1], None)]


def refuses_tokens(error: Exception) -> bool:
    """Whether a portal refuses to have its list entered at an id that it did not name itself."""
    return isinstance(error, RejectedError) and error.code in ("VALIDATION_ERROR", "400")
