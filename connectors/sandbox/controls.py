"""The sandbox's own paths under `/_sandbox/`: what a test, or the demo, sees and does behind the APIs' back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from connectors.sandbox.company import Company
from connectors.sandbox.crm import Clock, Crm, iso
from connectors.sandbox.faults import Faults
from connectors.sandbox.journal import Journal
from connectors.sandbox.split import Split

MOST_RECORDS = 100_000
TASK_VERBS = frozenset({"complete_task", "delete_task", "defer_task", "reassign_task", "edit_task", "give_feedback"})
Handler = Callable[[Request], Awaitable[Any]]


class Controlled(Protocol):
    """What there is to control."""

    crms: Mapping[str, Crm]
    clock: Clock
    journal: Journal
    faults: Faults
    company: Company
    split: Split | None

    def reset(self, seed: int | None) -> None: ...


@runtime_checkable
class Adjustable(Protocol):
    """A CRM whose admin can be played."""

    def set_up(self, wanted: Mapping[str, Any]) -> dict[str, Any]: ...


class Controls:
    """Handlers return what becomes JSON; what is wrong with a request becomes 400 with its text."""

    def __init__(self, sandbox: Controlled) -> None:
        self._sandbox = sandbox

    def router(self) -> Router:
        paths: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "journal", self._journal),
            ("DELETE", "journal", self._empty_journal),
            ("GET", "records/{crm}/{object}", self._records),
            ("POST", "records/{crm}/{object}", self._create),
            ("GET", "records/{crm}/{object}/{id}", self._record),
            ("PATCH", "records/{crm}/{object}/{id}", self._update),
            ("DELETE", "records/{crm}/{object}/{id}", self._delete),
            ("GET", "ids", self._ids),
            ("GET", "clock", self._clock),
            ("POST", "clock", self._set_clock),
            ("GET", "faults", self._faults),
            ("POST", "faults", self._set_faults),
            ("DELETE", "faults", self._clear_faults),
            ("POST", "act", self._act),
            ("POST", "setup/{crm}", self._set_up),
            ("GET", "truth", self._truth),
            ("GET", "pairs", self._pairs),
            ("GET", "state", self._state),
            ("POST", "reset", self._reset),
        )
        routes = [Route(f"/_sandbox/{path}", _answering(do), methods=[method]) for method, path, do in paths]
        return Router(routes, default=_nowhere)

    def _crm(self, name: str) -> Crm:
        found = self._sandbox.crms.get(name)
        if found is None:
            raise ValueError(f"no CRM {name!r}: use {' or '.join(self._sandbox.crms)}")
        return found

    async def _journal(self, request: Request) -> Any:
        return {"requests": self._sandbox.journal.since(int(request.query_params.get("since", 0)))}

    async def _empty_journal(self, request: Request) -> Any:
        self._sandbox.journal.clear()
        return {}

    async def _records(self, request: Request) -> Any:
        limit = min(int(request.query_params.get("limit", 100)), MOST_RECORDS)
        if limit < 1:
            raise ValueError(f"limit must be at least 1 (is {limit})")
        crm = self._crm(request.path_params["crm"])
        found, after = crm.records(request.path_params["object"], request.query_params.get("after", ""), limit)
        return {"records": found, "next": after}

    async def _record(self, request: Request) -> Any:
        crm = self._crm(request.path_params["crm"])
        found = crm.record(request.path_params["object"], request.path_params["id"])
        if found is None:
            raise ValueError(f"no {request.path_params['object']} {request.path_params['id']!r} in {crm.name}")
        return found

    async def _create(self, request: Request) -> Any:
        return self._crm(request.path_params["crm"]).create(request.path_params["object"], await _object(request))

    async def _update(self, request: Request) -> Any:
        crm = self._crm(request.path_params["crm"])
        return crm.update(request.path_params["object"], request.path_params["id"], await _object(request))

    async def _delete(self, request: Request) -> Any:
        self._crm(request.path_params["crm"]).delete(request.path_params["object"], request.path_params["id"])
        return {}

    async def _ids(self, request: Request) -> Any:
        crm = self._crm(request.query_params.get("crm", ""))
        return {"ids": crm.ids(request.query_params.get("of", ""))}

    async def _clock(self, request: Request) -> Any:
        return {"now": iso(self._sandbox.clock.now())}

    async def _set_clock(self, request: Request) -> Any:
        asked = await _object(request)
        if "now" in asked:
            moment = datetime.fromisoformat(str(asked["now"]))
            if moment.tzinfo is None:
                raise ValueError(f"now: {asked['now']!r} lacks its zone: write 2026-11-02T06:00:00Z")
            self._sandbox.clock.set(moment)
        elif "advance_seconds" in asked:
            self._sandbox.clock.advance(float(asked["advance_seconds"]))
        else:
            raise ValueError('give {"now": ...} or {"advance_seconds": n}')
        return {"now": iso(self._sandbox.clock.now())}

    async def _faults(self, request: Request) -> Any:
        return {"rules": self._sandbox.faults.told()}

    async def _set_faults(self, request: Request) -> Any:
        rules = (await _object(request)).get("rules")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise ValueError('give {"rules": [{...}]}')
        self._sandbox.faults.replace(rules)
        return {"rules": self._sandbox.faults.told()}

    async def _clear_faults(self, request: Request) -> Any:
        self._sandbox.faults.replace(())
        return {}

    async def _act(self, request: Request) -> Any:
        details = await _object(request)
        who, do = str(details.pop("who", "")), str(details.pop("do", ""))
        named = details.pop("crm", None)
        crms = [self._crm(str(named))] if named else list(self._sandbox.crms.values())
        done, refusals = {}, []
        for crm in crms:
            try:
                done[crm.name] = crm.act(who, do, details)
            except ValueError as error:
                refusals.append(str(error))
            # A task stands in one CRM; what else people do shows in both.
            if done and do in TASK_VERBS:
                break
        if not done:
            raise ValueError(refusals[0])
        return done

    async def _set_up(self, request: Request) -> Any:
        crm = self._crm(request.path_params["crm"])
        if not isinstance(crm, Adjustable):
            raise ValueError(f"nothing can be set up in {crm.name}")  # noqa: TRY004 # the caller's mistake
        return crm.set_up(await _object(request))

    async def _truth(self, request: Request) -> Any:
        company = self._sandbox.company
        names = {account.id: account.name for account in company.accounts}
        return {
            "as_of": company.as_of.isoformat() if company.as_of else None,
            "accounts": [
                {
                    **{
                        f"{name}_id": next(iter(crm.ids(each.account)), None)
                        for name, crm in self._sandbox.crms.items()
                    },
                    "name": names.get(each.account, ""),
                    "planted": list(each.planted),
                    "expect": each.expect,
                }
                for each in company.truth
            ],
        }

    async def _pairs(self, request: Request) -> Any:
        if self._sandbox.split is None:
            raise ValueError("no pairs: both CRMs hold the whole company; start the sandbox with --split")
        return self._sandbox.split.told({name: crm.ids for name, crm in self._sandbox.crms.items()})

    async def _state(self, request: Request) -> Any:
        return {name: crm.counts() for name, crm in self._sandbox.crms.items()}

    async def _reset(self, request: Request) -> Any:
        seed = (await _object(request)).get("seed")
        self._sandbox.reset(None if seed is None else int(seed))
        return await self._state(request)


def _answering(do: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.client is None or request.client.host not in {"127.0.0.1", "::1"}:
            return _json({"error": "only for this machine"}, 403)
        try:
            return _json(await do(request))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            return _json({"error": str(error)}, 400)

    return answer


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    await _json({"error": f"no control at {scope['path']}"}, 404)(scope, receive, send)


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


async def _object(request: Request) -> dict[str, Any]:
    raw = await request.body()
    found = orjson.loads(raw) if raw else {}
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 # the caller's mistake, told as a 400
    return found
