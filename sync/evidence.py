"""Can the data carry the verdicts? What `holdfast doctor` tells of a connection's records. Pure.

A CRM into which nobody logs looks like one whose customers hang on nobody: each of these lines is a cause of UNKNOWN,
or of findings that are not true. Shares are 0 to 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.diagnosis import Line, fail, ok, warn
from rules.facts import Standing
from rules.functions import functions_of
from rules.model import Account, Contact, User
from rules.rule import Route
from rules.titles import Level, TitleRules, level_of
from sync.config import Config
from sync.people import People
from sync.store.evidence import Evidence

ONE_PERSON_SHARE = 0.4  # of all activities or accounts: more than a person does (facts/domain.md 4.2)
ENOUGH_ACTIVITIES, ENOUGH_ACCOUNTS, ENOUGH_PEOPLE = 50, 20, 4  # fewer tell nothing of shares
FEW_MESSAGES = 0.05  # of the calls, meetings and messages: e-mails are hardly logged
HALF = 0.5
MOST_TITLES = 20
_MESSAGES, _HELD = ("email", "message"), ("call", "meeting")


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A connection's records as one sees them from above; mappings by id. `elsewhere` counts the accounts that are
    judged in another connection of the group.
    """

    users: Mapping[str, User]
    accounts: Mapping[str, Account]
    standings: Mapping[str, Standing]
    untold: Mapping[str, str]
    evidence: Evidence
    elsewhere: int = 0

    def customers(self) -> dict[str, Account]:
        """The accounts that a rule may speak of."""
        return {
            account_id: account
            for account_id, account in self.accounts.items()
            if self.standings[account_id].customer and not self.standings[account_id].excluded
        }


def judge_evidence(picture: Picture, config: Config) -> Iterator[Line]:
    """Yield a line for each thing that the verdicts rest on."""
    yield from logging_lines(picture.evidence, picture.untold)
    ignored = {user_id for user_id, user in picture.users.items() if user.email in config.people.ignore}
    yield from machine_lines(picture, ignored)
    yield from revenue_lines(picture, config.customers.key)
    yield from owner_lines(picture, People.of(picture.users, config.people))
    yield from title_lines(picture.evidence, config.titles)


def logging_lines(evidence: Evidence, untold: Mapping[str, str]) -> Iterator[Line]:
    """Are calls, meetings and e-mails logged at all, and does anything tell of departures?"""
    kinds = Counter(evidence.kinds)
    told = ", ".join(f"{kinds[kind]:,} {kind}s" for kind in (*_MESSAGES[:1], *_HELD, "message", "note"))
    messages, held = (sum(kinds[kind] for kind in some) for some in (_MESSAGES, _HELD))
    if not messages + held:
        yield fail(
            f"nothing was logged in {evidence.days} days: no rule can judge anything",
            "grant read access to activities, or have people log them",
        )
    elif "email" in untold or (messages < FEW_MESSAGES * (messages + held) and held >= ENOUGH_ACTIVITIES):
        yield warn(
            f"e-mails are hardly logged: {told} in {evidence.days} days",
            "switch on Sync Email as Salesforce Activity (Einstein Activity Capture) or HubSpot's e-mail logging; "
            "until then rules that listen for e-mails are UNKNOWN or hear half of the talk",
        )
    else:
        yield ok(f"logged in {evidence.days} days: {told}")
    if "departures" in untold:
        yield warn(
            f"{untold['departures']}: their-person-left finds nobody",
            "mark contacts who left (Salesforce: end the account relation), or rely on suspected-left",
        )
    if "mailings" in untold:
        yield warn(
            "nobody is a member of a campaign or got a marketing e-mail: company-communication cannot be judged",
            "see above whether they may be read; where mailings go out by another system, switch the rule off",
        )


def machine_lines(picture: Picture, ignored: Collection[str]) -> Iterator[Line]:
    """One user with a great share of everything is an integration, a queue or a shared mailbox."""
    people = {user_id: user for user_id, user in picture.users.items() if user_id not in ignored}
    logged = Counter({who: count for who, count in picture.evidence.by_user.items() if who in people})
    owners = Counter(one.owner_id for one in picture.accounts.values() if one.owner_id in people)
    found = False
    for counted, what, enough in (
        (logged, "activities", ENOUGH_ACTIVITIES),
        (owners, "accounts", ENOUGH_ACCOUNTS),
    ):
        total = counted.total()
        for user_id, count in counted.most_common(1) if total >= enough and len(people) >= ENOUGH_PEOPLE else ():
            if count > ONE_PERSON_SHARE * total:
                found = True
                user = people[str(user_id)]
                yield warn(
                    f"{user.name} has {count / total:.0%} of all {what}: is that a person?",
                    f'if not, put "{user.email or user_id}" into [people] ignore',
                )
    if logged and not found:
        yield ok(f"nobody has more than {ONE_PERSON_SHARE:.0%} of all activities or accounts")


def revenue_lines(picture: Picture, key: str) -> Iterator[Line]:
    """Who is a customer, and what with?"""
    customers = picture.customers()
    if not customers and picture.elsewhere:
        yield ok(f"{picture.elsewhere:,} of {len(picture.accounts):,} accounts are judged in another connection")
        return
    if not customers:
        yield fail(f"none of {len(picture.accounts):,} accounts is a customer", "set [customers] is")
        return
    stands = [picture.standings[account_id] for account_id in customers]
    keys = sum(bool(one.key) for one in stands)
    known = sum(one.revenue is not None for one in stands)
    told = f"{len(customers):,} customers, {keys:,} of them key; revenue is known of {known:,}"
    mend = "map what they pay you a year ([connections.NAME.map] revenue), or give won deals amounts and close dates"
    if not keys:
        yield fail(f"{told}: no rule speaks of any", f"{mend}; or choose [customers] key by flag, or all")
    elif known < HALF * len(customers) and key == "top-share":
        yield warn(told, mend)
    else:
        yield ok(told)


def owner_lines(picture: Picture, people: People) -> Iterator[Line]:
    """Does every task find its reader?"""
    customers = picture.customers().values()
    ownerless = sum(one.owner_id is None for one in customers)
    owners = {one.owner_id for one in customers if one.owner_id}
    gone = sorted(owner for owner in owners if not (owner in picture.users and picture.users[owner].active))
    if ownerless or gone:
        names = ", ".join(people.name(owner) for owner in gone[:5]) + (", ..." if len(gone) > 5 else "")
        who = [f"{ownerless:,} customers have no owner"] if ownerless else []
        who += [f"{len(gone)} owners are not active ({names})"] if gone else []
        yield warn("; ".join(who), "assign them in the CRM, or name who takes over in [people.successors]")
    elif owners:
        yield ok("every customer has an active owner")
    alone = sorted(owner for owner in owners if people.routes(owner).get(Route.MANAGER) == owner)
    if alone and len(alone) >= HALF * len(owners):
        yield warn(
            f"{len(alone)} of {len(owners)} owners have no active manager: what goes to managers goes to the owners",
            "fill in the manager of the users, or [people.managers]",
        )


def title_lines(evidence: Evidence, rules: TitleRules) -> Iterator[Line]:
    """Whose level is known? Executives are found by it."""
    if not evidence.contacts:
        yield warn("there are no contacts", "grant read access to contacts")
        return
    untitled = sum(count for contact, count in evidence.titles if level_of(contact, rules) is Level.UNKNOWN)
    share = untitled / evidence.contacts
    told = f"{share:.0%} of {evidence.contacts:,} contacts have neither title nor seniority nor role"
    if share > HALF:
        yield warn(told, "fill in titles: who is an executive is told by them, and by roles")
    else:
        yield ok(told)
    odd = Counter[str]()
    for contact, count in evidence.titles:
        if not understood(contact, rules):
            odd[contact.title.strip()] += count
    if odd:
        most = ", ".join(f"{title} ({count})" for title, count in odd.most_common(MOST_TITLES))
        yield warn(
            f"{odd.total():,} contacts have titles of no known level or function, most often: {most}",
            "those that are senior go into [titles.levels], those of a function into [titles.functions]",
        )


def understood(contact: Contact, rules: TitleRules) -> bool:
    """Whether title, seniority, role or the organisation's own list say who this is; true also where there is none."""
    if not contact.title.strip() or level_of(contact, rules) is not Level.OTHER or rules.level(contact.title):
        return True
    without = level_of(replace(contact, title=""), rules)
    return without is not Level.UNKNOWN or bool(functions_of(contact, rules))
