"""Which sentences the code says, for `make texts`: an extraction method of Babel.

Babel's own does not see a call within an f-string before Python 3.12, and takes a sentence that is put together in its
arguments for none.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import IO

Found = tuple[int, str, str | tuple[str, ...], Sequence[str]]


def extract(
    file: IO[bytes],
    keywords: Collection[str],
    _tags: Sequence[str],
    options: object,  # noqa: ARG001  # Babel gives it by this name
) -> Iterator[Found]:
    """Yield (line, function, sentence or its two forms, no comments) for each call of one of the functions.

    Raises ValueError where a sentence is no literal: that would be in no catalogue.
    """
    calls = (one for one in ast.walk(ast.parse(file.read())) if isinstance(one, ast.Call))
    for call in sorted(calls, key=lambda one: one.lineno):
        if isinstance(call.func, ast.Name) and call.func.id in keywords:
            told = tuple(one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
            if len(told) < len(call.args):
                raise ValueError(f"{file.name}:{call.lineno}: {call.func.id}() takes its sentence as a literal")
            yield call.lineno, call.func.id, told if len(told) > 1 else told[0], ()
