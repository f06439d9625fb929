"""The public keys and checkpoints that `registry verify` is given."""

from __future__ import annotations

from pathlib import Path

from registry.database import embedded
from registry.log import checkpoints
from registry.log.notes import BadNote, Checkpoint, Verifier


def verifier_of(key: str | None) -> Verifier:
    """Give the public key named, in a file or as it is; else that of this registry. Raises BadNote, NoKey."""
    if key is None:
        return checkpoints.signer(embedded.home()).verifier
    try:
        text = Path(key).read_text(encoding="ascii") if Path(key).is_file() else key
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{key}: {problem}") from None
    return Verifier.parse(text)


def read_file(file: Path, verifier: Verifier) -> Checkpoint:
    """Read a checkpoint kept in a file. Raises BadNote."""
    try:
        return checkpoints.read(file.read_text(encoding="utf-8"), verifier)
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{file}: {problem}") from None
