"""A portal of its own for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.hubspot_portal import Portal


@pytest.fixture
def portal() -> Iterator[Portal]:
    one = Portal()
    yield one
    one.close()
