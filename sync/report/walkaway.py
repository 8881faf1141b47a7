"""What hangs on one of ours, and the pack to hand it over: per account the contacts, touches, tasks and successors.

About accounts, not about the person: it says what needs a second link, never how well anybody works.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rules.facts import AccountFacts
from rules.model import Touch
from rules.walkaway import FIRST_YEAR_LOSS, HandOver, State, Successor, WalkAway, exposure
from rules.wording import count_text, money_text
from sync.people import People
from sync.plan import OurTask

_BADNESS = {state: rank for rank, state in enumerate(State)}
_WIDTH = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One account that concerns the person, with our unfinished tasks on it."""

    facts: AccountFacts
    without: WalkAway
    tasks: tuple[OurTask, ...] = ()

    def badness(self) -> tuple[int, float, str]:
        """Orders cases: the worst state first, then by revenue."""
        return _BADNESS[self.without.state], -(self.without.revenue or 0.0), self.facts.account.name


def walkaway_told(
    person_id: str, cases: Iterable[Case], people: People, *, others_owned: int, successor_id: str | None
) -> dict[str, Any]:
    """Return what hangs on a person, as `walkaway --json` prints it for one connection, the worst account first.

    `others_owned` counts the accounts the person owns that are not key and therefore not looked at; `successor_id` is
    whom the config names.
    """
    worst_first = sorted(cases, key=Case.badness)
    totals = exposure(case.without for case in worst_first)
    user = people.users.get(person_id)
    return {
        "person": {"id": person_id, "name": people.name(person_id), "email": user.email if user else ""},
        "successor": people.name(successor_id) if successor_id else None,
        **asdict(totals),
        "accounts": {str(state): number for state, number in totals.accounts.items()},
        "first_year_loss": totals.first_year_loss,
        "others_owned": others_owned,
        "cases": [_case_told(case, people) for case in worst_first],
    }


def _case_told(case: Case, people: People) -> dict[str, Any]:
    without, account = case.without, case.facts.account
    return {
        "account": {"id": account.id, "name": account.name},
        "tier": case.facts.standing.tier,
        "revenue": without.revenue,
        "state": str(without.state),
        "is_owner": without.is_owner,
        "contacts_before": without.contacts_before,
        "contacts_after": without.contacts_after,
        "contacts": [_contact_told(one, people) for one in without.contacts],
        "last_touches": [_touch_told(touch, case.facts) for touch in without.last_touches],
        "open_tasks": [_task_told(task, people) for task in case.tasks],
        "successors": [_successor_told(one, people) for one in without.successors],
    }


def _contact_told(one: HandOver, people: People) -> dict[str, Any]:
    contact = one.contact
    return {
        "id": contact.id,
        "name": contact.name or contact.id,
        "title": contact.title,
        "last_on": one.last_on.isoformat(),
        "others": [people.name(user_id) for user_id in one.others],
    }


def _touch_told(touch: Touch, facts: AccountFacts) -> dict[str, Any]:
    names = {contact.id: contact.name or contact.id for contact in facts.contacts}
    return {
        "day": touch.day.isoformat(),
        "kind": str(touch.kind),
        "direction": str(touch.direction),
        "outcome": str(touch.outcome),
        "theirs": [names.get(contact_id, contact_id) for contact_id in touch.theirs],
    }


def _task_told(task: OurTask, people: People) -> dict[str, Any]:
    return {
        "key": task.key,
        "subject": task.actual.subject if task.actual else task.written.get("subject", ""),
        "assignee": people.name(task.assignee_id),
        "rules": sorted(task.rules),
    }


def _successor_told(one: Successor, people: People) -> dict[str, Any]:
    name, active = people.name(one.user_id), one.user_id in people.users and people.users[one.user_id].active
    return {"id": one.user_id, "name": name, "active": active, "contacts": one.contacts, "shared": one.shared}


def walkaway_text(told: Mapping[str, Any]) -> str:
    """Return one person's document for people."""
    lines = [*_head(told)]
    for case in told["cases"]:
        lines += ["", *_case_lines(case)]
    return "\n".join(lines)


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    person, counted = told["person"], told["accounts"]
    address = f" ({person['email']})" if person["email"] else ""
    yield f"Without {person['name']}{address}: {told['connection']}, as of {told['as_of']}"
    states = ", ".join(f"{counted[state]} {state}" for state in State if state is not State.FINE)
    yield f"  key accounts: {states}; {count_text(told['orphans'], 'contact')} with no other link"
    weakened = _money(told["weakened_revenue"])
    yield f"  revenue exposed: {_money(told['exposed_revenue'])}; on weakened accounts: {weakened}"
    if told["without_revenue"]:
        yield f"  of these accounts {told['without_revenue']} have no known revenue and add nothing"
    if told["first_year_loss"] and told["exposed_revenue"]:
        low, high = told["first_year_loss"]
        rates = " to ".join(f"{share:.1%}" for share in FIRST_YEAR_LOSS)
        yield (
            f"  for scale, no forecast: one distributor lost {rates} of such revenue in the first year "
            f"(Shi et al. 2017), here {money_text(low)} to {money_text(high)}"
        )
    owned = f"  owns {count_text(told['owned'], 'key account')}"
    yield owned + (f" and {told['others_owned']} others, not looked at here" if told["others_owned"] else "")
    yield f"  successor by [people.successors]: {told['successor'] or 'none named'}"


def _case_lines(case: Mapping[str, Any]) -> Iterator[str]:
    money = f", {money_text(case['revenue'])}" if case["revenue"] else ""
    owner = ", owner" if case["is_owner"] else ""
    counted = f"{case['contacts_after']} of {case['contacts_before']} contacts keep a link"
    yield f"{case['state'].upper()}  {case['account']['name']} (tier {case['tier']}{money}{owner}): {counted}"
    for one in case["contacts"]:
        who = f"{one['name']}, {one['title']}" if one["title"] else one["name"]
        yield f"  {_cut(who):{_WIDTH}}  last {one['last_on']}  also known by {', '.join(one['others']) or 'nobody'}"
    touches = dict.fromkeys(
        f"{one['day']} {one['kind']} {one['outcome']} with {', '.join(one['theirs']) or 'the account'}"
        for one in case["last_touches"]
    )
    yield f"  last touches: {'; '.join(touches) or 'none'}"
    for task in case["open_tasks"]:
        yield f"  open task for {task['assignee']}: {task['subject']}"
    yield f"  successors: {_successors(case['successors']) or 'nobody else is in touch'}"


def _successors(some: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{one['name']} (in touch with {one['contacts']}, {one['shared']} of them the same)" for one in some[:3]
    )


def ranking_text(told: Sequence[Mapping[str, Any]]) -> str:
    """Return the documents of all persons of a connection as one table, most exposed revenue first."""
    lines = [f"{'without':{_WIDTH}}{'lost':>7}{'headless':>10}{'weakened':>10}{'exposed':>10}{'only link to':>14}"]
    for one in told:
        counted = one["accounts"]
        lines.append(
            f"{_cut(one['person']['name']):{_WIDTH}}{counted[State.LOST]:>7}{counted[State.HEADLESS]:>10}"
            f"{counted[State.WEAKENED]:>10}{_money(one['exposed_revenue']):>10}{one['orphans']:>14}"
        )
    return "\n".join(lines)


def _money(amount: float | None) -> str:
    return "not known" if amount is None else money_text(amount)


def _cut(text: str) -> str:
    return text if len(text) < _WIDTH else text[: _WIDTH - 4].rstrip() + "..."
