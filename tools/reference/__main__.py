"""`python -m tools.reference`: write every page of the reference that differs from what the code says."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.reference import PAGES

ROOT = Path(__file__).parents[2]

for name, text in PAGES.items():
    file, wanted = ROOT / name, text()
    if not file.exists() or file.read_text(encoding="utf-8") != wanted:
        file.write_text(wanted, encoding="utf-8")
        sys.stdout.write(f"{name}\n")
