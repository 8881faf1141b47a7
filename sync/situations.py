"""The situation of each account, from which a plan is made: what was found, what the CRM holds, and who takes tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sync import queue
from sync.evaluate import fields_from_json
from sync.findings import FindingState
from sync.judging import desired_fields, whole_kinds
from sync.people import People
from sync.plan import OurTask, Situation
from sync.store import ledger
from sync.store.facts import FactsReader
from sync.store.sql import chunks

if TYPE_CHECKING:
    from sync.cycle import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Ours:
    """What is ours on a connection, read once per cycle."""

    people: People
    tasks: Mapping[str, list[OurTask]]
    used_keys: frozenset[str]
    fields: Mapping[str, Mapping[str, Any]]
    snoozes: Mapping[str, date]


def situations(work: Work, reader: FactsReader, ours: Ours) -> Iterator[Situation]:
    """Every account as the last evaluation left it, but those of which something did not arrive whole: nothing is
    desired of them.
    """
    needed, whole, foreign = work.needed, whole_kinds(work, reader), known_elsewhere(work)
    for some in chunks(one for one in reader.accounts if needed <= whole(one)):
        states = ledger.read_states(work.engine, work.name, among=some)
        desired = desired_fields(work, reader, some)
        for account_id in some:
            told = {rule: _for_crm(state, foreign) for rule, state in states.get(account_id, {}).items()}
            known = {"states": told, "desired": fields_from_json(desired[account_id])}
            yield _situation(work, reader, account_id, ours=ours, **known)


def _for_crm(state: FindingState, foreign: Callable[[str], bool]) -> FindingState:
    """A finding as it can be written: a contact whom only another CRM knows cannot be pointed to."""
    if not state.text.contact_id or not foreign(state.text.contact_id):
        return state
    return replace(state, text=replace(state.text, contact_id=None))


def _situation(
    work: Work, reader: FactsReader, account_id: str, *, ours: Ours, states: Mapping[str, FindingState], desired: Any
) -> Situation:
    account, stands = reader.accounts[account_id], reader.standings[account_id]
    return Situation(
        account_id=account_id,
        account_name=account.name,
        tier=stands.tier if stands.customer and stands.key else "",
        findings=states,
        rule_routes={rule: work.rulebook.params(rule, stands.tier).route for rule in work.rulebook.rules},
        routes=ours.people.routes(account.owner_id, account.sponsor),
        tasks=ours.tasks.get(account_id, []),
        fields=desired,
        actual_fields=ours.fields.get(account_id, {}),
        used_keys=ours.used_keys,
        language=work.config.language,
        snoozed_until=ours.snoozes.get(account_id),
        in_pilot=ours.people.in_pilot(work.config.writeback.pilot, account.owner_id, stands.tier),
        priority=queue.priority(
            desired.get("risk"), (state.severity for state in states.values() if state.open), stands.revenue
        ),
    )


def known_elsewhere(work: Work) -> Callable[[str], bool]:
    """Whether an id is that of somebody whom only another CRM knows, as facts name them."""
    group = work.config.group_of(work.name)
    prefixes = tuple(f"{name}:" for name in group.connections) if group else ()
    return lambda one: one.startswith(prefixes)
