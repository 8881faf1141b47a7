"""The streams of an org, in the order in which they are pulled."""

from __future__ import annotations

from connectors.protocol import ON_DEMAND
from connectors.salesforce.activity_sources import of_activity
from connectors.salesforce.record_sources import of_records
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.source import Source


def sources(settings: SalesforceSettings, needs: frozenset[str] = frozenset()) -> tuple[Source, ...]:
    """The streams of an org, in the order in which they are pulled; of what is read on demand only what is needed.

    E-mails come before the tasks that stand for them, and leads last: either way the store tells which belong together.
    """
    every = (*of_records(settings, needs), *of_activity(settings))
    return tuple(source for source in every if not source.feeds & ON_DEMAND - needs)
