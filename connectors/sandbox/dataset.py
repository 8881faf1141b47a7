"""Reads a dataset folder: CSV files by name, one row at a time, each cell checked and every reference followed.

A missing file is an empty one, a missing optional column an empty one, a column of another name is passed over. A bad
row raises ValueError with its file, line and column.
"""

from __future__ import annotations

from pathlib import Path

from connectors.sandbox.company import (
    Company,
    SeedAccount,
    SeedContact,
    SeedDeal,
    SeedMailing,
    SeedTeamMember,
    SeedTicket,
    SeedTouch,
    SeedUser,
)
from connectors.sandbox.csv_rows import References, Row, rows

_KINDS = ("email", "call", "meeting", "note")
_DIRECTIONS = ("", "inbound", "outbound")


def read_dataset(folder: Path) -> Company:
    """The company of the folder, without a truth and without an as-of day.

    Raises ValueError for the first bad row: its file, line and column, and what is wrong with it; NotADirectoryError
    where there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: no such folder")
    refs, company = References(), Company()
    # Each file before those that refer to it.
    company.users = [_user(row, refs) for row in rows(folder / "users.csv", "id", "name", "email")]
    company.accounts = [_account(row, refs) for row in rows(folder / "accounts.csv", "id", "name")]
    company.contacts = [_contact(row, refs) for row in rows(folder / "contacts.csv", "id", "account", "name")]
    refs.close()
    company.touches = [_touch(row, refs) for row in rows(folder / "touches.csv", "id", "at", "kind")]
    company.deals = [_deal(row, refs) for row in rows(folder / "deals.csv", "id", "account")]
    company.tickets = [_ticket(row, refs) for row in rows(folder / "tickets.csv", "id", "account")]
    company.team = [_member(row, refs) for row in rows(folder / "team.csv", "account", "user")]
    company.mailings = [_mailing(row, refs) for row in rows(folder / "mailings.csv", "name", "contact", "at")]
    return company


def _user(row: Row, refs: References) -> SeedUser:
    return SeedUser(
        id=refs.new_id(row),
        name=row.required("name"),
        email=row.required("email"),
        title=row.text("title"),
        active=row.flag("active", default=True),
        manager=refs.follow_one(row, "manager", "users.csv"),
    )


def _account(row: Row, refs: References) -> SeedAccount:
    return SeedAccount(
        id=refs.new_id(row),
        name=row.required("name"),
        domain=row.text("domain"),
        owner=refs.follow_one(row, "owner", "users.csv"),
        type=row.text("type"),
        customer_since=row.day("customer_since"),
        parent=refs.follow_one(row, "parent", "accounts.csv"),
    )


def _contact(row: Row, refs: References) -> SeedContact:
    row.required("account")
    left_on = row.day("left_on")
    if left_on is not None and row.flag("active", default=False):
        row.refuse("left_on", "somebody who is active has not left")
    return SeedContact(
        id=refs.new_id(row),
        account=refs.follow_one(row, "account", "accounts.csv"),
        name=row.required("name"),
        email=row.text("email"),
        title=row.text("title"),
        role=row.text("role"),
        active=row.flag("active", default=left_on is None),
        left_on=left_on,
        opted_out=row.flag("opted_out", default=False),
    )


def _touch(row: Row, refs: References) -> SeedTouch:
    row.required("kind")
    return SeedTouch(
        id=refs.new_id(row),
        at=row.moment("at") or row.refuse("at", "must not be empty"),
        kind=row.one_of("kind", _KINDS),
        direction=row.one_of("direction", _DIRECTIONS),
        users=refs.follow(row, "users", "users.csv"),
        contacts=refs.follow(row, "contacts", "contacts.csv"),
        account=refs.follow_one(row, "account", "accounts.csv"),
        subject=row.text("subject"),
        outcome=row.text("outcome"),
        minutes=row.count("minutes"),
    )


def _deal(row: Row, refs: References) -> SeedDeal:
    row.required("account")
    return SeedDeal(
        id=refs.new_id(row),
        account=refs.follow_one(row, "account", "accounts.csv"),
        name=row.text("name"),
        amount=row.number("amount"),
        currency=row.text("currency"),
        closed_on=row.day("closed_on"),
        won=row.flag("won", default=False),
    )


def _ticket(row: Row, refs: References) -> SeedTicket:
    row.required("account")
    return SeedTicket(
        id=refs.new_id(row),
        account=refs.follow_one(row, "account", "accounts.csv"),
        contact=refs.follow_one(row, "contact", "contacts.csv"),
        opened_at=row.moment("opened_at"),
        closed_at=row.moment("closed_at"),
        priority=row.text("priority"),
        escalated=row.flag("escalated", default=False),
    )


def _member(row: Row, refs: References) -> SeedTeamMember:
    row.required("account")
    row.required("user")
    return SeedTeamMember(
        account=refs.follow_one(row, "account", "accounts.csv"),
        user=refs.follow_one(row, "user", "users.csv"),
        role=row.text("role"),
        since=row.day("since"),
    )


def _mailing(row: Row, refs: References) -> SeedMailing:
    row.required("contact")
    return SeedMailing(
        name=row.required("name"),
        contact=refs.follow_one(row, "contact", "contacts.csv"),
        at=row.moment("at") or row.refuse("at", "must not be empty"),
        starts_on=row.day("starts_on"),
        answered_on=row.day("answered_on"),
    )
