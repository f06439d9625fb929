"""May this village issue the certificate a person asks for in these words?"""

from __future__ import annotations

from registry.queries.certificates.answering import (
    Advice,
    Answer,
    Candidate,
    answer,
    certificates_meant,
    certificates_of,
    services_for,
)
from registry.queries.certificates.services import Service
from registry.queries.certificates.status import Certificate, UnknownVillage
from registry.queries.certificates.understanding import prepare
from registry.queries.certificates.vocabulary import BadWords
from registry.queries.certificates.wording import sentence

__all__ = [
    "Advice",
    "Answer",
    "BadWords",
    "Candidate",
    "Certificate",
    "Service",
    "UnknownVillage",
    "answer",
    "certificates_meant",
    "certificates_of",
    "prepare",
    "sentence",
    "services_for",
]
