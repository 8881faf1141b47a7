"""What the manual says of parameters, routes and gaps that several rules share, each said once.

A parameter that only one rule has says what it means itself: `Field(description=...)` in the rule's file wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rules.rule import Route

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "enabled": "whether the rule speaks at all",
        "severity": "how bad it is",
        "route": "whose task it is",
        "window_days": "how far back is counted",
        "min_touch_days": "person-days below this are not enough to judge",
        "top_share": "of the person-days, by one person",
        "second_share": "nobody else has this much",
        "tenure_days": "for so long already",
        "max_gap_days": "a longer gap begins a new run",
        "evidence_days": "an owner who logs nothing for so long cannot be judged; 0 = off",
        "level": "who is senior enough",
        "cadence_days": "how often it should happen",
        "grace_days": "so much later it is raised",
        "quiet_share": "of the usual contact, or less",
        "chance": "that so little is chance; lower is surer",
        "min_mean": "person-days a quarter below this tell nothing",
        "share": "of the person-days, to have carried the account",
        "raised_days": "how long it is told after the day they left",
        "effective_reps": "fewer than this carry it: 1 / sum of squared shares",
        "max_untitled": "with more contacts than this untitled nobody can tell",
        "min_peers": "fewer key accounts than this are no comparison",
        "workdays": "without an answer",
        "silent_days": "without a sign",
        "min_days": "two-way days before that",
        "min_outbound": "tries of ours since",
        "high_priorities": "what is urgent, in the words of the CRM",
    }
)

ROUTES: Mapping[Route, str] = MappingProxyType(
    {
        Route.OWNER: "the account's owner",
        Route.MANAGER: "the owner's manager",
        Route.SPONSOR: "our sponsor of the account, else its owner",
        Route.SUCCESSOR: "the successor, else the owner's manager",
        Route.QUEUE: "the queue, or who stands for one",
        Route.REPORT: "nobody: it is told in the report and in the account's fields",
    }
)

#: What a CRM may not tell (`Rule.hears`), and how that shows.
UNHEARD: Mapping[str, str] = MappingProxyType(
    {
        "email": "calls and meetings are logged but no message: silence proves nothing then",
        "departures": "nothing ever says that a contact left",
        "team": "nobody is on the team of any account",
        "tickets": "there is no case or ticket at all",
        "mailings": "nobody anywhere is a member of a campaign or got a marketing e-mail",
    }
)
