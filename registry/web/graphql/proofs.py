"""Proofs over the log in the schema: its root and a signed checkpoint, inclusion and consistency (RFC 6962)."""

from __future__ import annotations

import base64

import psycopg
import strawberry
from strawberry.types import Info

from registry.database import embedded
from registry.log import checkpoints, recorder, tree
from registry.log.notes import Checkpoint, sign
from registry.web.graphql.context import context_of
from registry.web.problems import bad_value, problem


@strawberry.type(description="决定日志。 The log of all decisions.")
class Log:
    size: int = strawberry.field(description="项数。 The number of decisions; also the newest position.")

    @strawberry.field(description="默克尔树根。 The root of the Merkle tree over them (RFC 6962), in hexadecimal.")
    async def root(self, info: Info) -> str:
        return (await context_of(info).resources.run_in_thread(tree.root, self.size)).hex()

    @strawberry.field(description="已签名的检查点。 A checkpoint of it, signed: a C2SP signed note. Keep it.")
    async def checkpoint(self, info: Info) -> str:
        return await context_of(info).resources.run_in_thread(_signed, self.size)


@strawberry.type(description="包含证明。 That a decision is in the log.")
class InclusionProof:
    position: int
    leaf_index: int = strawberry.field(description="叶序号，从 0 起。 The leaf's place in the tree, from 0.")
    size: int
    leaf_hash: str = strawberry.field(description="十六进制。 Hexadecimal, as all hashes here.")
    leaf: str = strawberry.field(description="叶的原文，Base64。 The bytes that are hashed, in base64.")
    hashes: list[str]
    root: str


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
        return await context_of(info).resources.run_in_thread(_inclusion, position, chosen)

    @strawberry.field(
        description="一致性证明。 That the log of the first size is the beginning of that of the second: hashes in hex."
    )
    async def consistency_proof(self, info: Info, first: int, second: int) -> list[str]:
        whole = await context_of(info).newest()
        if not 0 < first <= second <= whole:
            raise bad_value(
                "first",
                f"须为 0 < first ≤ second ≤ {whole}。",
                f"It must be 0 < first <= second <= {whole}.",
            )
        return [step.hex() for step in await context_of(info).resources.run_in_thread(tree.consistency, first, second)]


def _signed(connection: psycopg.Connection, size: int) -> str:
    try:
        signer = checkpoints.signer(embedded.home())
    except checkpoints.NoKey as error:
        raise problem(error.code, error.zh, error.en) from None
    return sign(str(Checkpoint(signer.name, size, tree.root(connection, size))), signer)


def _inclusion(connection: psycopg.Connection, position: int, size: int) -> InclusionProof:
    leaf, hashed = recorder.leaf(connection, position)
    return InclusionProof(
        position=position,
        leaf_index=position - 1,
        size=size,
        leaf_hash=hashed.hex(),
        leaf=base64.b64encode(leaf).decode(),
        hashes=[step.hex() for step in tree.inclusion(connection, position, size)],
        root=tree.root(connection, size).hex(),
    )
