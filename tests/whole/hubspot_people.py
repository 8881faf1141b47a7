"""What people, apps and HubSpot itself do to a portal: at random, and the same again for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.connectors.hubspot_portal import ACTIVITIES, HOUR, Portal

RECORDS = ("companies", "contacts", "deals")
ROOT = "2026-09"
# From what to what, by which association types: without a label, and as the primary company.
_ENDS = {
    ("calls", "contacts"): (194,),
    ("calls", "companies"): (182,),
    ("calls", "deals"): (206,),
    ("emails", "contacts"): (198,),
    ("emails", "companies"): (186,),
    ("emails", "deals"): (210,),
    ("meetings", "contacts"): (200,),
    ("meetings", "companies"): (188,),
    ("meetings", "deals"): (212,),
    ("notes", "contacts"): (202,),
    ("notes", "companies"): (190,),
    ("communications", "contacts"): (81,),
    ("communications", "companies"): (87,),
    ("deals", "companies"): (341, 5),
    ("contacts", "companies"): (279, 1),
}
_TEXT = {
    "companies": "name",
    "contacts": "jobtitle",
    "deals": "dealname",
    "calls": "hs_call_title",
    "emails": "hs_email_subject",
    "meetings": "hs_meeting_title",
    "notes": "hs_note_body",
    "communications": "hs_communication_body",
}


class People:
    """Everybody but us; `told` is what they did, for whoever must understand a history that went wrong."""

    def __init__(self, portal: Portal, random: Random) -> None:
        self._portal = portal
        self._random = random
        self._serial = 0
        self._labels: dict[str, int] = {}
        self.told: list[str] = []
        # The commoner a thing is in a portal, the more often it stands here.
        self._deeds: tuple[Callable[[], str], ...] = (
            *(self._edit, self._log, self._attach) * 3,
            *(self._make, self._detach, self._archive, self._restore, self._merge) * 2,
            self._label,
            self._shift_activity,
            self._erase,
            self._bulk_edit,
            self._deactivate,
            self._reactivate,
            self._leave,
        )

    def act(self) -> None:
        """One deed; where there is nobody to do it to, nothing happens."""
        deed = self._random.choice(self._deeds)
        self.told.append(f"{deed.__name__.strip('_')} {deed()}")

    def _edit(self) -> str:
        kind, record = self._any(*RECORDS, *ACTIVITIES)
        return self._change(kind, record, {_TEXT[kind]: self._word()})

    def _shift_activity(self) -> str:
        """An activity turns out to have been at another time."""
        kind, record = self._any(*ACTIVITIES)
        at = {"hs_timestamp": self._moment()}
        if kind == "meetings":
            at |= {"hs_meeting_start_time": at["hs_timestamp"], "hs_meeting_end_time": at["hs_timestamp"]}
        return self._change(kind, record, at)

    def _change(self, kind: str, record: dict[str, Any] | None, values: dict[str, str]) -> str:
        if record is None:
            return "nobody"
        self._portal.control("PATCH", f"records/hubspot/{kind}/{record['id']}", values)
        return f"{kind} {record['id']} {values}"

    def _log(self) -> str:
        """A call, an e-mail or a meeting, logged as happening now, long ago or in some days."""
        contacts, companies = self._live("contacts"), self._live("companies")
        if not contacts or not companies:
            return "nothing"
        verb = self._random.choice(("log_call", "log_email", "hold_meeting"))
        about = {
            "contacts": [one["id"] for one in self._random.sample(contacts, min(2, len(contacts)))],
            "account": self._random.choice(companies)["id"],
        }
        about = {name: about[name] for name in self._random.sample(list(about), self._random.randint(1, 2))}
        done = self._portal.control(
            "POST", "act", {"crm": "hubspot", "who": self._owner(), "do": verb, "at": self._moment(), **about}
        )
        return f"{done} {about}"

    def _make(self) -> str:
        """A record out of nothing, hanging on one that is there."""
        kind = self._random.choice((*RECORDS, "notes", "communications", "emails"))
        values = {_TEXT[kind]: self._word()}
        if kind in ACTIVITIES:
            values["hs_timestamp"] = self._moment()
        if kind == "emails":
            values["hs_email_direction"] = "INCOMING_EMAIL"
        if kind == "contacts":
            values["email"] = f"{self._word()}@made.example"
        if kind == "deals":
            values |= {"dealstage": "closedwon", "amount": str(self._random.randint(1, 9000))}
        ends = [] if kind == "companies" else [self._end(kind)]
        links = [
            {"to": {"id": to}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for _, to, type_id in ends
            if to
        ]
        made = self._portal.control("POST", f"records/hubspot/{kind}", {"properties": values, "associations": links})
        return f"{kind} {made['id']} {links}"

    def _attach(self) -> str:
        kind, record = self._any("contacts", "deals", *ACTIVITIES)
        to_kind, to, type_id = self._end(kind)
        if record is None or not to:
            return "nothing"
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        link = {"from": {"id": record["id"]}, "to": {"id": to}, "types": types}
        self._portal.api(f"/crm/associations/{ROOT}/{kind}/{to_kind}/batch/create", {"inputs": [link]})
        return f"{kind} {record['id']} to {to_kind} {to} by {type_id}"

    def _label(self) -> str:
        """A label of the portal's own says what a contact is at a company or in a deal."""
        to_kind = self._random.choice(("companies", "deals"))
        (_, contact), (_, to) = self._any("contacts"), self._any(to_kind)
        if contact is None or to is None:
            return "nobody"
        path = f"/crm/associations/{ROOT}/contacts/{to_kind}"
        if to_kind not in self._labels:
            made = self._portal.api(f"{path}/labels", {"label": "Decision maker", "name": "decision_maker"})
            self._labels[to_kind] = made["results"][0]["typeId"]
        types = [{"associationCategory": "USER_DEFINED", "associationTypeId": self._labels[to_kind]}]
        link = {"from": {"id": contact["id"]}, "to": {"id": to["id"]}, "types": types}
        self._portal.api(f"{path}/batch/create", {"inputs": [link]})
        return f"contacts {contact['id']} with {to_kind} {to['id']}"

    def _detach(self) -> str:
        kind, record = self._any("contacts", "deals", *ACTIVITIES)
        linked = {to: ids for to, ids in (record or {}).get("associations", {}).items() if (kind, to) in _ENDS and ids}
        if record is None or not linked:
            return "nothing"
        to_kind = self._random.choice(list(linked))
        to = self._random.choice(linked[to_kind])["id"]
        link = {"from": {"id": record["id"]}, "to": [{"id": to}]}
        self._portal.api(f"/crm/associations/{ROOT}/{kind}/{to_kind}/batch/archive", {"inputs": [link]})
        return f"{kind} {record['id']} from {to_kind} {to}"

    def _archive(self) -> str:
        kind, record = self._any(*RECORDS, *ACTIVITIES)
        if record is None or len(self._live(kind)) < 3:
            return "nothing"
        self._portal.control("DELETE", f"records/hubspot/{kind}/{record['id']}")
        return f"{kind} {record['id']}"

    def _restore(self) -> str:
        kind = self._random.choice((*RECORDS, *ACTIVITIES))
        gone = [one for one in self._portal.records(kind) if one["archived"]]
        if not gone:
            return "nothing"
        return str(self._portal.act("restore", object=kind, id=self._random.choice(gone)["id"]))

    def _erase(self) -> str:
        _, contact = self._any("contacts")
        if contact is None:
            return "nobody"
        self._portal.api(f"/crm/objects/{ROOT}/contacts/gdpr-delete", {"objectId": contact["id"]})
        return str(contact["id"])

    def _merge(self) -> str:
        kind = self._random.choice(RECORDS)
        live = self._live(kind)
        if len(live) < 4:
            return "nothing"
        one, other = (record["id"] for record in self._random.sample(live, 2))
        pair = {"primaryObjectId": one, "objectIdToMerge": other}
        return f"{kind} {pair} {self._portal.api(f'/crm/objects/{ROOT}/{kind}/merge', pair)['id']}"

    def _bulk_edit(self) -> str:
        """One value on every record of a kind, under one millisecond."""
        kind = self._random.choice((*RECORDS, *ACTIVITIES))
        return str(self._portal.act("bulk_edit", object=kind, values={_TEXT[kind]: self._word()}))

    def _deactivate(self) -> str:
        return self._set_owner(archived=True)

    def _reactivate(self) -> str:
        return self._set_owner(archived=False)

    def _set_owner(self, *, archived: bool) -> str:
        owners = [one for one in self._portal.records("owners") if one["archived"] is not archived]
        if len(owners) < 2:
            return "nobody"
        owner = self._random.choice(owners)["id"]
        self._portal.control("PATCH", f"records/hubspot/owners/{owner}", {"archived": archived})
        return str(owner)

    def _leave(self) -> str:
        _, contact = self._any("contacts")
        return str(self._portal.act("leave_company", contact=contact["id"])) if contact else "nobody"

    def _any(self, *kinds: str) -> tuple[str, dict[str, Any] | None]:
        kind = self._random.choice(kinds)
        live = self._live(kind)
        return kind, self._random.choice(live) if live else None

    def _end(self, kind: str) -> tuple[str, str, int]:
        """(kind, id, association type) of something that a record of `kind` can hang on; no id if there is none."""
        (_, to_kind), types = self._random.choice([one for one in _ENDS.items() if one[0][0] == kind])
        live = self._live(to_kind)
        return to_kind, self._random.choice(live)["id"] if live else "", self._random.choice(types)

    def _live(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self._portal.records(kind) if not one["archived"]]

    def _owner(self) -> str:
        active = [one["id"] for one in self._portal.records("owners") if not one["archived"]]
        return str(self._random.choice(active))

    def _moment(self) -> str:
        hours = self._random.choice((0, 1, 300, 4000, -60, -900))
        now: str = self._portal.control("GET", "clock")["now"]
        return _earlier(now, hours * HOUR)

    def _word(self) -> str:
        self._serial += 1
        return f"w{self._serial}-{self._random.randrange(10**6)}"


def _earlier(now: str, seconds: int) -> str:
    at = datetime.fromisoformat(now) - timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
