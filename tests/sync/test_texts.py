"""What tasks say in other languages: every sentence is translated, and nothing of the English is left."""

from __future__ import annotations

import copy
import doctest
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

import orjson
import pytest
from babel.messages import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given

from connectors.salesforce.settings import MappedFields
from rules import wording as said
from rules.facts import AccountFacts
from rules.rule import TEXTS, Clear, Finding, Raised, Rule, Unknown, discover
from rules.wording import (
    ENGLISH,
    Language,
    Text,
    day_text,
    first_that_fits,
    joined,
    money_text,
    number_text,
    say,
    say_n,
    share_text,
)
from sync import wording
from sync.config_file import load
from sync.errors import ConfigError
from sync.findings import FindingState, advance
from sync.language import CATALOGUES, languages
from sync.report.examples import example_task
from sync.texts import extract
from tests.rules.histories import accounts
from tests.sync.test_plan import TODAY, only, plan, situation, task

ROOT = Path(__file__).parents[2]
RULES = discover()
GERMAN = languages()["de"]
NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
OTHERS = [code for code in languages() if code != ENGLISH.code]

#: English words that are in no German sentence, name or rule id.
ENGLISH_WORDS = re.compile(
    r"\b(the|and|with|since|of|to|is|has|who|days?|contacts?|clears|months|by|on|as)\b", re.IGNORECASE
)


def in_code() -> set[str | tuple[str, ...]]:
    """Every sentence that the packages say."""
    found = set()
    for package in ("rules", "sync"):
        keywords = {"say": None, "say_n": (1, 2)}
        for _, _, sentence, _, _ in extract_from_dir(ROOT / package, [("**.py", extract)], keywords=keywords):
            found.add(sentence)
    return found


def in_catalogue(code: str) -> dict[str | tuple[str, ...], Message]:
    with (CATALOGUES / f"{code}.po").open(encoding="utf-8") as file:
        read = read_po(file, locale=code, abort_invalid=True)
    return {tuple(one.id) if isinstance(one.id, list) else one.id: one for one in read if one.id}


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [message.string]


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_of_the_code_is_in_the_catalogue_and_no_other(code: str) -> None:
    there = set(in_catalogue(code))
    assert in_code() - there == set(), "`make texts` adds them, to be translated"
    assert there - in_code() == set(), "`make texts` takes them out"


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_with_the_same_places(code: str) -> None:
    for message in in_catalogue(code).values():
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        assert not message.fuzzy, message.id
        for form in forms(message):
            assert form.strip(), f"{message.id} is not translated"
            assert places(form) <= places(english[-1]), message.id
            assert places(form) >= places(english[0]) & places(english[-1]), message.id


def test_a_sentence_within_an_f_string_is_found_and_one_that_is_put_together_refused() -> None:
    code = b"""f"{told(say('a {b}', b=1))}"; say_n("{n} day", "{n} " "days", n=2); other("x")"""
    found = extract(BytesIO(code), {"say", "say_n"}, (), {})
    assert {sentence for _, _, sentence, _ in found} == {"a {b}", ("{n} day", "{n} days")}
    wrong = BytesIO(b"\nsay(f'a {b}')")
    wrong.name = "rule.py"
    with pytest.raises(ValueError, match=r"rule\.py:2: say\(\) takes its sentence as a literal"):
        list(extract(wrong, {"say"}, (), {}))


class Veiled(NullTranslations):
    """Says every sentence as dots, so that a letter that is left was never said to be translated."""

    def gettext(self, message: str) -> str:
        if message in {"d MMM y", "y-MM-dd"}:
            return "dd.MM.yyyy"
        return "".join(
            "." * len(text) + (f"{{{name}}}" if name is not None else "")
            for text, name, _, _ in Formatter().parse(message)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


VEILED = Language(code="de", sentences=Veiled())


def names(facts: AccountFacts) -> set[str]:
    """The words that are no language: names, addresses, titles and ids, and keys of the config."""
    known = [
        facts.account.name,
        *MappedFields.model_fields,
        *facts.users,
        *(one for touch in facts.touches for one in (*touch.ours, *touch.theirs)),
    ]
    known += [text for user in facts.users.values() for text in (user.name, user.email, user.title)]
    known += [text for one in facts.contacts for text in (one.name, one.title, one.id)]
    return {word for text in known for word in re.findall(r"[\w@.-]+", text)}


def untranslated(text: str, facts: AccountFacts) -> list[str]:
    left = text
    for word in sorted(names(facts), key=len, reverse=True):
        left = left.replace(word, "")
    # `P. Hall` is what is left of `Pat Hall`.
    return re.findall(r"[^\W\d_]{2,}", left)


@given(known=accounts())
def test_all_that_a_rule_says_can_be_said_in_another_language(known: AccountFacts) -> None:
    for rule in RULES.values():
        verdict = rule.check(known, rule.params.model_validate({}))
        texts: list[str] = []
        match verdict:
            case Raised(finding=finding):
                texts = [getattr(finding, part) for part in TEXTS]
            case Clear(message=text) | Unknown(reason=text):
                texts = [text]
        for text in texts:
            assert isinstance(text, Text), f"{rule.id}: {text!r} is not said by `say`"
            assert untranslated(text.in_language(VEILED), known) == [], rule.id


@given(known=accounts())
def test_a_german_headline_is_short(known: AccountFacts) -> None:
    for rule in RULES.values():
        verdict = rule.check(known, rule.params.model_validate({}))
        if isinstance(verdict, Raised):
            assert len(verdict.finding.in_language(GERMAN).headline) <= 50, rule.id


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_example_reads_german(rule: Rule) -> None:
    text = (example_task(rule, GERMAN) or "").replace(rule.id, "r")
    first, _, _ = text.partition("\n")
    assert len(first) <= 80 or "Beziehung" not in first
    assert "Erledigt sich, sobald" in text
    assert ENGLISH_WORDS.findall(text) == []
    assert "None" not in text
    assert "  " not in text


def test_figures_are_told_as_a_language_tells_them() -> None:
    day, money = date(2026, 11, 2), (950, 420_000, 2_100_000, 3e9)
    assert GERMAN.told(day_text(day)) == "2. Nov. 2026"
    assert GERMAN.told(said.number_day(day)) == "02.11.2026"
    assert GERMAN.told(share_text(0.125)) == "12,5 %"
    assert GERMAN.told(number_text(1.6)) == "1,6"
    assert [GERMAN.told(money_text(amount)) for amount in money] == ["950", "420 Tsd.", "2,1 Mio.", "3 Mrd."]
    assert GERMAN.told(joined(["Anna", "Bo", say("{n} more", n=2)])) == "Anna, Bo und 2 weitere"
    assert [GERMAN.told(say_n("{n} day", "{n} days", n=n)) for n in (0, 1, 2)] == ["0 Tagen", "1 Tag", "2 Tagen"]


def test_a_text_is_its_english_wherever_nobody_asks_for_more() -> None:
    text = say("since {day}", day=day_text(date(2026, 11, 2)))
    assert text == "since 2 Nov 2026"
    assert (GERMAN.told(text), ENGLISH.told(text)) == ("seit dem 2. Nov. 2026", "since 2 Nov 2026")
    for plain in (ENGLISH.told(text), copy.deepcopy(text), orjson.loads(orjson.dumps(text))):
        assert (type(plain), plain) == (str, "since 2 Nov 2026")
    assert replace(raised().finding, why=text).why == text


def test_a_name_with_braces_is_told_as_it_is() -> None:
    assert GERMAN.told(say("{name} logs nothing", name="{evil} {0}")) == "{evil} {0} dokumentiert nichts"


def test_a_text_that_is_too_long_in_one_language_gives_way_in_that_one_alone() -> None:
    text = first_that_fits(20, say("12 months"), say("no-contact period"))
    assert (text, GERMAN.told(text)) == ("12 months", "12 Monaten")
    tight = first_that_fits(9, say("12 months"), say("due"))
    assert (tight, GERMAN.told(tight)) == ("12 months", "fällig")


def raised(headline: str = "known by one person") -> Raised:
    known = {part: say("known by one person") for part in TEXTS} | {"headline": said.say(headline)}
    return Raised(severity=RULES["sole-rep"].params.model_validate({}).severity, finding=Finding(**known))


def found(language: Language) -> FindingState:
    return advance({}, {"sole-rep": raised()}, NOW, language)["sole-rep"]


def test_another_language_alone_tells_nothing_anew() -> None:
    before = {"sole-rep": found(ENGLISH)}
    after = advance(before, {"sole-rep": raised()}, NOW + timedelta(days=1), GERMAN)
    assert after["sole-rep"].text == before["sole-rep"].text
    told = task(rules={"sole-rep": str(after["sole-rep"].severity)})
    assert plan(situation(after["sole-rep"], tasks=[told], language=GERMAN)).changes == ()


def test_why_a_finding_ended_is_kept_in_the_language() -> None:
    cleared, states = Clear(message=say("handed over")), {"sole-rep": found(GERMAN)}
    for days in (1, 2):
        states = advance(states, {"sole-rep": cleared}, NOW + timedelta(days=days), GERMAN)
    assert states["sole-rep"].ended_why == "übergeben"
    unknown, states = Unknown(reason=say("no revenue is known")), {"sole-rep": found(GERMAN)}
    for days in (1, 70):
        states = advance(states, {"sole-rep": unknown}, NOW + timedelta(days=days), GERMAN)
    assert states["sole-rep"].ended_why == "nicht mehr zu beurteilen: kein Umsatz bekannt"


def test_a_task_is_made_in_the_language() -> None:
    content = only(plan(situation(found(GERMAN), language=GERMAN))).content
    assert content.subject == "[Beziehung] Acme: nur einer Person von uns bekannt"
    assert "Erster Schritt: " in content.body
    assert content.body.endswith("Regeln: sole-rep (Holdfast)")


def test_a_task_that_comes_back_says_so_in_the_language() -> None:
    again = replace(found(GERMAN), quiet_until=TODAY, quiet_why="completed on 2026-10-02")
    body = only(plan(situation(again, language=GERMAN))).content.body
    assert body.startswith("Eine Aufgabe dazu wurde am 02.10.2026 abgeschlossen. Sie kommt wieder, weil der Grund")


@pytest.mark.parametrize("language", languages().values(), ids=lambda language: language.code)
def test_what_we_closed_is_known_as_ours_in_every_language(language: Language) -> None:
    states = [found(language)]
    subject, body = wording.subject("Acme", states, language), wording.body(states, language)
    assert wording.is_our_text(subject, body)
    assert not wording.closed_by_us(body)
    assert wording.closed_by_us(wording.closing(body, "handed over", language))


def test_the_example_of_the_module_is_true() -> None:
    assert doctest.testmod(said).failed == 0


def test_the_catalogues_are_part_of_the_wheel() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = told["package-data"]["sync"]
    shipped = {path for pattern in patterns for path in (ROOT / "sync").glob(pattern)}
    assert shipped >= set(CATALOGUES.iterdir())


def test_an_unknown_language_is_told_in_one_line(config_file: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(config_file('[writeback]\nlanguage = "fr"\n'), {})
    (line,) = [line for line in caught.value.lines if "language" in line]
    assert line.endswith(':2: writeback.language: unknown language, known are de, en (is "fr")')
