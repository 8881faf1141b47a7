"""From what a CRM says of a record to the keys under which it can be found in another CRM. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from connectors.salesforce.values import id18
from sync.match.decide import By, Key

_FREE_MAIL = """
126.com 163.com abv.bg alice.it aol.com arcor.de bigpond.com bluewin.ch bol.com.br btinternet.com centrum.cz
comcast.net cox.net daum.net duck.com email.cz fastmail.com foxmail.com free.fr freemail.hu freenet.de gmail.com
gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.de
hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.lv inbox.ru interia.pl kpnmail.nl laposte.net
libero.it list.ru live.com mac.com mail.com mail.de mail.ru me.com msn.com naver.com netscape.net o2.pl onet.pl
online.de online.no orange.fr outlook.com outlook.de outlook.fr pm.me posteo.de proton.me protonmail.com qq.com
rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr sina.com skynet.be t-online.de telenet.be
terra.com.br tiscali.it tutanota.com ukr.net uol.com.br verizon.net virgilio.it wanadoo.fr web.de wp.pl
xs4all.nl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com
ziggo.nl zoho.com
"""
_PAGES = """
facebook.com github.com google.com instagram.com linkedin.com linktr.ee tiktok.com twitter.com x.com xing.com
youtube.com
"""
#: Where anybody has an address or a page: such a domain says nothing about a company.
ANYBODYS = frozenset((_FREE_MAIL + _PAGES).split())

_FORMS = """
ab ag aps as asa bv co company corp corporation doo eood gmbh inc incorporated kft kg kgaa limited llc llp lp ltd
mbh nv oy oyj plc pty sa sarl sas se sl spa spzoo srl sro ug
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
_NOT_A_LETTER = re.compile(r"[^\w]+")
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs")  # countries are told in
_OTHER_NAMES = {"uk": "GB", "england": "GB", "great britain": "GB", "usa": "US", "u.s.a.": "US", "holland": "NL"}


@cache
def _suffixes() -> Callable[[str], Any]:
    # Takes long to import, and most commands need none of it.
    import tldextract  # noqa: PLC0415

    # The list of public suffixes comes with the package: nothing is fetched. With its private part, the site of one
    # customer of a hoster is not that of all.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def registrable(address: str) -> str:
    """Return the domain that somebody registered (`acme.co.uk` of `https://www.acme.co.uk/de`), or an empty string."""
    told = _suffixes()(address.strip().lower())
    found = str(told.top_domain_under_public_suffix)
    if not (told.suffix or told.ipv4 or told.ipv6) and told.subdomain:
        # The list ends with a rule for what it does not know: the last label is the suffix.
        found = f"{told.subdomain.rpartition('.')[2]}.{told.domain}"
    try:
        return found.encode("idna").decode()
    except UnicodeError:
        return found


def email(text: str) -> str:
    """Return an e-mail address as it is compared, or an empty string for what is none."""
    address = text.strip().lower()
    name, _, domain = address.rpartition("@")
    return address if name and "." in domain and len(address.split()) == 1 else ""


def plain_name(name: str) -> str:
    """Return a company's name without case, accents, punctuation and the legal forms at its end."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    words = _NOT_A_LETTER.sub(" ", letters.replace(".", "")).split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


@cache
def _countries() -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415 - as tldextract

    # English last: where a name means two countries, it is the English one.
    names = {
        name.casefold(): code
        for language in reversed(_LANGUAGES)
        for code, name in Locale(language).territories.items()
        if len(code) == 2
    }
    return {**names, **{code.casefold(): code for code in names.values()}, **_OTHER_NAMES}


def country_code(text: str) -> str:
    """Return the ISO code of a country however it is written, else the text as it is compared."""
    plain = text.strip().casefold()
    return _countries().get(plain, plain)


def keys(kind: str, row: Mapping[str, Any], *, own: bool, shared: Collection[str] = ()) -> Iterator[Key]:
    """The keys of a record of a kind (account | contact | user | deal), each once or more often.

    `own`: whether others' records may name its id. `shared` are domains of no single company, by the config.
    """
    match kind:
        case "account":
            yield from _native(row, own=own)
            # A consumer is found by that alone: the name is a person's.
            yield from () if row["person"] else _of_company(row, shared)
        case "contact":
            yield from _native(row, own=own)
            yield from _emails(By.EMAIL, [row["email"], *row["other_emails"].split(";")])
        case "user":
            # Of two users with one address, in one CRM, the active one is that person.
            yield from _emails(By.EMAIL, [row["email"]] if row["active"] else ())
            yield from _emails(By.FORMER_EMAIL, [row["email"]])
        case "deal":
            yield from _native(row, own=own)


def _native(row: Mapping[str, Any], *, own: bool) -> Iterator[Key]:
    """The id by which the integration names a record: its own in the one CRM, that of the other in the other."""
    if own or row["native_id"]:
        value = str(row["id"] if own else row["native_id"])
        yield Key(By.NATIVE_ID, id18(value) or value)


def _of_company(row: Mapping[str, Any], shared: Collection[str]) -> Iterator[Key]:
    domain = registrable(row["domain"]) if row["domain"] else ""
    if domain and domain not in ANYBODYS and domain not in shared:
        yield Key(By.DOMAIN, domain)
    if row["country"].strip() and (plain := plain_name(row["name"])):
        yield Key(By.NAME, f"{plain}, {country_code(row['country'])}")


def _emails(by: By, addresses: Iterable[str]) -> Iterator[Key]:
    yield from (Key(by, address) for text in addresses if (address := email(text)))
