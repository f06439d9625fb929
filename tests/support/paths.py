"""Where the tests' files are, and the checkout that they test."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
ROOT: Final = TESTS.parent
CASES: Final = TESTS / "cases"
CORPUS: Final = TESTS / "corpus"
DATA: Final = TESTS / "data"
PHRASINGS: Final = DATA / "certificate_phrasings.csv"
BLIND_CERTIFICATES: Final = DATA / "certificates_blind.csv"
BLIND_CERTIFICATES_SECOND: Final = DATA / "certificates_blind_second.csv"
BLIND_CERTIFICATES_THIRD: Final = DATA / "certificates_blind_third.csv"
BLIND_CERTIFICATES_FOURTH: Final = DATA / "certificates_blind_fourth.csv"
BLIND_CERTIFICATES_FIFTH: Final = DATA / "certificates_blind_fifth.csv"
BLIND_CERTIFICATES_SIXTH: Final = DATA / "certificates_blind_sixth.csv"
BLIND_CERTIFICATES_SEVENTH: Final = DATA / "certificates_blind_seventh.csv"
CERTIFICATE_REQUESTS: Final = DATA / "certificates_asked.csv"
DOCS: Final = ROOT / "docs"
