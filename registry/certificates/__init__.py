"""May this village issue the certificate a person asks for in these words?"""

from __future__ import annotations

from registry.certificates.answering import Answer, Candidate, answer, certificates_of
from registry.certificates.standing import Certificate, UnknownVillage
from registry.certificates.telling import sentence
from registry.certificates.understanding import prepare
from registry.certificates.vocabulary import BadWords

__all__ = [
    "Answer",
    "BadWords",
    "Candidate",
    "Certificate",
    "UnknownVillage",
    "answer",
    "certificates_of",
    "prepare",
    "sentence",
]
