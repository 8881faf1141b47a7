"""The languages in which tasks can be written: English, and those with a catalogue `sync/locale/<code>.po`."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from rules.wording import ENGLISH, Language

CATALOGUES = Path(__file__).parent / "locale"


@cache
def languages() -> dict[str, Language]:
    """Every language by its code, English first."""
    found = {path.stem: _read(path) for path in sorted(CATALOGUES.glob("*.po"))}
    return {ENGLISH.code: ENGLISH, **found}


def _read(path: Path) -> Language:
    """Return the language of a catalogue, with the plural forms that Unicode CLDR knows of it."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - of use only where a language is asked for
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file, locale=path.stem)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code=path.stem, sentences=GNUTranslations(compiled))
