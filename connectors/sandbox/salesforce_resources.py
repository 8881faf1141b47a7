"""Handlers for what an org tells about itself: its resources, who is logged in, how many records there are."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce_calls import Call, Context, Reply


def record_count(context: Context, call: Call) -> Reply:
    """Rows per object, those of the objects named or of all; empty ones are left out."""
    named = [name for name in call.query.get("sObjects", "").split(",") if name]
    wanted = [name for name in context.visible if not named or name in named]
    counts = [{"count": context.store.count(name), "name": name} for name in sorted(wanted)]
    return Reply(body={"sObjects": [each for each in counts if each["count"]]})


def resources(context: Context, call: Call) -> Reply:
    """What stands under the path of a version, and the address that tells who is logged in."""
    listed = {
        name: f"{call.base}/{name}" for name in ("composite", "limits", "query", "queryAll", "recent", "sobjects")
    }
    host = f"http://{call.headers.get('host', '')}"
    return Reply(body=listed | {"identity": f"{host}/id/{context.organization_id}/{context.user_id}"})


def recent(_context: Context, _call: Call) -> Reply:
    """What the user has looked at: nothing, for reading and writing through the API is no looking."""
    return Reply(body=[])


def identity(context: Context, own_url: str) -> dict[str, Any]:
    """Who is logged in, as the address in a token's `id` tells it."""
    user = context.store.get("User", context.user_id) or {}
    return {
        "id": f"{own_url}/id/{context.organization_id}/{context.user_id}",
        "asserted_user": True,
        "user_id": context.user_id,
        "organization_id": context.organization_id,
        "username": user["Username"],
        "display_name": user["Name"],
        "email": user["Email"],
        "user_type": user["UserType"].upper(),
        "timezone": user["TimeZoneSidKey"],
        "active": True,
        "urls": {
            "rest": f"{own_url}/services/data/v{{version}}/",
            "sobjects": f"{own_url}/services/data/v{{version}}/sobjects/",
            "query": f"{own_url}/services/data/v{{version}}/query/",
        },
    }
