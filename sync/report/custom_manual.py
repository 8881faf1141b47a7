"""The page of docs about rules of the config: the table, the facts by group, ten worked examples that a test loads.

`make docs` writes it with the manual of the rules (`sync.report.manual`).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from rules.custom.fact_list import FACTS, GROUPS, facts_in

_INTRODUCTION = f"""<!-- Made by `make docs` from rules/custom and sync/report/custom_manual.py: change those. -->
# Rules of your own

A `[[rules.custom]]` table of the config is one more rule, without code: a condition over {len(FACTS)} documented facts,
and the texts of its task. In everything else it is a rule like those of the catalogue: it speaks of key customers,
stands in `rules list` and `rules show`, in the report, in `explain` and `evaluate --json`, is tried by `rules preview`
and `rules backtest`, can be waived, counts towards the caps, and its findings share one task with the others of the
account.

    [[rules.custom]]
    id = "no-meeting"                        # lower-case words joined by hyphens
    when = "days_since_meeting > 120"        # raised where this is true
    unknown_when = "days_on_record < 120"    # optional: nobody can judge where this is true
    why = "Nobody of ours has met {{account}} since {{last_meeting_on}}."
    headline = "no meeting for months"       # optional, at most 50 letters; else the id
    clears_when = "Clears when we have met."          # optional
    first_step = "Ask {{main_contact}} for an hour."    # optional
    severity = "high"                        # critical, high, medium (unless told), low
    route = "owner"                          # owner (unless told), manager, sponsor, successor, queue, report
    weight = 10                              # in the risk score; 0 unless told
    enabled = true                           # true unless told

    [rules.custom.tier.B]                    # as for any rule: what differs for a tier
    severity = "low"

Texts are told as they stand here, in one language; `{{a_fact}}` becomes its value, with days, shares and money written
as in every task. Behind `why` the day is added as of which its numbers are. Try a new rule before it bites:
`holdfast rules preview --against new.toml` names the accounts, and `route = "report"` makes no task.

## Conditions

Conditions are written in CEL, the [Common Expression Language](https://cel.dev): `&&`, `||`, `!`, `==`, `!=`, `<`,
`<=`, `>`, `>=`, `in ['A', 'B']`, `+ - * / %`, `a ? b : c`. Of texts there are `size()`, `contains()`, `startsWith()`,
`endsWith()` and `matches()` (a regular expression); of days `getFullYear()`, `getMonth()` (0 to 11), `getDate()`,
`getDayOfWeek()` (0 is Sunday); of lists `size()`, `exists(one, ...)`, `all`, `exists_one`, `filter` and `map`; and
`double()`, `int()`, `string()`, `timestamp('2026-01-01T00:00:00Z')`, `duration('24h')`.

- Numbers of any kind are compared by their value. Arithmetic wants two of a kind: `double(top_days) / 2.0`.
- A day is a moment, midnight in UTC: `today - last_touch_on > duration('720h')`. The facts named `days_...` are
  simpler.
- A fact that does not exist, a text compared with a number, or what is no condition at all is refused when the config
  is read, with the line of the config and the column in the expression.
- What is not known on an account makes the rule UNKNOWN there, with the fact named, unless the rest decides:
  `tier == 'A' && revenue > 50000.0` is clear in tier B, whatever the revenue. The same holds of what cannot be worked
  out, as a division by zero or an item that a list does not have. UNKNOWN is counted and shown, and never a task.
- Where the CRM is not told of e-mails, departures, teams, tickets or mailings, a rule whose condition rests on them is
  UNKNOWN.

## Facts
"""

#: What each example finds, and its table as it may stand in a config.
EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        "A large customer whom nobody has met for months, and no meeting is planned.",
        """
[[rules.custom]]
id = "large-and-unmet"
when = "revenue >= 100000.0 && days_since_meeting > 60 && meetings_ahead == 0"
why = "{account} is worth {revenue} a year, and the last meeting was on {last_meeting_on}."
headline = "no meeting, and none planned"
clears_when = "Clears when a meeting was held, or one is in the calendar."
first_step = "Ask {main_contact} for an hour this month."
severity = "high"
""",
    ),
    (
        "We write and write, and nothing comes back.",
        """
[[rules.custom]]
id = "one-way"
when = "messages_out_90d >= 3 && messages_in_90d == 0 && meetings_90d + calls_90d == 0"
why = "We wrote {messages_out_90d} messages to {account} in 90 days, and nobody answered, met us or took a call."
headline = "{messages_out_90d} messages, no answer"
""",
    ),
    (
        "Contact is down by a third: earlier than `going-quiet`, and so told in the report alone.",
        """
[[rules.custom]]
id = "fading"
when = "person_days_90d < usual_person_days_90d * 0.67"
unknown_when = "usual_person_days_90d < 3.0"
why = "{account} had {person_days_90d} contact days in 90 days, where {usual_person_days_90d} are usual."
severity = "low"
route = "report"
""",
    ),
    (
        "One of ours alone, with a weight in the score, and worse in tier A.",
        """
[[rules.custom]]
id = "thin-and-large"
when = "threads_ours == 1 && person_days_365d >= 8"
why = "Only {top_person} is in touch with {account}, {coverage}, over {person_days_365d} contact days in 12 months."
severity = "medium"
weight = 5
[rules.custom.tier.A]
severity = "high"
""",
    ),
    (
        "The owner hardly ever shows; whoever leads the owner should know.",
        """
[[rules.custom]]
id = "absent-owner"
when = "owner_active && owner_share < 0.2"
unknown_when = "person_days_365d < 12"
why = "{owner} owns {account} and had {owner_share} of its contact days in 12 months, {top_person} {top_share}."
first_step = "Agree with {owner} and {top_person} who looks after {account}."
route = "manager"
""",
    ),
    (
        "Nobody who decides on money is known, by their titles; not told where many have none.",
        """
[[rules.custom]]
id = "no-finance"
when = "!contact_functions.exists(one, one in ['finance', 'general'])"
unknown_when = "contacts_known == 0 || untitled_share > 0.4"
why = "None of the {contacts_known} people whom we know at {account} is in finance or leads it: {contact_titles}."
""",
    ),
    (
        "Somebody left, and more of those who are still there are silent than not.",
        """
[[rules.custom]]
id = "shrinking-circle"
when = "contacts_left_365d >= 1 && double(contacts_silent) / double(contacts_known) >= 0.5"
why = "{contacts_left_365d} left {account} in 12 months, {contacts_silent} of the {contacts_known} others are silent."
""",
    ),
    (
        "In the month in which they became a customer: a talk about the years behind and ahead.",
        """
[[rules.custom]]
id = "anniversary"
when = "days_as_customer > 300 && customer_since.getMonth() == today.getMonth()"
why = "{account} has been a customer since {customer_since}."
headline = "customer since {customer_since}"
clears_when = "Clears when the month is over."
severity = "low"
""",
    ),
    (
        "They buy more, and their executives hear less of us.",
        """
[[rules.custom]]
id = "growing-unseen"
when = "revenue_growth >= 1.2 && (executives_known == 0 || days_since_exec_exchange > 120)"
why = "{account} bought {revenue_growth} times what it did before; last with an executive: {last_exec_exchange_on}."
""",
    ),
    (
        "Much contact and no sale: is it service, or hope?",
        """
[[rules.custom]]
id = "talk-without-sale"
when = '''
person_days_365d >= 12
  && days_since_deal_won > 180
  && tier in ['A', 'B']
'''
why = "{account} had {person_days_365d} contact days in 12 months, and the last deal is {days_since_deal_won} days ago."
route = "manager"
severity = "low"
""",
    ),
)


def custom_page() -> str:
    """Return docs/rules/custom.md."""
    parts = [_INTRODUCTION.strip(), *map(_group, GROUPS), "## Ten examples", *_examples()]
    return "\n\n".join(parts) + "\n"


def _group(module: ModuleType) -> str:
    title, _, rest = (inspect.getdoc(module) or "").partition("\n\n")
    rows = [f"| `{one.name}` | {one.type} | {one.unit} | {one.meaning} |" for one in facts_in(module)]
    table = "\n".join(["| fact | type | unit | what it is |\n|---|---|---|---|", *rows])
    return "\n\n".join(filter(None, [f"### {title.rstrip('.')}", rest, table]))


def _examples() -> Iterator[str]:
    for number, (found, table) in enumerate(EXAMPLES, start=1):
        lines = "\n".join(f"    {line}".rstrip() for line in table.strip().splitlines())
        yield f"{number}. {found}\n\n{lines}"
