"""Which accounts are to be judged now: each once per local day, and between that those about which anything is new.

What changed in the records takes an account's evaluation away when it is stored (`sync.store.affected`), and so does
time (`sync.store.meanwhile`). The rest is here: what the verdicts of all accounts rest on, and how each of them stands.
Judging the accounts that are due leaves the verdicts that judging all of them would.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version

import orjson
from sqlalchemy import Engine

from rules.rulebook import Rulebook
from sync.config import Config
from sync.findings import CLEAR_APART, UNKNOWN_PATIENCE
from sync.store import evaluations, ledger
from sync.store.facts import FactsReader


def basis(reader: FactsReader, config: Config, rulebook: Rulebook) -> bytes:
    """A digest of what the verdicts of all accounts rest on, beside their own records and how each of them stands."""
    rules = {
        rule: {tier: params.model_dump(mode="json") for tier, params in by_tier.items()}
        for rule, by_tier in rulebook.by_tier.items()
    }
    told = [
        version("holdfast"),
        reader.today,
        config.model_dump(mode="json"),
        rules,
        sorted(rulebook.own_severity),
        [asdict(user) for _, user in sorted(reader.users.items())],
        # Rules look at when somebody who is gone last logged anything, whoever's account it was on.
        {one: day for one, day in reader.last_logged.items() if one in reader.users and not reader.users[one].active},
        {connection: dict(source.untold) for connection, source in reader.together.sources.items()},
        reader.peers.attention if reader.peers else None,
    ]
    told_whole = orjson.dumps(told, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(told_whole, digest_size=12).digest()


def standing(reader: FactsReader, account_id: str) -> bytes:
    """How an account stands, as far as verdicts rest on it, and when its owner last logged anything. Its rank is not in
    it: that moves with every deal. One that several connections know stands by all that they have of it.
    """
    one = reader.standings[account_id]
    waived = sorted(reader.waived.get(account_id, {}).items())
    logged = reader.last_logged.get(reader.accounts[account_id].owner_id or "")
    told = f"{one.customer} {one.key} {one.tier} {one.revenue!r} {one.excluded} {waived} {logged}"
    return f"{told} {reader.together.told(account_id)}".encode()


def due(engine: Engine, reader: FactsReader, on: bytes, now: datetime) -> list[str]:
    """Return the accounts to be judged, in the order of their ids. `on` is the basis of all."""
    with engine.connect() as db:
        judged = evaluations.judged_on(db, reader.connection)
    waiting = frozenset(
        ledger.waiting(engine, reader.connection, not_raised_by=now - CLEAR_APART, unknown_by=now - UNKNOWN_PATIENCE)
    )
    return [
        account_id
        for account_id in reader.accounts
        if account_id in waiting or judged.get(account_id) != (on, standing(reader, account_id))
    ]
