"""The stage of evaluation as a cycle runs it: the accounts that are due are judged, and what was found is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from rules.score import scoring
from sync.due import basis, due, standing
from sync.evaluate import Judged, fields_as_json, judge
from sync.findings import FindingState, take_over
from sync.match.decide import Ref
from sync.store import evaluations, ledger, spans
from sync.store.evaluations import Evaluation
from sync.store.facts import FactsReader
from sync.store.match_records import by_connection
from sync.store.meanwhile import catch_up
from sync.store.sql import chunks
from sync.store.uncollected import uncollected

if TYPE_CHECKING:
    from sync.cycle import Work

_SAVE_EVERY = 200  # accounts in one transaction


def evaluate_stage(work: Work, reader: FactsReader) -> Iterator[Judged]:
    """Judge the accounts that are due, and keep verdicts, findings and the day's snapshot as they come."""
    catch_up(work.engine, reader)
    reader.pack()
    on, whole = basis(reader, work.config, work.rulebook), whole_kinds(work, reader)
    with uncollected():
        for some in chunks(due(work.engine, reader, on, work.now), _SAVE_EVERY):
            yield from _judge(work, reader, some, on, whole).values()


def whole_kinds(work: Work, reader: FactsReader) -> Callable[[str], frozenset[str]]:
    """What arrived whole of all that an account is judged on, by its id: in each connection that knows it.

    Nothing did while a connection that is judged together with this one was never matched: who is one with whom, nobody
    knows then.
    """
    if not reader.together.is_matched:
        return lambda _: frozenset()
    if not reader.together.parties:
        return lambda _: work.complete
    # Tasks are read where they are written.
    told = {name: source.arrived | {"tasks"} for name, source in reader.together.sources.items()}
    told[work.name] = work.complete

    def whole(account_id: str) -> frozenset[str]:
        name = reader.together.places.called(work.name, account_id)
        return work.complete.intersection(*(told[connection] for connection, _ in reader.together.members(name)))

    return whole


def desired_fields(work: Work, reader: FactsReader, account_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What our fields are to say of these accounts, by id: of one whose home is elsewhere what they say there, and
    nothing where the config wants them elsewhere alone.
    """
    with work.engine.connect() as db:
        found = evaluations.read_fields(db, work.name, account_ids)
        group = work.config.group_of(work.name)
        if group is None:
            return found
        if not group.has_fields(work.name):
            return {account_id: dict.fromkeys(fields) for account_id, fields in found.items()}
        elsewhere = reader.together.elsewhere
        for connection in group.connections:
            homes = {one: elsewhere[one][1] for one in found if one in elsewhere and elsewhere[one][0] == connection}
            told = evaluations.read_fields(db, connection, homes.values())
            # Of a home that waits for its evaluation nothing is known: what stands here stays.
            found |= {one: told.get(home, {}) for one, home in homes.items()}
    return found


def _judge(
    work: Work, reader: FactsReader, some: Sequence[str], on: bytes, whole: Callable[[str], frozenset[str]]
) -> dict[str, Judged]:
    """Judge these accounts and keep the outcome."""
    states = ledger.read_states(work.engine, work.name, among=some)
    others = _of_others(work, reader, some)
    ours = ledger.read_our_fields(work.engine, work.name, some)
    score = cache(partial(scoring, work.rulebook, settings=work.config.score))  # by tier
    judged = {
        facts.account.id: judge(
            facts,
            work.rulebook,
            take_over(states.get(facts.account.id, {}), others.get(facts.account.id, ()), work.now),
            whole(facts.account.id),
            work.now,
            how=score(facts.standing.tier),
            previous_level=str(ours.get(facts.account.id, {}).get("risk_level") or ""),
            language=work.config.language,
        )
        for facts in reader.read(some)
    }
    _keep(work, judged, states, reader, on)
    return judged


def _of_others(
    work: Work, reader: FactsReader, some: Iterable[str]
) -> Mapping[str, Sequence[Mapping[str, FindingState]]]:
    """What is remembered of the same customers on their accounts that are not home, by the id of the one that is."""
    parties = reader.together.parties
    others = {home: parties[home][1:] for home in some if home in parties}
    known = {
        connection: ledger.read_states(work.engine, connection, among=ids)
        for connection, ids in by_connection(Ref(*ref) for refs in others.values() for ref in refs).items()
    }
    return {home: [known[connection].get(one, {}) for connection, one in refs] for home, refs in others.items()}


def _keep(work: Work, some: Mapping[str, Judged], states: ledger.States, reader: FactsReader, on: bytes) -> None:
    news = {
        account_id: [state for rule, state in judged.states.items() if state != states.get(account_id, {}).get(rule)]
        for account_id, judged in some.items()
    }
    whole = {account_id: judged.fields for account_id, judged in some.items() if judged.fields is not None}
    snapshots = {
        account_id: _snapshot(some[account_id], fields)
        for account_id, fields in whole.items()
        if some[account_id].facts.standing.key
    }
    evaluated = {
        account_id: Evaluation(basis=on, standing=standing(reader, account_id), fields=fields_as_json(fields))
        for account_id, fields in whole.items()
    }
    with work.engine.begin() as db:
        verdicts = {account_id: judged.verdicts for account_id, judged in some.items()}
        ledger.save_verdicts(db, work.name, verdicts, work.now)
        ledger.save_states(db, work.name, news)
        spans.save(db, work.name, _ended(news, states, some))
        ledger.save_snapshots(db, work.name, reader.today, snapshots)
        evaluations.save(db, work.name, evaluated)


def _ended(
    news: Mapping[str, Sequence[FindingState]], before: ledger.States, some: Mapping[str, Judged]
) -> Iterator[spans.Span]:
    """Yield the findings that have just ended."""
    for account_id, states in news.items():
        for state in states:
            was = before.get(account_id, {}).get(state.rule)
            since = state.unknown_since or state.not_raised_since
            if was and was.open and not state.open and since:
                yield spans.Span(
                    account_id=account_id,
                    rule=state.rule,
                    severity=str(state.severity),
                    raised_at=state.raised_at,
                    ended_at=since,
                    ended_as=ledger.verdict_word(some[account_id].verdicts[state.rule]),
                )


def _snapshot(judged: Judged, fields: Mapping[str, Any]) -> dict[str, Any]:
    sole_rep = judged.verdicts.get("sole-rep")
    return {
        "owner_id": judged.facts.account.owner_id,
        "coverage": fields.get("coverage"),
        "top_share": sole_rep.numbers.get("top_share") if sole_rep else None,
        "last_exec_exchange": fields.get("last_exec_exchange"),
        "risk": fields.get("risk"),
    }
