"""Titles over eighteen languages, with the traps of domain.md 4.11."""

# ruff: noqa: RUF001 # titles are written in the letters of their languages

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import title_patterns
from rules.titles import Level, TitleRules, level_of, level_of_title, plain
from tests.builders import LOPEZ

TITLES = {
    Level.UNKNOWN: ["", "   "],
    Level.C: [
        "CEO", "Chief Executive Officer", "Chief Information Security Officer", "CFO & Co-Founder", "President",
        "Managing Director", "Managing Director, EMEA", "General Manager", "Owner", "Chairman of the Board", "MD",
        "EVP & CFO", "Senior Vice President and Chief Financial Officer", "ceo", "Chief Marketing & Sales Officer",
        "Geschäftsführer", "Geschaeftsfuehrer", "Geschäftsführerin Vertrieb", "Vorstandsvorsitzender", "Finanzvorstand",
        "Mitglied der Geschäftsleitung", "Inhaberin", "GF",
        "Directeur général", "Directrice Générale", "PDG", "DAF", "DSI", "Président", "Gérant", "Chef d'entreprise",
        "Director General", "Directora General", "Consejero Delegado", "Gerente General",
        "Amministratore Delegato", "Direttore Generale", "Titolare",
        "Diretor Geral", "Diretora Executiva", "Sócio-gerente",
        "Algemeen directeur", "Bestuursvoorzitter", "Eigenaar", "Zaakvoerder",
        "Prezes Zarządu", "Członek Zarządu", "Dyrektor Generalny", "Właściciel",
        "VD", "vd", "Verkställande direktör", "VD och koncernchef", "Koncernchef",
        "Administrerende direktør", "Adm. direktør", "Indehaver",
        "Daglig leder", "Konsernsjef", "Styreleder",
        "Toimitusjohtaja", "Pääjohtaja", "Yrittäjä",
        "Generální ředitel", "Jednatel", "Předseda představenstva",
        "Genel Müdür", "GENEL MÜDÜR", "İcra Kurulu Başkanı", "Kurucu Ortak",
        "Генеральный директор", "Президент", "Основатель", "Председатель правления",
        "代表取締役社長", "代表取締役CEO", "社長", "最高財務責任者", "会長",
        "总经理", "董事长", "首席执行官", "首席财务官(CFO)", "創辦人",
        "대표이사", "대표", "회장", "최고경영자", "ＣＥＯ",
    ],
    Level.VP: [
        "Vice President", "VP Sales", "SVP Operations", "Executive Vice President, Products", "Vice-President",
        "Deputy CEO", "VP & General Manager", "Executive Director", "Partner",
        "Stellv. Geschäftsführer", "Vizepräsident", "Directeur général adjoint", "Vice-présidente",
        "Vicepresidente de Ventas", "Wiceprezes Zarządu", "Vice VD", "vVD", "Vicedirektør", "Varatoimitusjohtaja",
        "Náměstek", "Genel Müdür Yardımcısı", "Başkan Yardımcısı", "Вице-президент",
        "Заместитель генерального директора", "副社長", "専務取締役", "執行役員", "副总经理", "副總裁", "부사장", "전무", "부회장",
    ],
    Level.HEAD: [
        "Head of Purchasing", "Director of Operations", "Chief Engineer", "Leiter Einkauf", "Vertriebsleiter",
        "Vertriebsleiterin", "Abteilungsleitung", "Prokurist", "Directeur", "Directeur des achats", "Director de Compras",
        "Direttore Vendite", "Diretor Comercial", "Hoofd Inkoop", "Dyrektor Handlowy", "Försäljningschef", "Ekonomidirektör",
        "Salgsdirektør", "Avdelingsleder", "Myyntijohtaja", "Obchodní ředitel", "Satış Direktörü", "Директор по продажам",
        "Начальник отдела", "営業部長", "支社長", "销售总监", "副总监", "본부장", "이사",
    ],
    Level.MANAGER: [
        "Purchasing Manager", "Team Lead Support", "Projektleiter", "Teamleiterin", "Einkaufsmanager", "Responsable achats",
        "Chef de projet", "Gerente", "Gerente de Compras", "Jefe de Ventas", "Responsabile Acquisti", "Chefe de equipe",
        "Inkoopmanager", "Bedrijfsleider", "Kierownik", "Projektchef", "Salgsleder", "Myyntipäällikkö", "Vedoucí nákupu",
        "Satın Alma Müdürü", "Руководитель проекта", "課長", "マネージャー", "产品经理", "팀장",
    ],
    Level.OTHER: [
        "Buyer", "Software Engineer", "Assistant to the CEO", "Executive Assistant", "EA to CFO", "PA to Managing Director",
        "Office of the CEO", "CEO Office", "Product Owner", "Process Owner", "Account Executive", "Marketing Executive",
        "Executive Chef", "Head Chef", "Chief of Staff", "Former CEO", "Ex-CEO", "Geschäftsführer i.R.", "Vorstand a. D.",
        "AVP", "Assistant Vice President", "Intern", "Marketing Intern", "HR Business Partner", "MD, Cardiologist",
        "Vorstandsassistentin", "Assistent der Geschäftsführung", "Sekretärin", "Betriebsratsvorsitzender",
        "Assistante du Directeur Général", "Asistente de Dirección", "Assistente di Direzione", "Directiesecretaresse",
        "Asystentka Prezesa", "Właściciel produktu", "VD-assistent", "Johdon sihteeri", "Asistentka ředitele",
        "Genel Müdür Asistanı", "Ürün Sahibi", "Помощник генерального директора", "Бывший директор", "Владелец продукта",
        "社長秘書", "元社長", "总经理助理", "董事会秘书", "总经理办公室", "대표이사 비서", "영업대표", "인턴",
        "Begleiter", "Reisebegleiterin",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("title", "level"), [(title, level) for level, titles in TITLES.items() for title in titles], ids=str
)
def test_a_title_has_its_level(title: str, level: Level) -> None:
    assert level_of_title(title) is level


def test_every_level_has_patterns_for_every_language() -> None:
    languages = {
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "sv",
        "da",
        "no",
        "fi",
        "cs",
        "tr",
        "ru",
        "ja",
        "zh",
        "ko",
    }
    for patterns in (
        title_patterns.REJECT,
        title_patterns.VP,
        title_patterns.C,
        title_patterns.HEAD,
        title_patterns.MANAGER,
    ):
        assert set(patterns) == languages


def test_only_latin_letters_lose_their_accents() -> None:
    assert plain("Géschäft  ŁÓDŹ İzmir") == "geschaft lodz izmir"
    assert plain("ディレクター 대표이사 Андрей") == "ディレクター 대표이사 андрей"


def test_an_explicit_seniority_wins_over_role_and_title() -> None:
    contact = replace(LOPEZ, title="CEO", seniority="Manager", roles=frozenset({"decision-maker"}))
    assert level_of(contact) is Level.MANAGER
    assert level_of(replace(contact, seniority="C_SUITE")) is Level.C


def test_a_seniority_that_nobody_understands_leaves_it_to_the_next_step() -> None:
    assert level_of(replace(LOPEZ, title="Head of Sales", seniority="gold")) is Level.HEAD


def test_a_role_wins_over_the_title() -> None:
    assert level_of(replace(LOPEZ, title="Purchasing Manager", roles=frozenset({"executive-sponsor"}))) is Level.C
    assert level_of(replace(LOPEZ, title="Purchasing Manager", roles=frozenset({"champion"}))) is Level.MANAGER


def test_the_organisations_list_wins_over_the_patterns_longest_phrase_first() -> None:
    rules = TitleRules(
        levels={"vice president": Level.MANAGER, "Senior Vice President": Level.HEAD, "Obermufti": Level.C}
    )
    assert rules.level("Vice President, Trade") is Level.MANAGER
    assert rules.level("SENIOR VICE PRESIDENT") is Level.HEAD
    assert rules.level("Obermuftis") is None
    assert level_of(replace(LOPEZ, title="obermufti"), rules) is Level.C
