"""What is measured, one program per process: `python -m tests.bench.worker PROGRAM JSON` prints a JSON object."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.bench import bare

Result = dict[str, Any]
_MADE_AT = datetime(2026, 11, 2, 6, tzinfo=UTC)


class Unpaced:
    """A clock on which waiting takes no time: what a connector may not send yet, it sends at once."""

    def __init__(self) -> None:
        self.skipped_seconds = 0.0

    def now(self) -> float:
        return time.monotonic() + self.skipped_seconds

    def sleep(self, seconds: float) -> None:
        self.skipped_seconds += seconds


def pull(*, config: str, crm: str, store: str, cycle: int = 1, paced: bool = False) -> Result:
    """One `sync.pull.pull` into the store, through the real connector."""
    from sync.pull import pull as pull_all
    from sync.store.records import counts

    work = _work(config, crm, store, paced=paced)
    with _timed() as result:
        pulled = pull_all(work.engine, work.connector, cycle=cycle, now=work.now)
    if broken := {name: stream.error for name, stream in pulled.items() if not stream.complete}:
        raise SystemExit(f"incomplete: {broken}")
    work.connector.close()
    return result | {
        "records": sum(stream.records for stream in pulled.values()),
        "changed": sum(stream.changed for stream in pulled.values()),
        "activities": counts(work.engine, crm)["activities"],
        "calls": work.connector.api_calls,
    }


def plain_load(*, config: str, crm: str, store: str) -> Result:
    """The same load through the same client and mapping, each page upserted and nothing else."""
    from tests.bench import plain

    connector = _work(config, crm, f"{store}-unused").connector
    with _timed() as result:
        records = plain.load(connector, store)
    connector.close()
    return result | {"records": records, "calls": connector.api_calls}


def pages(*, url: str, first: str, token: str, most: int, gzip: bool) -> Result:
    """Up to `most` pages from the path `first` on, fetched and not even parsed: they were found beforehand."""
    client = bare.Client(url, token, gzip=gzip)
    paths, records = client.follow(first, most)
    with _timed() as result:
        size = sum(client.size(path) for path in paths)
    return result | {"records": records, "pages": len(paths), "megabytes": size / 1e6}


def contacts(*, url: str, store: str) -> Result:
    """A first load of contacts alone, from a made-up portal."""
    from connectors.hubspot.connector import connect
    from sync import log
    from sync.pull import pull as pull_all
    from sync.store.engine import open_engine

    log.configure(quiet=True)
    clock = Unpaced()
    connector = connect("bench", _portal(url), clock=clock.now, sleep=clock.sleep)
    only = [one for one in connector.streams() if one.name == "contacts"]
    alone: Any = SimpleNamespace(name=connector.name, streams=lambda: only, pull=connector.pull)
    engine = open_engine(f"sqlite:///{store}")
    with _timed() as result:
        found = pull_all(engine, alone, cycle=1, now=_MADE_AT)["contacts"]
    if not found.complete:
        raise SystemExit(f"incomplete: {found.error}")
    return result | {"records": found.records, "calls": connector.api_calls}


def bare_contacts(*, url: str, store: str) -> Result:
    """The same contacts through the same client and the same mapping, into one table with a key, and nothing else."""
    from connectors.hubspot.client import Client
    from connectors.hubspot.mapping import shapes

    clock = Unpaced()
    client = Client("bench", _portal(url), clock=clock.now, sleep=clock.sleep)
    with _timed() as result:
        records = bare.load_contacts(
            client.get, shapes(_portal(url))["contacts"], client.paths.objects("contacts"), store
        )
    return result | {"records": records, "calls": client.calls}


def evaluate(*, config: str, crm: str, store: str) -> Result:
    """A full evaluation, every account a key account; verdicts, findings and snapshots are kept as in a cycle."""
    from sync import cycle, judging
    from sync.store.facts import Moment

    os.environ["HOLDFAST__CUSTOMERS__KEY"] = "all"
    work = _work(config, crm, store)
    work.complete = work.rulebook.needs | {"tasks"}
    accounts = touches = 0
    with _timed() as result:
        reader = cycle.facts_reader(work, Moment.at(work.now, work.config.timezone))
        for judged in judging.evaluate_stage(work, reader):
            accounts += 1
            touches += len(judged.facts.touches)
    return result | {"accounts": accounts, "touches": touches}


def touches(*, store: str) -> Result:
    """A bare loop over all touches of the store."""
    with _timed() as result:
        found = bare.stream_touches(store)
    return result | {"touches": found}


def make_store(*, store: str, ordered: str, accounts: int, touches: int) -> Result:
    """A made-up store, and its touches in order for the floor."""
    from tests.bench import made_store

    with _timed() as result:
        made_store.make(Path(store), accounts, touches, _MADE_AT)
    bare.touches_in_order(store, ordered)
    return result


def judge(*, store: str, hours: int, changed: int = 0, accounts: int = 0, every_rule: bool = False) -> Result:
    """What a cycle evaluates so many hours after the store was made, after some late calls on `changed` accounts."""
    from sync import cycle, judging
    from sync.store.facts import Moment
    from sync.store.records import save_page
    from tests.bench import made_store

    work = _made_work(store, _MADE_AT + timedelta(hours=hours), every_rule=every_rule)
    if changed:
        page = made_store.late_calls(accounts, changed, work.now)
        save_page(work.engine, work.name, "late", page, cycle=2, now=work.now)
    judged = 0
    with _timed() as result:
        reader = cycle.facts_reader(work, Moment.at(work.now, work.config.timezone))
        for _ in judging.evaluate_stage(work, reader):
            judged += 1
    return result | {"accounts": judged, "rules": len(work.rulebook.rules)}


def person_days(*, ordered: str) -> Result:
    """The floor of an evaluation."""
    with _timed() as result:
        found, days = bare.count_person_days(ordered)
    return result | {"touches": found, "person_days": days}


def backtest(*, store: str, months: int) -> Result:
    """A back-test of the default rules over so many month-ends."""
    from sync import log
    from sync.backtest import trial
    from sync.store.past import Past

    log.configure(json=False, quiet=True)
    work = _made_work(store, _MADE_AT)
    with _timed() as result:
        ground = trial.prepare(work, "silent-180", months, Past(work.name))
        told = trial.told(trial.try_rules(ground, [work.rulebook]), list(work.rulebook.rules))
    work.engine.dispose()
    return result | {"accounts": told["accounts"], "months": len(told["month_ends"]), "outcomes": told["outcomes"]}


def make_sides(*, store: str, accounts: int, contacts: int) -> Result:
    """A made-up store of two CRMs."""
    from tests.bench import made_sides

    with _timed() as result:
        made_sides.make(Path(store), accounts, contacts)
    return result


def bare_match(*, store: str) -> Result:
    """The floor of matching: both sides joined by equal ids, addresses and domains in a loop, the pairs into a table."""
    with _timed() as result:
        pairs = bare.match(store)
    return result | {"pairs": pairs}


def match_all(*, store: str, accounts: int, contacts: int) -> Result:
    """Everything matched as after the first pull of the second of two connections."""
    from sync import log
    from sync.match.stage import match
    from sync.store import matches
    from sync.store.engine import open_engine
    from tests.bench import made_sides

    log.configure(quiet=True)
    engine = open_engine(f"sqlite:///{store}")
    match(engine, made_sides.HUBSPOT, made_sides.GROUP, cycle=1)
    with _timed() as result:
        match(engine, made_sides.SALESFORCE, made_sides.GROUP, cycle=2)
    with engine.connect() as db:
        pairs = sum(matches.count(db, made_sides.SALESFORCE, kind) for kind in ("account", "contact"))
    if pairs != made_sides.expected(accounts, contacts):
        raise SystemExit(f"matched {pairs} pairs")
    return result | {"pairs": pairs}


def match_some(*, store: str, contacts: int, changed: int, cycle: int) -> Result:
    """An increment: so many contacts have other addresses than before."""
    from sync import log
    from sync.match.stage import match
    from sync.store.engine import open_engine
    from sync.store.records import save_page
    from tests.bench import made_sides

    log.configure(quiet=True)
    engine = open_engine(f"sqlite:///{store}")
    if changed:
        page = made_sides.renamed(changed, contacts)
        save_page(engine, made_sides.HUBSPOT, "contacts", page, cycle=cycle, now=_MADE_AT)
    with _timed() as result:
        match(engine, made_sides.HUBSPOT, made_sides.GROUP, cycle=cycle)
    return result


@contextmanager
def _timed() -> Iterator[Result]:
    """Fills the dict at the end of the block; `peak_mb` is the whole process's so far."""
    result: Result = {}
    seconds, cpu_seconds = time.perf_counter(), time.process_time()
    yield result
    result["seconds"] = time.perf_counter() - seconds
    result["cpu_seconds"] = time.process_time() - cpu_seconds
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _work(config: str, crm: str, store: str, *, paced: bool = False) -> Any:
    from sync import config_file, connections, log
    from sync.cycle import Work
    from sync.store.engine import open_engine

    log.configure(quiet=True)
    settings, rulebook = config_file.load(Path(config))
    connection = settings.connections[crm]
    if crm == "hubspot" and not paced:
        from connectors.hubspot.connector import connect

        clock = Unpaced()
        connector = connect(crm, connection, clock=clock.now, sleep=clock.sleep)
    else:
        connector = connections.connect(crm, connection, rulebook.needs)
    # A minute ahead of the sandbox's start: nothing that was loaded lies in the future.
    now = connections.now_for(settings, connector, None) + timedelta(minutes=1)
    engine = open_engine(f"sqlite:///{store}")
    return Work(engine=engine, config=settings, rulebook=rulebook, connector=connector, now=now)


def _portal(url: str) -> Any:
    from connectors.hubspot.settings import HubspotSettings

    return HubspotSettings.model_validate({"kind": "hubspot", "access_token": "bench", "base_url": url})


def _made_work(store: str, now: datetime, *, every_rule: bool = False) -> Any:
    """A worker on a made-up store, with every default rule, or every rule there is, and every customer key; nothing of
    it asks a CRM.
    """
    from rules.rule import discover
    from rules.rulebook import read_rulebook
    from sync.config import Config
    from sync.cycle import Work
    from sync.store.engine import open_engine
    from tests.bench import made_store

    catalog = discover() if every_rule else {}
    settings: dict[str, Any] = {"customers": {"key": "all"}, "schedule": {"timezone": "Europe/Berlin"}}
    if every_rule:
        settings["people"] = {"executives": made_store.EXECUTIVES}
    config = Config.model_validate(settings)
    named = {rule.switched_on_by for rule in catalog.values()}
    rulebook, wrong = read_rulebook({rule: {"enabled": True} for rule in catalog}, named=named)
    if wrong:
        raise SystemExit(f"bench: {wrong}")
    return Work(
        engine=open_engine(f"sqlite:///{store}"),
        config=config,
        rulebook=rulebook,
        connector=SimpleNamespace(name=made_store.CONNECTION),  # only its name is asked for
        now=now,
        complete=rulebook.needs | {"tasks"},
    )


if __name__ == "__main__":
    json.dump(globals()[sys.argv[1]](**json.loads(sys.argv[2])), sys.stdout)
