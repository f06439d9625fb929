"""The public keys and checkpoints that `registry verify` is given, and the cosignatures of witnesses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from registry.database import embedded
from registry.log import checkpoints, cosignatures
from registry.log.notes import BadNote, Checkpoint, Verifier
from registry.log.witness_policy import Policy


def verifier_of(key: str | None) -> Verifier:
    """Give the public key named, in a file or as it is; else that of this registry. Raises BadNote, NoKey."""
    if key is None:
        return checkpoints.signer(embedded.home()).verifier
    try:
        text = Path(key).read_text(encoding="ascii") if Path(key).is_file() else key
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{key}: {problem}") from None
    return Verifier.parse(text)


def retired_of(key: str | None) -> list[Verifier]:
    """Give the keys that signed this registry's checkpoints before; none where a key is named. Raises BadNote."""
    return [] if key is not None else checkpoints.retired_verifiers(embedded.home())


def read_file(file: Path, verifier: Verifier, *retired: Verifier) -> Checkpoint:
    """Read a checkpoint kept in a file. Raises BadNote."""
    try:
        return checkpoints.read(file.read_text(encoding="utf-8"), verifier, *retired)
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{file}: {problem}") from None


@dataclass(frozen=True, slots=True)
class CosignedBy:
    """A checkpoint, and the witnesses whose cosignatures of it hold, as the policy calls them."""

    checkpoint: Checkpoint
    witnesses: tuple[str, ...]


def cosigned(
    connection: psycopg.Connection, verifier: Verifier, files: Iterable[Path], policy: Policy
) -> list[CosignedBy]:
    """What the policy's witnesses have cosigned of this log, by the database and by files; the largest first.

    Raises BadNote.
    """
    names = {witness.key: witness.name for witness in policy.witnesses}
    results: dict[str, set[str]] = {}
    for each in cosignatures.kept(connection, policy.keys):
        results.setdefault(each.text, set()).update(names[given.witness] for given in each.by)
    for file in files:
        text, lines = cosignatures.parts(file.read_text(encoding="utf-8"))
        holding = {name for key, name in names.items() if cosignatures.verified(text, lines, key) is not None}
        results.setdefault(text, set()).update(holding)
    read = [CosignedBy(Checkpoint.parse(text), tuple(sorted(by))) for text, by in results.items() if by]
    own = [each for each in read if each.checkpoint.origin == verifier.name]
    return sorted(own, key=lambda each: (-each.checkpoint.size, -len(each.witnesses)))
