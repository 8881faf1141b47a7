"""What the worker says when it cannot go on; each is told in one line that ends with the error's name.

`name` is how an error is found in docs/operator/errors.md, which is made of these docstrings: why it came about, then
what to do about it.
"""

from __future__ import annotations

from typing import ClassVar

from connectors.errors import ConnectorError


class HoldfastError(Exception):
    """The root. `str(error)` is one line that says what happened and the remedy."""

    name: ClassVar[str]


class ConfigError(HoldfastError):
    """The configuration is wrong; nothing was attempted. `lines` holds every error, one line each.

    Remedy: each line names the key, its value and what it may be. config.example.toml has every key with its meaning.
    """

    name = "config-wrong"

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class UsageError(ConfigError):
    """The command line is wrong: an option or argument that is unknown, missing, or not what it may be.

    Remedy: the line names it; `holdfast COMMAND --help` tells what there is.
    """

    name = "usage-wrong"


class FileError(HoldfastError):
    """A file or folder cannot be read or written.

    Remedy: the line begins with its path; look at its rights, its owner, and the room on the disk.
    """

    name = "file-unusable"


class StoreError(HoldfastError):
    """The store cannot be opened, or its database refuses: a wrong `store.url`, a full or read-only disk, no
    PostgreSQL.

    Remedy: the line has the database's own words. What was committed is safe; run again once it is mended. A SQLite
    file that is damaged is replaced by the newest backup, or by nothing: open tasks are found again by their keys.
    """

    name = "store-unusable"


class StoreInUseError(StoreError):
    """Another Holdfast process runs a cycle on this store, and two never work at once.

    Remedy: wait for it, or stop it. `holdfast serve` holds the store only while a cycle runs.
    """

    name = "store-in-use"


class LeaseLostError(StoreError):
    """A worker gave no sign of life for longer than its lease (its machine slept, or had no network), and another has
    taken its work over. What it still had to do was not done.

    Remedy: none, nothing is lost. Where it comes often, look at the machine, or give workers a longer
    `--lease-seconds`.
    """

    name = "lease-lost"


class StoreTooNewError(StoreError):
    """The store was written by a newer Holdfast than this one.

    Remedy: upgrade this installation, or bring back a backup of before.
    """

    name = "store-too-new"


class CopyError(StoreError):
    """A backup or a move of the store was not made; the store itself is as it was, and half a copy is not kept.

    Remedy: the line says what is in the way: a file or rows that are there already, a full disk, or an engine with
    tools of its own.
    """

    name = "copy-failed"


class RefusedError(HoldfastError):
    """A safety limit refused the plan; nothing was sent.

    Remedy: look at `holdfast plan`. If it is right, allow it once (`--accept N`) or raise the limit that the line
    names.
    """

    name = "plan-too-large"


class PlanMovedError(RefusedError):
    """The plan in the file is no longer the plan of this moment, or somebody edited it; nothing was sent.

    Remedy: the line says what moved. Make a new plan with `holdfast plan --out FILE`, read it, apply that.
    """

    name = "plan-moved"


class NotFoundError(HoldfastError):
    """Nothing has the name, address or id that was asked for, or more than one thing has.

    Remedy: the line says which command lists what there is; an id is always unambiguous.
    """

    name = "not-found"


class NothingYetError(HoldfastError):
    """The store does not hold what the answer would rest on: no cycle yet, too short a past, or a field never filled.

    Remedy: the line says what is missing; `holdfast run` fetches what the CRM has.
    """

    name = "nothing-yet"


class UnconfirmedError(HoldfastError):
    """The command changes the CRM and there was nobody to ask.

    Remedy: look with `--dry-run`, then say `--yes`.
    """

    name = "not-confirmed"


class UnprovisionedError(HoldfastError):
    """A field of ours could not be made in the CRM.

    Remedy: do the steps that are printed, by hand or with the CRM's administrator, and run `holdfast provision`
    again.
    """

    name = "field-not-made"


class StoreDiffersError(HoldfastError):
    """The store and the CRM do not hold the same records.

    Remedy: `holdfast verify --repair` makes the store equal to the CRM.
    """

    name = "store-differs"


class TasksLeftError(HoldfastError):
    """Some of the tasks that were to be taken back could not be closed: the CRM refused, or did not answer.

    Remedy: `holdfast parked list` has the CRM's word for each; `holdfast undo` once more takes back what is left.
    """

    name = "tasks-left"


class CycleError(HoldfastError):
    """A cycle that `serve` started did not get through; the line has every cause with its own name.

    Remedy: that of the causes. Nothing is lost: the next slot goes on from here.
    """

    name = "cycle-failed"


class AddressInUseError(HoldfastError):
    """`serve` cannot listen where it was told to: another program has the port, or the address is not this machine's.

    Remedy: choose another `--port` or `--host`.
    """

    name = "address-in-use"


class SandboxError(HoldfastError):
    """The local sandbox refused what the demo asked of it.

    Remedy: end other sandboxes and run the demo with an `--out` folder of its own.
    """

    name = "sandbox-refused"


def named(error: HoldfastError | ConnectorError) -> str:
    """Return what is printed, logged and kept of an error: its line, or lines, each with its name at the end."""
    return "\n".join(f"{line} [{error.name}]" for line in str(error).splitlines())
