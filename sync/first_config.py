"""The first config: a few answers become commented TOML, checked by the config's own rules. It holds no secret."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
from pydantic import SecretStr, ValidationError

from sync.config import Config

SECRET_FILES = {"salesforce": ("private_key", "server.key"), "hubspot": ("access_token", "hubspot.token")}
_PEM = SecretStr("-----BEGIN PRIVATE KEY-----")  # stands in for secrets while answers are checked


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What `holdfast init` asks for; the defaults are placeholders that a person replaces in the file.

    `executives` and `ignore` are e-mail addresses, `top_share` the share (0 to 1) of the customers that are key.
    """

    crms: tuple[str, ...] = ("salesforce", "hubspot")
    base_url: str = "https://acme.my.salesforce.com"
    consumer_key: str = "3MVG9..."
    username: str = "holdfast@acme.example"
    timezone: str = "UTC"
    executives: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    top_share: float = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question, whose answer is the attribute `about` of Answers; asked only where `crm` is connected."""

    about: str
    text: str
    crm: str = ""


#: The CRM is asked first, so that there are eight at most.
QUESTIONS = (
    Question(about="base_url", text="Salesforce: the org's My Domain (Setup, My Domain)", crm="salesforce"),
    Question(about="consumer_key", text="Salesforce: consumer key of the External Client App", crm="salesforce"),
    Question(about="username", text="Salesforce: username of the integration user", crm="salesforce"),
    Question(about="timezone", text="Timezone that decides which day a touch belongs to"),
    Question(about="executives", text="E-mail addresses of your executives who should keep in touch with customers"),
    Question(about="ignore", text="E-mail addresses of integration users and shared mailboxes, to be ignored"),
    Question(about="top_share", text="Which share of your customers, by revenue, is key (0.2 is the top fifth)"),
)


def answered(answers: Answers, about: str, told: str) -> Answers:
    """Return the answers with one more. Raises ValueError, in the config's own words, for one that it would refuse."""
    value: Any = told.strip()
    if about == "top_share":
        value = float(value.replace(",", "."))
    elif about in ("executives", "ignore"):
        value = tuple(value.replace(",", " ").replace(";", " ").split())
        if wrong := [one for one in value if "@" not in one.strip("@")]:
            raise ValueError(f"{wrong[0]}: is no e-mail address")
    elif not value:
        raise ValueError("must not be empty")
    known = replace(answers, **{about: value})
    try:
        Config.model_validate(_with_secrets(tomllib.loads(rendered(known))))
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return known


def _with_secrets(tables: dict[str, Any]) -> dict[str, Any]:
    for name, table in tables["connections"].items():
        del table[f"{SECRET_FILES[name][0]}_file"]
        table[SECRET_FILES[name][0]] = _PEM
    return tables


def rendered(answers: Answers) -> str:
    """Return the config as TOML text."""
    parts = [_HEAD.format(timezone=_quoted(answers.timezone)), *_connections(answers)]
    people = {"executives": _listed(answers.executives), "ignore": _listed(answers.ignore)}
    parts.append(_PEOPLE.format(top_share=f"{answers.top_share:g}", **people))
    if "hubspot" in answers.crms:
        parts.append(_MANAGERS)
    return "\n".join(parts)


def _connections(answers: Answers) -> Iterator[str]:
    if "salesforce" in answers.crms:
        yield _SALESFORCE.format(
            base_url=_quoted(answers.base_url),
            consumer_key=_quoted(answers.consumer_key),
            username=_quoted(answers.username),
        )
    if "hubspot" in answers.crms:
        yield _HUBSPOT


def _quoted(text: str) -> str:
    # A JSON string is a TOML string, but for one escape that JSON does not need.
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


_HEAD = """\
# Holdfast's configuration, made by `holdfast init`. Every other key, with its default and its meaning, stands in
# config.example.toml. A secret never stands here: its file lies beside this one, for its owner alone (chmod 600).

[store]
url = "sqlite:///holdfast.db"            # relative: beside this file; or postgresql://user@host/database

[schedule]
cycle = "*/30 6-20 * * mon-fri"          # when `holdfast serve` runs a cycle: cron, in the timezone below
timezone = {timezone}

[writeback]
mode = "preview"                         # writes nothing; "live" writes tasks and fields, when you trust the plan
"""

_SALESFORCE = """\
[connections.salesforce]                 # the name is yours
kind = "salesforce"
base_url = {base_url}
consumer_key = {consumer_key}
username = {username}
private_key_file = "server.key"          # the private key of the app's certificate, PEM

[connections.salesforce.map]             # your own Account fields, by our names; leave out what you do not have
# tier = "Tier__c"                       # A, B or C
# key_account = "Key_Account__c"         # a checkbox
# customer_since = "Customer_Since__c"   # a date
# revenue = "ARR__c"                     # what they pay you a year, where it is filled instead of the won deals
"""

_HUBSPOT = """\
[connections.hubspot]                    # the name is yours
kind = "hubspot"
access_token_file = "hubspot.token"      # the service key, alone in the file; or access_token = "${HUBSPOT_TOKEN}"

[connections.hubspot.map]                # your own company properties, by our names; leave out what you do not have
# tier = "tier"                          # A, B or C
# key_account = "hs_is_target_account"   # a checkbox
# customer_since = "customer_since"      # a date
# revenue = "arr"                        # what they pay you a year, where it is filled instead of the won deals
"""

_PEOPLE = """\
[customers]
is = "won-deal-or-type"                  # who is a customer; or "won-deal", "type", "field"
key = "top-share"                        # which are watched: the first by revenue and the flagged; or "flag", "all"
top_share = {top_share}

[people]                                 # by e-mail address
executives = {executives}
ignore = {ignore}
"""

_MANAGERS = """\
[people.managers]                        # HubSpot has no manager field: person = manager
# "jana.roth@acme.example" = "m.keller@acme.example"
"""
