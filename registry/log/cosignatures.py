"""Cosignatures of checkpoints by witnesses (C2SP tlog-cosignature, Ed25519): read, verified, kept.

A witness that cosigns a checkpoint says: at this time it was the largest one I have seen of this log, and it continues
every one that I saw before.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.log.notes import DASH, BadNote, PublicKey

COSIGNATURE: Final = b"\x04"  # the signature type of Ed25519 cosignatures
LATEST: Final = 253402300799  # seconds: the end of the year 9999, the last that a datetime can say


class WitnessKey(PublicKey):
    """A witness's public key."""

    __slots__ = ()
    TYPE = COSIGNATURE


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that was verified: whose, when it was given, and its line of the note, line feed included."""

    witness: WitnessKey
    given_at: datetime
    line: str


def verified(text: str, lines: str, witness: WitnessKey) -> Cosignature | None:
    """The newest valid cosignature of a checkpoint's text by this witness among signature lines; None where none is.

    Lines by others, and whatever is no signature line, are passed over, as the specification demands.
    """
    results = [one for line in lines.split("\n") if (one := _verified(text, line, witness)) is not None]
    return max(results, key=lambda one: one.given_at, default=None)


def _verified(text: str, line: str, witness: WitnessKey) -> Cosignature | None:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or name != witness.name:
        return None
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if len(blob) != 4 + 8 + 64 or blob[:4] != witness.key_id:
        return None
    seconds = int.from_bytes(blob[4:12], "big")
    if seconds > LATEST:
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(witness.key)
        key.verify(blob[12:], f"cosignature/v1\ntime {seconds}\n{text}".encode())
    except (InvalidSignature, ValueError):
        return None
    return Cosignature(witness, datetime.fromtimestamp(seconds, UTC), f"{line}\n")


def parts(note: str) -> tuple[str, str]:
    """The text of a note, with its last line feed, and its signature lines. Raises BadNote."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator:
        raise BadNote("no signed note")
    return text + "\n", lines


# ------------------------------------------------------------------------------------------ kept in the database


def keep(connection: psycopg.Connection, size: int, text: str, given: Cosignature) -> None:
    """Keep a cosignature of a checkpoint: of each size and witness the newest."""
    connection.execute(
        "INSERT INTO log.cosignature (size, witness, text, line, given_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (size, witness) DO UPDATE SET text = EXCLUDED.text, line = EXCLUDED.line,"
        " given_at = EXCLUDED.given_at WHERE log.cosignature.given_at < EXCLUDED.given_at",
        (size, given.witness.identity, text, given.line, given.given_at),
    )


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint's text with all cosignatures of known witnesses that hold for it."""

    size: int
    text: str
    by: tuple[Cosignature, ...]


def kept(connection: psycopg.Connection, witnesses: Iterable[WitnessKey]) -> list[Cosigned]:
    """What is kept of these witnesses, verified anew; the largest checkpoint first."""
    known = {witness.identity: witness for witness in witnesses}
    rows = connection.execute(
        "SELECT size, text, witness, line FROM log.cosignature WHERE witness = ANY(%s)"
        " ORDER BY size DESC, text, witness",
        (list(known),),
    ).fetchall()
    results: dict[tuple[int, str], list[Cosignature]] = {}
    for size, text, identity, line in rows:
        given = verified(text, line, known[identity])
        if given is not None:
            results.setdefault((size, text), []).append(given)
    return [Cosigned(size, text, tuple(by)) for (size, text), by in results.items()]


def largest(connection: psycopg.Connection, witness: WitnessKey) -> int:
    """The size of the largest checkpoint that this witness is known to have cosigned; 0 where there is none."""
    row = connection.execute("SELECT max(size) FROM log.cosignature WHERE witness = %s", (witness.identity,)).fetchone()
    return (row[0] if row else None) or 0
