"""report: where every key account stands, as text, as a folder of pages, as one archive, or one account on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
import typer

from sync.cli.look import AsOf, facts_named
from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections, as_of_day, moment_of, offline_works
from sync.cycle import facts_reader, verdicts_as_of
from sync.errors import UsageError
from sync.pages.one_page import NotPrintedError, account_html, print_pdf
from sync.pages.scene import Scene
from sync.pages.site import Site
from sync.pages.words import slug
from sync.people import People
from sync.report.summary import summary, summary_text

Account = Annotated[str | None, typer.Option(help="One account, by id or name, on one page; --out names the file.")]
Format = Annotated[Literal["pdf", "html"] | None, typer.Option("--format", help="With --account: pdf or html.")]
Archive = Annotated[bool, typer.Option("--zip", help="With --out DIR: DIR.zip too, which can be mailed.")]


def add_to(app: typer.Typer) -> None:
    app.command()(report)


def report(
    out: Annotated[Path | None, typer.Option(help="A folder for the pages, report.txt and report.json.")] = None,
    account: Account = None,
    form: Format = None,
    *,
    archive: Archive = False,
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """Where every key account stands, worst first; as pages with tables and pictures where a folder is named."""
    if wrong := _misused(out, account, form, archive=archive):
        raise UsageError([wrong])
    session = open_session()
    if account:
        for written in _account_pages(session, account, form or "html", out, as_of=as_of, names=connection):
            typer.echo(f"{written} written", err=True)
    else:
        _whole(session, out, as_of, connection, archive=archive)
    session.finish()


def _misused(out: Path | None, account: str | None, form: str | None, *, archive: bool) -> str:
    """Return what is wrong with the options together, empty for nothing."""
    if form and not account:
        return "--format: is for one account; name it with --account"
    if archive and (account or not out):
        return "--zip: packs a folder of pages; name it with --out DIR"
    if account and out and out.suffix and out.suffix != f".{form or 'html'}":
        return f"--out {out}: must be a folder or end in .{form or 'html'}"
    return ""


def _whole(session: Session, out: Path | None, as_of: str | None, names: list[str] | None, *, archive: bool) -> None:
    day = as_of_day(as_of)
    works = list(offline_works(session, names, day))
    site = Site(out, [work.name for work in works]) if out else None
    told = []
    for work in works:
        moment = moment_of(work, day)
        if site:
            scene = Scene.of(work, moment, planned=day is None)
            judged, people = site.record(scene), scene.side.people
        else:
            judged = verdicts_as_of(work, moment)
            people = People.of(facts_reader(work, moment).users, work.config.people)
        told.append(summary(work.name, judged, people, moment.today))
    if site and out and told:
        files = [*site.finish(), *write_report(out, told)]
        typer.echo(f"{out / 'index.html'} written, report.txt and report.json beside it", err=True)
        if archive:
            typer.echo(f"{_packed(out, files)} written", err=True)
    if OPTIONS.json:
        print_json(told)
    elif not out:
        console().print("\n\n".join(map(summary_text, told)), markup=False)


def write_report(out: Path, told: list[dict[str, Any]]) -> list[Path]:
    """report.txt and report.json stand in the folder; returns them."""
    out.mkdir(parents=True, exist_ok=True)
    text, document = out / "report.txt", out / "report.json"
    text.write_text("\n\n".join(map(summary_text, told)) + "\n", encoding="utf-8")
    with document.open("wb") as file:
        file.writelines(_as_json(told))
    return [text, document]


def _as_json(told: list[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the document account by account: of a large org it would take as much memory again as what it tells."""
    for index, one in enumerate(told):
        rest = orjson.dumps({name: value for name, value in one.items() if name != "accounts"})
        yield (b",\n" if index else b"[\n") + rest[:-1] + b',"accounts":['
        for number, account in enumerate(one["accounts"]):
            yield (b",\n" if number else b"\n") + orjson.dumps(account)
        yield b"\n]}"
    yield b"\n]\n"


def _packed(out: Path, files: list[Path]) -> Path:
    """Pack the report's own files, never what else lies in its folder, and return the archive beside it."""
    name = out.resolve().name
    archive = out.with_name(f"{name}.zip")
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, Path(name) / file.relative_to(out))
    return archive


def _account_pages(
    session: Session, account: str, form: str, out: Path | None, *, as_of: str | None, names: list[str] | None
) -> Iterator[Path]:
    found = facts_named(session, account, as_of, names)
    single = out if out and out.suffix else None
    if single and len(found) > 1:
        meant = ", ".join(f"{facts.account.name} in {work.name}" for work, facts in found[:5])
        raise UsageError([f"--account {account}: means {len(found)} ({meant}); say the id, or --connection"])
    folder = out or Path()
    if not single:
        folder.mkdir(parents=True, exist_ok=True)
    for work, facts in found:
        day = as_of_day(as_of)
        html = account_html(Scene.of(work, moment_of(work, day), planned=day is None), facts.account.id)
        path = single or folder / f"{slug(work.name)}-{slug(facts.account.id)}.{form}"
        yield _written(session, html, path)


def _written(session: Session, html: str, path: Path) -> Path:
    """Write the page and return the file; where it cannot be printed, as HTML, which is told at the end."""
    if path.suffix == ".pdf":
        try:
            print_pdf(html, path)
        except NotPrintedError as error:
            path = path.with_suffix(".html")
            session.fail(NotPrintedError(f"{path.with_suffix('.pdf')}: {error}; {path} stands instead"))
        else:
            return path
    path.write_text(html, encoding="utf-8")
    return path
