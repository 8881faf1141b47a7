"""A portal of any number of contacts that holds none of them: `python -m tests.bench.made_portal CONTACTS`.

Every page is made when it is asked for, of 40 properties as a portal sends them, so that what serves is neither slower
nor larger with a million contacts than with a thousand. It answers what a first load of contacts asks, and no more.
"""

from __future__ import annotations

import asyncio
import json
import sys
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import orjson

FIRST_ID = 33_000_001
PER_COMPANY = 20
PAGE = 100
_FILLER = 40 - 10
_RECORD = (
    '{"id":"%(id)d","properties":{"firstname":"Person %(id)d","lastname":"Schmidt-Beaumont","email":"p%(id)d@c%(company)d.example",'
    '"jobtitle":"Head of Purchasing","associatedcompanyid":"%(company)d","hs_seniority":null,"hs_buying_role":null,'
    '"createdate":"2024-01-17T19:55:04.281Z","lastmodifieddate":"2026-09-11T13:27:39.356Z","hs_object_id":"%(id)d",'
    + ",".join(
        f'"hs_filler_{number}":{"null" if number % 3 else chr(34) + f"value {number} of a portal" + chr(34)}'
        for number in range(_FILLER)
    )
    + '},"createdAt":"2024-01-17T19:55:04.281Z","updatedAt":"2026-09-11T13:27:39.356Z","archived":false,'
    '"url":"https://app.hubspot.com/contacts/1/record/0-1/%(id)d"}'
)


def _company(contact: int) -> int:
    return 512 + (contact - FIRST_ID) // PER_COMPANY


class Portal:
    """Answers by path; `contacts` is how many there are."""

    def __init__(self, contacts: int) -> None:
        self._end = FIRST_ID + contacts

    def answer(self, target: str, body: bytes) -> bytes:
        parts = urlsplit(target)
        if "/associations/" in parts.path:
            return orjson.dumps({"status": "COMPLETE", "results": [_companies(one) for one in _ids(body)]})
        if parts.path.endswith("/search"):
            return orjson.dumps({"total": self._end - FIRST_ID, "results": [{"id": str(self._end - 1)}]})
        if "/contacts" in parts.path:
            after = parse_qs(parts.query).get("after", ["0"])[0]
            return self._page(max(FIRST_ID, int(after)))
        return orjson.dumps({"portalId": 1, "timeZone": "UTC", "companyCurrency": "EUR"})

    def _page(self, first: int) -> bytes:
        end = min(first + PAGE, self._end)
        records = ",".join([_RECORD % {"id": one, "company": _company(one)} for one in range(first, end)])
        paging = f',"paging":{{"next":{{"after":"{end}"}}}}' if end < self._end else ""
        return f'{{"results":[{records}]{paging}}}'.encode()


def _ids(body: bytes) -> list[str]:
    return [one["id"] for one in orjson.loads(body)["inputs"]]


def _companies(contact: str) -> dict[str, object]:
    types = [
        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
    ]
    return {"from": {"id": contact}, "to": [{"toObjectId": _company(int(contact)), "associationTypes": types}]}


class Wire(asyncio.Protocol):
    """As much HTTP as one well-behaved client needs."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, gap, body = self._heard.partition(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length: ")
        if not gap or len(body) < int(length.split(b"\r\n")[0] or 0):
            return
        self._heard = b""
        found = self._portal.answer(head.split(b" ")[1].decode(), body)
        told = f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
        self._transport.write(f"{told}Content-Length: {len(found)}\r\n\r\n".encode() + found)


async def serve(contacts: int) -> None:
    """Announce the URL on one line, and serve until the process ends."""
    portal = Portal(contacts)
    server = await asyncio.get_running_loop().create_server(lambda: Wire(portal), "127.0.0.1", 0)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
