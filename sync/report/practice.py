"""What became of every practice and sign of the sources: a rule, another feature, or why there is none.

The sources are articles and books on keeping business customers; the ids are those by which they were taken apart. What
has a rule by its id in the catalog is told as that rule, and cannot be told otherwise here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from rules.rule import Rule, discover

#: By subject: what has no rule of its own, and what there is instead or why not.
ELSEWHERE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Coverage on our side": {
            "walkaway": "`holdfast walkaway USER`, and the page of revenue at risk in `holdfast report`",
            "b-team": "not computable from a CRM: since when somebody is in the firm, or what they can, stands "
            "elsewhere, and it would judge people",
            "customers-vs-prospects": "the page Spread of contact in `holdfast report`: what part of all meetings and "
            "calls went to key customers, other customers and prospects, and how contact follows revenue; by number, "
            "since what they last is planned time",
        },
        "Threads on the customer side": {},
        "Executive programme": {
            "vip-events": "where somebody logs the visit as a meeting, it counts as one in every rule; a member of the "
            "event's campaign heard from the company (`company-communication`), but from nobody of ours",
        },
        "Cadence and attention": {
            "preferred-frequency": "`[connections.NAME.map] contact_every_days` names the field that holds it for an "
            "account; it goes before the `cadence_days` of `main-contact-meeting` and `indirect-quarterly`. Executives "
            "keep their own rhythm. By tier: `[rules.RULE.tier.NAME]`, where the tier may be one of your own "
            "(`[connections.NAME.map] tier`)",
            "out-of-office-meetings": "not computable from a CRM: whether a talk was over lunch is not told, and gifts "
            "are never proposed",
        },
        "Loss of a key person": {
            "offboarding-handover": "`holdfast walkaway USER` makes the pack to hand over; the task is that of "
            "`our-person-left`",
            "out-of-office guard": "whom HubSpot says to be away (from automatic replies, where the portal enriches "
            "its contacts) neither lapses nor is suspected to have left before they are back: `main-contact-meeting`, "
            "`indirect-quarterly`, `exec-reach-lapse`, `exec-to-exec-lapse`, `exec-due-soon`, `suspected-left`. "
            "Salesforce keeps no such day of a contact",
        },
        "Service": {},
        "Plans": {
            "target-coverage": "`[customers.target_coverage]`, shown on each card and in the overview of `holdfast "
            "report`",
        },
        "Knowledge": {
            "fuzzy-file": "left out on purpose: to ask for more about persons goes against data minimisation",
            "hygiene": "`holdfast doctor` counts what is missing, and `holdfast report` has a page of what cannot be "
            "judged",
        },
        "Programmes": {
            "annual litmus test": "`holdfast litmus ACCOUNT`, and on each card of `holdfast report`; the task once a "
            "year is that of [litmus-due](litmus-due.md)",
            "post-mortem": "a section on the card of an account that is no customer any longer",
            "key-account criteria": "`[customers]`; `holdfast explain ACCOUNT` tells why it is key",
            "check-in calendar": "`holdfast calendar`",
            "peering matrix": "the page of counterparts in `holdfast report`",
            "first-run baseline": "`[limits] baseline`",
            "data doctor": "`holdfast doctor`",
            "preview": "`holdfast rules preview`",
            "back-test": "`holdfast rules backtest`; its figures on real data: [evidence](evidence.md)",
            "own rules": "`[[rules.custom]]`: see [custom](custom.md)",
            "mindset, answers rehearsed, strokes, referrals, requests managed up front": "not computable from a CRM",
        },
    }
)

#: By subject, the rules: those that are in no list stand under the last.
RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Coverage on our side": (
            *("sole-rep", "rep-concentration", "sole-rep-new", "no-team", "silent-team-member", "role-missing"),
            *("time-below-plan", "uncoordinated", "point-of-contact-authority"),
        ),
        "Threads on the customer side": (
            *("single-contact", "no-senior-contact", "senior-untouched", "procurement-only", "no-customer-sponsor"),
            *("no-complaint-backup", "peering-gap"),
        ),
        "Executive programme": (
            *("exec-reach-lapse", "our-exec-lapse", "exec-to-exec-lapse", "exec-due-soon", "no-our-sponsor"),
            "sponsor-overloaded",
        ),
        "Cadence and attention": (
            *("main-contact-meeting", "indirect-quarterly", "going-quiet", "quiet-key-account", "unanswered-inbound"),
            *("no-show-trend", "company-communication"),
        ),
        "Loss of a key person": ("our-person-left", "their-person-left", "suspected-left", "new-senior-contact"),
        "Service": ("issue-not-swift", "issue-reached-exec", "repeat-issues", "owner-unaware", "unannounced-favour"),
        "Plans": ("no-account-plan", "stale-plan", "no-joint-plan", "ceo-buy-in"),
        "Knowledge": ("expectations-inventory", "loss-scenario"),
        "Programmes": ("litmus-due",),
    }
)


def index_page() -> str:
    """Return the page that lists every practice of the sources with its state."""
    parts = ["<!-- Made by `make docs` from sync/report/practice.py and the rules: change those files. -->", _HEAD]
    parts += ["\n".join(_section(subject)) for subject in ELSEWHERE]
    return "\n\n".join(parts) + "\n"


def states() -> Iterator[tuple[str, str, str]]:
    """Yield (subject, id, state) of every practice: each rule of the catalog once, and what is told elsewhere."""
    catalog = dict(discover())
    for subject, elsewhere in ELSEWHERE.items():
        for name in RULES.get(subject, ()):
            if found := catalog.pop(name, None):
                yield subject, name, _rule(found)
        for name, text in elsewhere.items():
            found = catalog.pop(name, None)
            yield subject, name, _rule(found) if found else text
    for name, one in catalog.items():
        yield subject, name, _rule(one)


def _section(subject: str) -> Iterator[str]:
    yield f"## {subject}\n\n| practice or sign | what there is |\n|---|---|"
    for of, name, text in states():
        if of == subject:
            yield f"| {name} | {text} |"


def _rule(one: Rule) -> str:
    sentence = one.manual.strip().partition("\n")[0].rstrip(".")
    on = one.params.model_fields["enabled"].default
    state = f"with `{one.switched_on_by}`" if one.switched_on_by else "on" if on else "off until chosen"
    return f"[rule]({one.id}.md), {state}: {sentence}"


_HEAD = """# Every practice of the sources, and what became of it

Each line is a practice or a warning sign that the sources of this product name. It is a rule, another feature with its
command, or says why there is none. A rule that is off until chosen is switched on by `enabled = true` in its table."""
