"""How two CRMs write the same company, person or address: what years of typing leave behind."""

from __future__ import annotations

from random import Random

from connectors.sandbox.names import FORMS, plain

FREE_MAIL = ("gmail.com", "gmx.de", "outlook.com")
SHARED_DOMAIN = "industriepark-rheinau.de"  # where many small firms have their pages; the config names it

# By country: what its domains end with. These need a list of public suffixes to be told from a firm's own part.
_COUNTRIES = (
    ("Germany", "de"), ("United Kingdom", "co.uk"), ("France", "fr"), ("Spain", "es"), ("Italy", "it"),
    ("Netherlands", "nl"), ("Australia", "com.au"), ("United States", "com"),
)  # fmt: skip
_OTHERWISE = {"Germany": "DE", "United Kingdom": "UK", "Spain": "España", "Italy": "IT", "United States": "USA"}
_ENDINGS = tuple(ending for _, ending in _COUNTRIES)
_AT_LENGTH = {"GmbH": "G.m.b.H.", "Ltd": "Limited", "Inc": "Incorporated", "SpA": "S.p.A.", "SA": "S.A.", "BV": "B.V."}
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "á": "a", "ó": "o"})


def home(rng: Random) -> tuple[str, str]:
    """(country, what its domains end with)."""
    return rng.choice(_COUNTRIES)


def country_of(rng: Random, country: str) -> str:
    """The country in English, by its code, in another language, or nothing."""
    return rng.choice((country, country, country, _OTHERWISE.get(country, country), ""))


def ending_elsewhere(rng: Random, ending: str) -> str:
    return rng.choice([one for one in _ENDINGS if one != ending])


def domain_of(name: str, ending: str) -> str:
    return f"{plain(name)}.{ending}"


def website(rng: Random, domain: str) -> str:
    """The domain as people type a website into Salesforce."""
    return rng.choice(
        (
            f"https://www.{domain}",
            f"http://{domain}/",
            f"www.{domain}",
            domain.upper(),
            f"https://shop.{domain}/en?ref=crm",
            f"HTTPS://WWW.{domain.upper()}/",
            f"https://www.de.{domain}/contact",
        )
    )


def portal_domain(rng: Random, domain: str) -> str:
    """The domain as a portal has it: of late mostly tidy."""
    return rng.choice((domain, domain, domain, f"www.{domain}", domain.upper(), f"mail.{domain}"))


def another_name(rng: Random, name: str) -> str:
    """The same firm, spelled so that no comparison of names need find it."""
    words = name.split()
    bare = [word for word in words if word not in FORMS]
    return rng.choice(
        (
            " ".join(bare),
            " ".join(words[:1]),
            f"{bare[0]} Group",
            " ".join(bare).upper(),
            " ".join(_AT_LENGTH.get(word, word) for word in words),
            "".join(word[0] for word in bare),
            f"{' '.join(bare)} (formerly {bare[0]} Süd)",
        )
    )


def same_name(rng: Random, name: str) -> str:
    """The same firm: case, accents, points and the legal form apart the name is the same."""
    words = name.split()
    bare = " ".join(word for word in words if word not in FORMS)
    return rng.choice((bare, name.upper(), f"{bare},  {rng.choice(FORMS)}", bare.replace("a", "á", 1)))


def without_umlauts(name: str) -> str:
    return name.translate(_LETTERS)
