"""Which nodes of a directed graph stand on a circle. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

Edges = Mapping[str, Iterable[str]]


def circles(above: Edges) -> list[tuple[str, ...]]:
    """Return each set of nodes that are all above and below each other, sorted; `above` are the parents of each.

    These are the strongly connected components with more than one node, and the nodes that are above themselves
    (Kosaraju's algorithm, without recursion: such a chain can be long).
    """
    below: defaultdict[str, list[str]] = defaultdict(list)
    for node, parents in above.items():
        for parent in parents:
            below[parent].append(node)
    seen: set[str] = set()
    finished = [node for start in sorted(above) for node in _finished(start, above, seen)]
    seen, found = set(), []
    for start in reversed(finished):
        members = tuple(sorted(_finished(start, below, seen)))
        if len(members) > 1 or (members and members[0] in above.get(members[0], ())):
            found.append(members)
    return sorted(found)


def _finished(start: str, edges: Edges, seen: set[str]) -> Iterator[str]:
    """The nodes that can be reached from here and were not seen, each after all that can be reached from it."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(edges.get(start, ())))]
    while path:
        following = next((one for one in path[-1][1] if one not in seen), None)
        if following is None:
            yield path.pop()[0]
        else:
            seen.add(following)
            path.append((following, iter(edges.get(following, ()))))
