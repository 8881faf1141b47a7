"""E-mails that nobody wrote: answers of calendars, and of mailboxes whose owners are away. HubSpot keeps both as any
other e-mail.

Only the subject tells them: mail programs begin it with a fixed word, in the language of whoever answers. Invitations
are left alone: people write them too.
"""

from __future__ import annotations

import re

from connectors.hubspot.values import Properties, text

# Outlook, Google Calendar, Apple Mail and Exchange in English, German, French, Spanish, Italian, Dutch, Portuguese.
_CALENDAR = (
    "accepted|declined|tentative|tentatively accepted|canceled|cancelled"
    "|canceled event|new time proposed|meeting forward notification"
    "|angenommen|zugesagt|abgelehnt|mit vorbehalt|abgesagt|neuer zeitvorschlag"
    "|accepté|acceptée|refusé|refusée|provisoire|annulé|annulée|aceptado|aceptada|rechazado|rechazada|cancelado"
    "|accettato|rifiutato|annullato|geaccepteerd|geweigerd|afgewezen|geannuleerd|aceite|recusado"
)
_AWAY = (
    "automatic reply|auto reply|auto-reply|autoreply|auto response|out of office|out of the office"
    "|automatische antwort|abwesenheitsnotiz|abwesend|abwesenheit"
    "|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina"
    "|risposta automatica|fuori sede|automatisch antwoord|afwezig|resposta automática"
)
_SUBJECT = re.compile(rf"\s*\[?(?:(?P<calendar>{_CALENDAR})|(?P<away>{_AWAY}))\s*:", re.IGNORECASE)
_AWAY_ALONE = re.compile(rf"\s*\[?(?:{_AWAY})\]?\s*$", re.IGNORECASE)


def automatic(values: Properties) -> str:
    """`calendar` or `away` for an e-mail that a machine wrote, else empty."""
    subject = text(values, "hs_email_subject")
    if found := _SUBJECT.match(subject):
        return "calendar" if found["calendar"] else "away"
    return "away" if _AWAY_ALONE.match(subject) else ""
