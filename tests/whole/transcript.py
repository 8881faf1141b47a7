"""A document whose console blocks are run again: what stands behind `$ ` is typed, what follows is what was answered.

`python -m tests.whole.transcript docs/operator/first-hour.md` writes the answers anew.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
PORT = 8711  # of the sandbox, as the document says it
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_MARK = "=== the end of an answer ==="
_WITHIN_SECONDS = 240
#: What another run may say otherwise: times of the day, durations, sizes, calls that were paced or sent again.
_VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z"), "TIME"),
    (re.compile(r"^\d+\.\d s$", re.MULTILINE), "DURATION"),
    (re.compile(r"\(\d+\.\d MB\)"), "SIZE"),
    (re.compile(r"[\d,]+ (?=API calls|left today|calls left|of them for this cycle)|API calls \d+"), "CALLS "),
    (re.compile(r"checksum [0-9a-f]+"), "CHECKSUM"),
)


def commands(document: str) -> list[str]:
    """Return what is typed, block by block; a line that goes on on the next ends with a backslash."""
    return [command for block in _BLOCK.findall(document) for command, _ in _exchanges(block)]


def _exchanges(block: str) -> Iterator[tuple[str, str]]:
    """Yield (what is typed, what was answered)."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:.*\\\n)*.*\n", part)
        assert typed is not None
        yield typed[0].rstrip("\n"), part[typed.end() :]


def answered(document: str, answers: list[str]) -> str:
    """Return the document with these answers in the place of its own."""
    rest = iter(answers)

    def block(found: re.Match[str]) -> str:
        return "".join(f"$ {command}\n{next(rest)}" for command, _ in _exchanges(found[0]))

    return _BLOCK.sub(block, document)


def alike(text: str) -> str:
    """Return the text without what differs from run to run."""
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return text


def play(document: str, folder: Path) -> list[str]:
    """Type the document's commands in an empty folder that holds the wheel; return the answers, errors among them."""
    port = _free_port()
    typed = [command.replace(str(PORT), str(port)) for command in commands(document)]
    script = "\n".join(f'{{ {command}\n}} </dev/null 2>&1\necho "{_MARK}"' for command in typed)
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        out, _ = shell.communicate(timeout=_WITHIN_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
    answers = out.replace(str(port), str(PORT)).replace(f"{folder}/", "").split(f"{_MARK}\n")
    assert len(answers) == len(typed) + 1, out
    assert "Traceback" not in out, out
    return answers[:-1]


def _environment(folder: Path) -> dict[str, str]:
    """A new user's: no setting of ours. What the lock holds is there without a network, all but Holdfast and pip."""
    installed = folder / ".installed"
    installed.mkdir()
    for item in Path(sysconfig.get_path("purelib")).iterdir():
        if not re.match(r"_*(editable__*)?_*holdfast|pip\b|.*\.pth$", item.name):
            (installed / item.name).symlink_to(item)
    return {
        "PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "TZ": "Europe/Berlin",
        "LANG": "C.UTF-8",
        "COLUMNS": "118",
        "PYTHONPATH": str(installed),
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def build_wheel(folder: Path) -> None:
    """The wheel stands in the folder, made from a copy of the sources: nothing is left among them."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "holdfast"
        copy.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(PROJECT / name, copy)
        for name in ("rules", "connectors", "sync"):
            shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        line = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(copy)]
        subprocess.run(line, check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def main(path: Path) -> None:
    """Write the document's answers anew."""
    document = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        build_wheel(folder)
        path.write_text(answered(document, play(document, folder)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
