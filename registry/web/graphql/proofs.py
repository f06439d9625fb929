"""Proofs over the log in the schema: its root and a signed checkpoint, inclusion and consistency (RFC 6962)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
import strawberry
from strawberry.types import Info

from registry.database import embedded
from registry.log import checkpoints, merkle, recorder, tree
from registry.log.notes import Checkpoint, sign
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import page_size, starting_at
from registry.web.problems import bad_value, problem


@strawberry.type(description="决定日志。 The log of all decisions.")
class Log:
    size: int = strawberry.field(description="项数。 The number of decisions; also the newest position.")

    @strawberry.field(description="默克尔树根。 The root of the Merkle tree over them (RFC 6962), in hexadecimal.")
    async def root(self, info: Info) -> str:
        return (await context_of(info).run_in_thread(tree.root, self.size)).hex()

    @strawberry.field(description="已签名的检查点。 A checkpoint of it, signed: a C2SP signed note. Keep it.")
    async def checkpoint(self, info: Info) -> str:
        return await context_of(info).run_in_thread(_signed, self.size)

    @strawberry.field(description="叶的哈希。 The hashes of its leaves after a position, in hexadecimal, in order.")
    async def leaves(self, info: Info, after: int = 0, first: int | None = None) -> list[LogLeaf]:
        start, size = starting_at(after, self.size), page_size(first)
        stop = min(start + size, self.size)
        hashes = await context_of(info).run_in_thread(_leaves, start, stop)
        return [LogLeaf(position=start + at, hash=each.hex()) for at, each in enumerate(hashes, 1)]

    @strawberry.field(description="已签发的检查点。 Checkpoints signed and kept so far, the largest first.")
    async def checkpoints(self, info: Info) -> list[LogCheckpoint]:
        return await context_of(info).run_in_thread(_kept, self.size)


@strawberry.type(description="日志的叶。 A leaf of the log: the hash of the decision at a position.")
class LogLeaf:
    position: int
    hash: str


@strawberry.type(description="检查点。 A signed note that says how long the log was and its root then.")
class LogCheckpoint:
    size: int
    issued_at: datetime
    note: str


@strawberry.type(description="证明的一步。 The hash over a left and a right one, in hexadecimal.")
class ProofStep:
    left: str
    right: str
    hash: str


@strawberry.type(description="包含证明。 That a decision is in the log.")
class InclusionProof:
    position: int
    leaf_index: int = strawberry.field(description="叶序号，从 0 起。 The leaf's place in the tree, from 0.")
    size: int
    leaf_hash: str = strawberry.field(description="十六进制。 Hexadecimal, as all hashes here.")
    leaf: str = strawberry.field(description="叶的原文，Base64。 The bytes that are hashed, in base64.")
    hashes: list[str]
    root: str
    steps: list[ProofStep] = strawberry.field(
        description="逐步计算，从叶到根。 What is computed of it, from the leaf up to the root."
    )
    holds: bool = strawberry.field(description="是否成立。 Whether that comes to the root.")


@strawberry.type(description="一致性的核验。 Whether the log of one size is the beginning of that of another.")
class Consistency:
    first: int
    second: int
    old_root: str
    new_root: str
    hashes: list[str]
    old_steps: list[ProofStep] = strawberry.field(
        description="算到前一个树根。 What is computed up to the root of the first size."
    )
    new_steps: list[ProofStep] = strawberry.field(
        description="算到后一个树根。 What is computed up to the root of the second size."
    )
    holds: bool = strawberry.field(description="是否成立。 Whether both come to their roots.")


@strawberry.type
class ProofQuestions:
    @strawberry.field(
        description="包含证明。 The audit path of a decision in the log of a size (default: as it is now)."
    )
    async def inclusion_proof(self, info: Info, position: int, size: int | None = None) -> InclusionProof:
        whole = await context_of(info).newest()
        chosen = whole if size is None else size
        if not 0 < chosen <= whole:
            raise bad_value("size", f"日志只有 {whole} 项。", f"The log has {whole} decisions.")
        if not 0 < position <= chosen:
            raise bad_value(
                "position",
                f"前 {chosen} 项中没有第 {position} 项。",
                f"There is no decision {position} among the first {chosen}.",
            )
        return await context_of(info).run_in_thread(_inclusion, position, chosen)

    @strawberry.field(
        description="一致性证明。 That the log of the first size is the beginning of that of the second: hashes in hex."
    )
    async def consistency_proof(self, info: Info, first: int, second: int) -> list[str]:
        await _need_sizes(info, first, second)
        return [step.hex() for step in await context_of(info).run_in_thread(tree.consistency, first, second)]

    @strawberry.field(
        description="一致性的核验。 The same with both roots, and each step of what is computed of the proof."
    )
    async def consistency(self, info: Info, first: int, second: int) -> Consistency:
        await _need_sizes(info, first, second)
        return await context_of(info).run_in_thread(_consistency, first, second)


async def _need_sizes(info: Info[Any, Any], first: int, second: int) -> None:
    """Raise bad-value unless the log has been of both sizes, one after the other."""
    whole = await context_of(info).newest()
    if not 0 < first <= second <= whole:
        raise bad_value(
            "first",
            f"两个项数须依次不减，最小为 1，最大为 {whole}（日志现有项数）。",
            f"It must be 0 < first <= second <= {whole}, the size of the log.",
        )


def _leaves(connection: psycopg.Connection, start: int, stop: int) -> list[bytes]:
    return list(tree.reader(connection)(0, start, stop))


def _kept(connection: psycopg.Connection, size: int) -> list[LogCheckpoint]:
    rows = connection.execute(
        "SELECT size, issued_at, note FROM log.checkpoint WHERE size <= %s ORDER BY size DESC, issued_at DESC", (size,)
    )
    return [LogCheckpoint(size=size, issued_at=issued_at, note=note) for size, issued_at, note in rows]


def _steps(steps: Sequence[merkle.Step]) -> list[ProofStep]:
    return [ProofStep(left=each.left.hex(), right=each.right.hex(), hash=each.hash.hex()) for each in steps]


def _consistency(connection: psycopg.Connection, first: int, second: int) -> Consistency:
    old, new = tree.root(connection, first), tree.root(connection, second)
    path = tree.consistency(connection, first, second)
    before, after, _ = merkle.consistency_steps(first, second, path, old) or ([], [], b"")
    return Consistency(
        first=first,
        second=second,
        old_root=old.hex(),
        new_root=new.hex(),
        hashes=[each.hex() for each in path],
        old_steps=_steps(before),
        new_steps=_steps(after),
        holds=merkle.verify_consistency(first, second, path, old, new),
    )


def _signed(connection: psycopg.Connection, size: int) -> str:
    try:
        signer = checkpoints.signer(embedded.home())
    except checkpoints.NoKey as error:
        raise problem(error.code, error.zh, error.en) from None
    return sign(str(Checkpoint(signer.name, size, tree.root(connection, size))), signer)


def _inclusion(connection: psycopg.Connection, position: int, size: int) -> InclusionProof:
    leaf, hashed = recorder.leaf(connection, position)
    path, root = tree.inclusion(connection, position, size), tree.root(connection, size)
    return InclusionProof(
        position=position,
        leaf_index=position - 1,
        size=size,
        leaf_hash=hashed.hex(),
        leaf=base64.b64encode(leaf).decode(),
        hashes=[each.hex() for each in path],
        root=root.hex(),
        steps=_steps(merkle.inclusion_steps(hashed, position - 1, size, path) or ()),
        holds=merkle.verify_inclusion(hashed, position - 1, size, path, root),
    )
