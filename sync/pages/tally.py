"""What is gathered of one connection while its accounts pass one by one: lines and counts, never their touches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sync.pages.changes import Change, news
from sync.pages.exposed import Share, shares
from sync.pages.line import Line
from sync.pages.quality import Verdicts
from sync.pages.queued import QueueCount
from sync.pages.scene import Scene, Visit
from sync.pages.unjudged import Reasons


@dataclass(kw_only=True)
class Tally:
    """The key accounts so far, and those `lost`: key once. `shares` stays empty unless people may be compared."""

    scene: Scene
    lines: list[Line] = field(default_factory=list)
    lost: list[Line] = field(default_factory=list)
    queue: QueueCount = field(default_factory=QueueCount)
    reasons: Reasons = field(default_factory=Reasons)
    verdicts: Verdicts = field(default_factory=Verdicts)
    news: list[Change] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    def pass_by(self, visit: Visit) -> None:
        """Count any account, key or not."""
        self.reasons.add(visit.outlook.verdicts)

    def add(self, visit: Visit, line: Line) -> None:
        """Take a key account in."""
        self.lines.append(replace(line, agenda=()))
        self.verdicts.add(visit.outlook.verdicts, visit.remembered.states)
        self.queue.add(self.scene, visit, line)
        self.news += news(self.scene, visit, line)
        if self.scene.work.config.privacy.rank_people:
            self.shares += shares(visit.facts)
