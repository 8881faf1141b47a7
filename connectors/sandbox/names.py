"""Word lists of the made-up company: people of several countries, firms, titles whose level nobody can dispute."""

from __future__ import annotations

import unicodedata
from random import Random

PEOPLE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("Anna", "Jürgen", "Katrin", "Stefan", "Ulrike", "Matthias", "Jana", "Tobias", "Heike", "Lukas", "Sabine"),
        ("Roth", "Müller", "Vogt", "Keller", "Brandt", "Schäfer", "Lindner", "Böhm", "Krause", "Seidel", "Groß"),
    ),
    (
        ("Emma", "Oliver", "Priya", "Thomas", "Grace", "Daniel", "Hannah", "George", "Amelia", "Patrick", "Ruth"),
        ("Hall", "Bennett", "Shah", "Carter", "Whitfield", "Murphy", "Osborne", "Reid", "Dawson", "Lloyd", "Kerr"),
    ),
    (
        ("Camille", "Julien", "Hélène", "Mathieu", "Claire", "Benoît", "Sophie", "Étienne", "Margaux", "Antoine"),
        ("Lefèvre", "Moreau", "Girard", "Fontaine", "Mercier", "Chevalier", "Dubois", "Perrin", "Marchand", "Roux"),
    ),
    (
        ("Lucía", "Javier", "Carmen", "Álvaro", "Marta", "Diego", "Elena", "Pablo", "Nuria", "Sergio"),
        ("López", "Navarro", "Ibáñez", "Ortega", "Molina", "Serrano", "Castro", "Vidal", "Herrera", "Campos"),
    ),
    (
        ("Giulia", "Marco", "Chiara", "Lorenzo", "Francesca", "Davide", "Elisa", "Paolo", "Silvia", "Matteo"),
        ("Rossi", "Ferrari", "Conti", "Gallo", "Rinaldi", "Moretti", "Bianchi", "Marchetti", "Greco", "Villa"),
    ),
    (
        ("Sanne", "Daan", "Femke", "Bram", "Lotte", "Joris", "Maaike", "Pieter", "Ingrid", "Lars", "Astrid", "Erik"),
        ("Jansen", "Bakker", "Visser", "Mulder", "Lindqvist", "Sørensen", "Berg", "Nyström", "Dekker", "Hansen"),
    ),
)

STEMS = (  # noqa: SIM905 - one word a line would hide the rest of the file
    "Aarberg Adria Alpenrand Altmark Anker Arbor Ardenne Argent Astra Auen Baltic Beacon Bellevue Bergland Birken "
    "Blackwater Bodan Borealis Bramley Brisa Calder Cambria Canal Cedar Celtic Corvin Costa Dalton Danube Delfin Delta "
    "Dorset Drava Dune Eifel Elbtal Elster Emsland Estrela Etna Faber Falken Fenland Fjord Forge Fulda Garda Glacier "
    "Granit Greenfield Halden Harbour Harz Havel Helio Hohenfels Horizon Iberia Inntal Iris Isar Jura Kaltenbach "
    "Kestrel Kiefern Lagoon Laurent Levant Liguria Limes Loire Lothian Lumen Lupin Mainland Marin Meridian Mistral "
    "Montrose Moselle Nordwind Novara Oakridge Odin Oker Orchard Orion Pallas Pennine Pinhal Polaris Prato Quarry "
    "Rhein Ribera Riverside Rubin Saar Salzach Saturn Selva Severn Sierra Silvan Solent Spree Sterling Taunus Tejo "
    "Terra Thames Tirol Trent Umbra Valcamo Vesta Vistula Weser Westfal Wharf Wieland Yarrow Zenit"
).split()

TRADES = (  # noqa: SIM905 - as above
    "Pumps Valves Plastics Packaging Logistics Textiles Optics Castings Bearings Coatings Chemicals Foods Paper Glass "
    "Ceramics Tools Robotics Sensors Batteries Turbines Cables Fasteners Forgings Filters Hydraulics Instruments "
    "Lighting Marine Metals Mobility Motors Pharma Polymers Printing Rail Seals Shipping Springs Steel Systems Timber "
    "Wheels Adhesives Automation Biotech Brewing Compressors Cranes Dairy Drives Elevators Energy Fibres Furniture "
    "Gears Insulation Labs Laser Milling Seeds"
).split()

FORMS = ("GmbH", "AG", "Ltd", "PLC", "SAS", "SA", "SpA", "BV", "AB", "Inc")

# Level c in plain words; what is debatable (chief of staff, general manager, bare director) is left out.
EXECUTIVE_TITLES = (
    "CEO",
    "Chief Executive Officer",
    "CFO",
    "Chief Financial Officer",
    "COO",
    "Chief Operating Officer",
    "Managing Director",
    "Geschäftsführer",
    "Geschäftsführerin",
    "Directeur général",
    "Director General",
)

PLAIN_TITLES = (
    "Purchasing Manager",
    "Head of Operations",
    "Head of Procurement",
    "Buyer",
    "Plant Manager",
    "Quality Engineer",
    "Einkaufsleiter",
    "Leiterin Produktion",
    "Responsable achats",
    "Jefe de compras",
    "Responsabile acquisti",
    "Inkoper",
    "Supply Chain Planner",
    "Maintenance Engineer",
)

# Those of them that are head of nothing.
JUNIOR_TITLES = (
    "Purchasing Manager",
    "Buyer",
    "Plant Manager",
    "Quality Engineer",
    "Inkoper",
    "Supply Chain Planner",
    "Maintenance Engineer",
)

# Each holds a word of an executive's title and is none: a helper, a vice president, an owner of a product.
TRAP_VICE_PRESIDENT = "Vice President Operations"
TRAP_TITLES = ("Assistant to the CEO", TRAP_VICE_PRESIDENT, "Product Owner", "Account Executive")

SUBJECTS = ("Quarterly review", "Delivery dates", "New price list", "Service visit", "Contract renewal", "Next project")

_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})


def plain(text: str) -> str:
    """The text in the letters of e-mail addresses and domains: lower-case a to z, words joined by hyphens."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_ASCII)).encode("ascii", "ignore").decode()
    return "-".join(folded.split())


def person(rng: Random, country: int) -> tuple[str, str]:
    """(full name, the part of an e-mail address before the @) of somebody from the country."""
    firsts, lasts = PEOPLE[country]
    first, last = rng.choice(firsts), rng.choice(lasts)
    return f"{first} {last}", f"{plain(first)}.{plain(last)}"


def firms(rng: Random, count: int) -> list[str]:
    """Return `count` different names of companies, also different when written as domains."""
    several = len(TRADES) * len(FORMS)
    room = len(STEMS) * several
    picks = rng.sample(range(max(room, count)), count)
    return [_firm(pick % room) + (f" {pick // room + 1}" if pick >= room else "") for pick in picks]


def _firm(pick: int) -> str:
    stem, rest = divmod(pick, len(TRADES) * len(FORMS))
    trade, form = divmod(rest, len(FORMS))
    return f"{STEMS[stem]} {TRADES[trade]} {FORMS[form]}"
