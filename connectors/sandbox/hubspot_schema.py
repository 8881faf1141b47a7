"""HubSpot's object types with all their spellings, and the association types between them.

Type ids are direction-specific: a task is attached to a company by 192, a company to a task by 191.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectType:
    """One kind of record; `number` is the second half of its type id (`0-27` is 27)."""

    number: int
    singular: str
    plural: str
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    shown: tuple[str, ...] = ()  # what a read returns when no property is asked for, beside stamps and id
    required: tuple[str, ...] = ()  # refused on create when missing

    @property
    def type_id(self) -> str:
        return f"0-{self.number}"


CONTACT = ObjectType(
    number=1,
    singular="contact",
    plural="contacts",
    created="createdate",
    modified="lastmodifieddate",
    shown=("email", "firstname", "lastname"),
)
COMPANY = ObjectType(number=2, singular="company", plural="companies", created="createdate", shown=("domain", "name"))
DEAL = ObjectType(
    number=3,
    singular="deal",
    plural="deals",
    created="createdate",
    shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
    required=("dealstage",),
)
TICKET = ObjectType(
    number=5,
    singular="ticket",
    plural="tickets",
    created="createdate",
    shown=("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"),
    required=("hs_pipeline_stage",),
)
COMMUNICATION = ObjectType(number=18, singular="communication", plural="communications", required=("hs_timestamp",))
TASK = ObjectType(number=27, singular="task", plural="tasks", required=("hs_timestamp",))
NOTE = ObjectType(number=46, singular="note", plural="notes", required=("hs_timestamp",))
MEETING = ObjectType(number=47, singular="meeting", plural="meetings", required=("hs_timestamp",))
CALL = ObjectType(number=48, singular="call", plural="calls", required=("hs_timestamp",))
EMAIL = ObjectType(number=49, singular="email", plural="emails", required=("hs_timestamp", "hs_email_direction"))

OBJECT_TYPES = (CONTACT, COMPANY, DEAL, TICKET, COMMUNICATION, TASK, NOTE, MEETING, CALL, EMAIL)
ACTIVITIES = (COMMUNICATION, TASK, NOTE, MEETING, CALL, EMAIL)

_BY_SPELLING = {spelling: kind for kind in OBJECT_TYPES for spelling in (kind.singular, kind.plural, kind.type_id)}


def object_type(spelling: str) -> ObjectType | None:
    """The type that `contacts`, `contact`, `CONTACT` or `0-1` means; None if unknown."""
    return _BY_SPELLING.get(spelling.lower())


PRIMARY = "Primary"

# (type id, inverse type id, from, to, label, label of the inverse)
_PAIRS: tuple[tuple[int, int, ObjectType, ObjectType, str | None, str | None], ...] = (
    (279, 280, CONTACT, COMPANY, None, None),
    (1, 2, CONTACT, COMPANY, PRIMARY, PRIMARY),
    (341, 342, DEAL, COMPANY, None, None),
    (5, 6, DEAL, COMPANY, PRIMARY, PRIMARY),
    (339, 340, TICKET, COMPANY, None, None),
    (26, 25, TICKET, COMPANY, PRIMARY, PRIMARY),
    (3, 4, DEAL, CONTACT, None, None),
    (16, 15, TICKET, CONTACT, None, None),
    (28, 27, TICKET, DEAL, None, None),
    (449, 449, CONTACT, CONTACT, None, None),
    (450, 450, COMPANY, COMPANY, None, None),
    (14, 13, COMPANY, COMPANY, "Parent Company", "Child Company"),
    (182, 181, CALL, COMPANY, None, None),
    (186, 185, EMAIL, COMPANY, None, None),
    (188, 187, MEETING, COMPANY, None, None),
    (190, 189, NOTE, COMPANY, None, None),
    (192, 191, TASK, COMPANY, None, None),
    (87, 88, COMMUNICATION, COMPANY, None, None),
    (194, 193, CALL, CONTACT, None, None),
    (198, 197, EMAIL, CONTACT, None, None),
    (200, 199, MEETING, CONTACT, None, None),
    (202, 201, NOTE, CONTACT, None, None),
    (204, 203, TASK, CONTACT, None, None),
    (81, 82, COMMUNICATION, CONTACT, None, None),
    (206, 205, CALL, DEAL, None, None),
    (210, 209, EMAIL, DEAL, None, None),
    (212, 211, MEETING, DEAL, None, None),
    (214, 213, NOTE, DEAL, None, None),
    (216, 215, TASK, DEAL, None, None),
    (85, 86, COMMUNICATION, DEAL, None, None),
    (220, 219, CALL, TICKET, None, None),
    (224, 223, EMAIL, TICKET, None, None),
    (226, 225, MEETING, TICKET, None, None),
    (228, 227, NOTE, TICKET, None, None),
    (230, 229, TASK, TICKET, None, None),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AssociationType:
    """One directed association type; `inverse` is the type id that the other side sees."""

    id: int
    inverse: int
    source: ObjectType
    target: ObjectType
    label: str | None = None
    user_defined: bool = False

    @property
    def category(self) -> str:
        return "USER_DEFINED" if self.user_defined else "HUBSPOT_DEFINED"

    @property
    def name(self) -> str:
        """The word that inline associations of a list use for it."""
        plain = f"{self.source.singular}_to_{self.target.singular}"
        return f"{plain}_unlabeled" if self.label is None and self.id in _HAS_PRIMARY else plain


_HAS_PRIMARY = frozenset({279, 280, 341, 342, 339, 340})


def association_types() -> dict[int, AssociationType]:
    """HubSpot's own association types by id, both directions; ours to add custom labels to."""
    found: dict[int, AssociationType] = {}
    for number, inverse, source, target, label, inverse_label in _PAIRS:
        found[number] = AssociationType(id=number, inverse=inverse, source=source, target=target, label=label)
        found[inverse] = AssociationType(id=inverse, inverse=number, source=target, target=source, label=inverse_label)
    return found
