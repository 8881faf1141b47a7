"""The replay: every key account judged at every month-end with what was known then, and what came of it since.

Nothing is kept in the store. A month-end is read as `evaluate --as-of` reads it, with the touches from `Past`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog

from rules.facts import AccountFacts
from rules.measures import all_two_way
from rules.model import Touch
from rules.rule import Unknown
from rules.rulebook import Rulebook
from sync.backtest.episodes import OUTSIDE, Record, letter
from sync.backtest.months import Months
from sync.backtest.outcomes import Course, Fate, Outcome, fate
from sync.cycle import Work, facts_reader
from sync.store import courses
from sync.store.facts import FactsReader, Moment
from sync.store.past import Past
from sync.store.uncollected import uncollected

log = structlog.get_logger()

_FIGURES = re.compile(r"\d+")


@dataclass(kw_only=True)
class Replay:
    """What the rulebooks said, one beside the other.

    `letters` are by account id, then by (number of the rulebook, rule): a verdict for each month-end replayed.
    `reasons` count why a month-end of an account could not be judged, by the same pair. `unranked` counts the months of
    customers of whom nobody can say whether they are key.
    """

    months: tuple[date, ...]
    letters: dict[str, dict[tuple[int, str], list[str]]] = field(default_factory=dict)
    reasons: defaultdict[tuple[int, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unranked: int = 0

    def add(self, number: int, facts: AccountFacts, rulebooks: Sequence[Rulebook]) -> None:
        """Judge one account at one month-end."""
        mine = self.letters.setdefault(facts.account.id, {})
        for which, rulebook in enumerate(rulebooks):
            for rule, verdict in rulebook.judge(facts).items():
                row = mine.setdefault((which, rule), [OUTSIDE] * len(self.months))
                row[number] = letter(verdict)
                if isinstance(verdict, Unknown):
                    # A reason's own figures differ from account to account.
                    self.reasons[which, rule][_FIGURES.sub("n", verdict.reason)] += 1

    def record(self, which: int, rule: str, fates: Mapping[str, Sequence[Fate | None]]) -> Record:
        """Return how a rule of one of the rulebooks did."""
        record = Record(months=self.months, reasons=self.reasons[which, rule])
        for account_id, rows in self.letters.items():
            if (which, rule) in rows:
                record.add(account_id, "".join(rows[which, rule]), fates[account_id])
        return record


def replay(work: Work, rulebooks: Sequence[Rulebook], months: Months, past: Past) -> Replay:
    """Judge every key account at every month-end; `work.rulebook` knows the rules of all rulebooks."""
    found = Replay(months=months.replayed)
    for number, day in enumerate(months.replayed):
        with uncollected():
            reader = facts_reader(work, Moment.end_of(day, work.config.timezone), past)
            stands = reader.standings
            found.unranked += sum(one.customer and one.key is None for one in stands.values())
            for facts in reader.read([one for one in reader.accounts if reader.is_read(one)]):
                found.add(number, facts, rulebooks)
        log.info("month_replayed", connection=work.name, month=day.isoformat(), accounts=len(found.letters))
    return found


def fates(outcome: Outcome, known: Mapping[str, Course], months: Sequence[date]) -> dict[str, list[Fate | None]]:
    """What came of each account after each month-end."""
    return {account_id: [fate(outcome, course, day) for day in months] for account_id, course in known.items()}


def read_courses(
    work: Work, outcome: Outcome, reader: FactsReader, past: Past, account_ids: Iterable[str]
) -> dict[str, Course]:
    """What became of these accounts by the day of the reader, as far as the outcome asks for it.

    The day itself is not over and is left out.
    """
    ids = sorted(account_ids)
    last = reader.today - timedelta(days=1)
    with work.engine.connect() as db:
        match outcome.needs:
            case "deals" | "lost deals":
                closed = dict(courses.read_closed(db, work.name, ids, last))
                return {one: _of_deals(closed.get(one, ())) for one in ids}
            case "touches":
                touched = past.touches(db, ids, reader.moment, reader.user_by_email)
                return {
                    account_id: Course(touched=tuple(_two_way_days(reader, account_id, touches)))
                    for account_id, touches in touched
                }
            case name:
                marked = courses.read_marked(db, work.name, name)
                return {one: Course(marked=marked.get(one)) for one in ids}


def _of_deals(closed: Iterable[courses.Closed]) -> Course:
    deals = list(closed)
    return Course(
        won=tuple((one.on, one.amount) for one in deals if one.won),
        lost=tuple(one.on for one in deals if not one.won),
    )


def _two_way_days(reader: FactsReader, account_id: str, touches: tuple[Touch, ...]) -> list[date]:
    facts = AccountFacts(
        today=reader.today,
        account=reader.accounts[account_id],
        standing=reader.standings[account_id],
        touches=touches,
        ignored=reader.ignored,
    )
    return sorted({touch.day for touch, *_ in all_two_way(facts) if touch.day < reader.today})
