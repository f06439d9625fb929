"""The checkpoint that the log shows to everybody, with the cosignatures of witnesses where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from registry.log import cosignatures, tree
from registry.log.cosignatures import Cosignature, Cosigned
from registry.log.notes import Checkpoint, Signer, sign
from registry.log.witness_policy import Policy


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint: its note with all signature lines, its size, and the cosignatures among them."""

    note: str
    size: int
    by: tuple[Cosignature, ...]


def published(connection: psycopg.Connection, key: Signer, policy: Policy | None) -> Published:
    """The largest checkpoint that a quorum of the policy's witnesses cosigned; of the log as it stands where none is.

    Without a policy, or with one that demands no witness, it is always that of the log as it stands.
    """
    row = connection.execute("SELECT coalesce(max(position), 0) FROM log.decision").fetchone()
    whole = row[0] if row else 0
    if policy is not None:
        for cosigned in _cosigned(connection, key, policy, whole):
            if cosigned.size == whole or policy.quorum != "none":
                return Published(_note(cosigned, key), cosigned.size, cosigned.by)
    text = str(Checkpoint(key.name, whole, tree.root(connection, whole)))
    return Published(sign(text, key), whole, ())


def _cosigned(connection: psycopg.Connection, key: Signer, policy: Policy, whole: int) -> Iterator[Cosigned]:
    """The checkpoints of this log that a quorum cosigned, the largest first; what is of another log is left out."""
    for cosigned in cosignatures.kept(connection, policy.keys):
        if cosigned.size <= whole and policy.satisfied([given.witness for given in cosigned.by]):
            own = Checkpoint(key.name, cosigned.size, tree.root(connection, cosigned.size))
            if cosigned.text == str(own):
                yield cosigned


def _note(cosigned: Cosigned, key: Signer) -> str:
    return sign(cosigned.text, key) + "".join(given.line for given in cosigned.by)
