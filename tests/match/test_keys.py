"""What of an account or a person can be found again in another CRM."""

from __future__ import annotations

from typing import Any

import pytest

from sync.match.decide import By
from sync.match.keys import country_code, email, keys, plain_name, registrable


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.acme.co.uk/de?x=1", "acme.co.uk"),
        ("ACME.com", "acme.com"),
        ("shop.acme.com.br:8080", "acme.com.br"),
        ("bücher.example.de", "example.de"),
        ("acme.com.", "acme.com"),
        ("www.bücher.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("shop.acme.example", "acme.example"),
        ("acme.wixsite.com/start", "acme.wixsite.com"),
        ("localhost", ""),
        ("192.168.0.1", ""),
        ("co.uk", ""),
        ("", ""),
    ],
)
def test_a_web_address_is_compared_by_what_somebody_registered(address: str, domain: str) -> None:
    assert registrable(address) == domain


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Acme Corp.", "acme"),
        ("ACME, Inc", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("A.B.C. S.p.A.", "abc"),
        ("KG", "kg"),
        ("株式会社アクメ", "株式会社アクメ"),
    ],
)
def test_a_name_is_compared_without_case_accents_and_legal_form(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("written", "code"),
    [("DE", "DE"), (" germany", "DE"), ("Deutschland", "DE"), ("USA", "US"), ("United States", "US"), ("UK", "GB")],
)
def test_a_country_is_compared_by_its_code(written: str, code: str) -> None:
    assert country_code(written) == code


def test_a_country_that_nobody_knows_is_compared_as_it_is_written() -> None:
    assert country_code(" Ruritania") == country_code("ruritania")


def account(**told: Any) -> dict[str, Any]:
    return {"id": "1", "native_id": "", "domain": "", "name": "", "country": "", "person": False, **told}


def found(kind: str, row: dict[str, Any], *, own: bool = False, shared: tuple[str, ...] = ()) -> set[tuple[By, str]]:
    return {(key.by, key.value) for key in keys(kind, row, own=own, shared=shared)}


@pytest.mark.parametrize("domain", ["gmail.com", "https://www.linkedin.com/company/acme", "mail.hosted.example"])
def test_a_domain_of_no_single_company_is_no_key(domain: str) -> None:
    assert not found("account", account(domain=domain), shared=("hosted.example",))


def test_a_name_without_a_country_is_no_key() -> None:
    assert found("account", account(domain="acme.com", name="Acme", country=" ")) == {(By.DOMAIN, "acme.com")}
    assert found("account", account(name="Acme GmbH", country="DE")) == {(By.NAME, "acme, DE")}


def test_a_consumer_is_found_by_an_id_alone() -> None:
    assert not found("account", account(name="Jane Roe", country="DE", domain="acme.com", person=True))


def test_an_id_with_15_characters_is_that_with_18() -> None:
    whole, short = "0015g00000AbCdEAAV", "0015g00000AbCdE"
    assert found("account", account(id=whole), own=True) == found("account", account(native_id=short))
    assert found("deal", {"id": "9", "native_id": "nonsense"}) == {(By.NATIVE_ID, "nonsense")}


def test_every_address_of_a_contact_is_a_key_and_what_is_none_is_left_out() -> None:
    row = {"id": "1", "native_id": "", "email": " A@X.de", "other_emails": "a@x.de;b@x.de;nobody;@x.de;a b@x.de"}
    assert found("contact", row) == {(By.EMAIL, "a@x.de"), (By.EMAIL, "b@x.de")}
    assert not email("a@localhost")


def test_a_user_who_left_is_found_after_those_who_are_active() -> None:
    row = {"id": "1", "email": "jana@ours.example", "active": False}
    assert found("user", row) == {(By.FORMER_EMAIL, "jana@ours.example")}
    assert {by for by, _ in found("user", {**row, "active": True})} == {By.EMAIL, By.FORMER_EMAIL}
