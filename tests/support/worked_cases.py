"""The worked cases: journals with the answers that they must give."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.support import paths

WORKED_CASES: Final[list[Path]] = sorted(paths.CASES.glob("*.jsonl"), key=lambda path: path.stem)
