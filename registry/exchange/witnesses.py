"""Checkpoints submitted to witnesses, and what they answer (C2SP tlog-witness, add-checkpoint)."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

import httpx
import psycopg

from registry.domain.text import Text, counted
from registry.log import cosignatures, tree
from registry.log.cosignatures import Cosignature
from registry.log.notes import Checkpoint
from registry.log.witness_policy import Witness

PATIENCE: Final = 10.0  # seconds for a witness to answer
WHOLE: Final = 30.0  # seconds for all of one answer, however small the pieces in which it comes
ANSWER: Final = 64 * 1024  # bytes of an answer that are read
ATTEMPTS: Final = 4  # with the size that the witness names, where it is another than thought
TOGETHER: Final = 8  # witnesses asked at once
SIZE_TYPE: Final = "text/x.tlog.size"

Outcome = Literal["cosigned", "unreachable", "unknown-log", "refused", "ahead", "differs"]
# Outcomes by which the log itself is in doubt.
ALARMS: Final = frozenset({"ahead", "differs"})


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a checkpoint at a witness, and in words; the cosignature where it gave one."""

    witness: Witness
    outcome: Outcome
    text: Text
    cosignature: Cosignature | None = None


class _Stopped(Exception):
    """The submission ends: with this outcome."""

    def __init__(self, outcome: Outcome, zh: str, en: str) -> None:
        super().__init__(en)
        self.outcome: Outcome = outcome
        self.text = Text(zh, en)


def submit(
    connection: psycopg.Connection, note: str, checkpoint: Checkpoint, witnesses: Iterable[Witness]
) -> list[Submission]:
    """Submit a signed checkpoint of the log to all witnesses that have an address; their cosignatures are kept.

    A witness that does not answer is reported, and keeps nobody from being asked.
    """
    reachable = [witness for witness in witnesses if witness.url is not None]
    database = threading.Lock()  # one connection serves one thread at a time

    def one(witness: Witness) -> Submission:
        try:
            given = _cosigned(connection, database, note, checkpoint, witness)
        except _Stopped as stopped:
            return Submission(witness, stopped.outcome, stopped.text)
        with database:
            cosignatures.keep(connection, checkpoint.size, str(checkpoint), given)
        when = given.given_at.isoformat().replace("+00:00", "Z")
        text = Text(f"已副署前 {checkpoint.size} 项，{when}", f"cosigned the first {checkpoint.size}, {when}")
        return Submission(witness, "cosigned", text, given)

    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(one, reachable))


def _cosigned(
    connection: psycopg.Connection,
    database: threading.Lock,
    note: str,
    checkpoint: Checkpoint,
    witness: Witness,
) -> Cosignature:
    """The witness's cosignature of the checkpoint. Raises _Stopped."""
    with database:
        old = min(cosignatures.largest(connection, witness.key), checkpoint.size)
    for _ in range(ATTEMPTS):
        with database:
            steps = tree.consistency(connection, old, checkpoint.size) if old else []
        status, kind, answer = _response(witness, request_body(old, steps, note))
        if status == 200:
            given = cosignatures.verified(str(checkpoint), answer, witness.key)
            if given is None:
                raise _Stopped(
                    "refused",
                    "答复中没有其公钥签的副署，请核对公钥。",
                    "its answer has no cosignature by its key: check the key.",
                )
            return given
        if status != 409:
            raise _refusal(status)
        old = _size_of(kind, answer, old, checkpoint.size)
    raise _Stopped(
        "refused", "所报的序号总在变，请稍后再试。", "the size that it names keeps changing: try again later."
    )


def request_body(old: int, steps: Sequence[bytes], note: str) -> str:
    """The body of add-checkpoint: the old size, the proof from it, and the signed checkpoint."""
    proof = "".join(f"{base64.b64encode(step).decode()}\n" for step in steps)
    return f"old {old}\n{proof}\n{note}"


def _response(witness: Witness, body: str) -> tuple[int, str, str]:
    """The witness's answer: status, content type, and text. Raises _Stopped where there is none."""
    try:
        return asyncio.run(_answer_of(witness, body))  # for its clock: a thread could not leave a read behind
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise _Stopped("unreachable", f"连不上（{reason}）。", f"it cannot be reached ({reason}).") from None


async def _answer_of(witness: Witness, body: str) -> tuple[int, str, str]:
    url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Accept-Encoding": "identity"}
    async with (
        asyncio.timeout(WHOLE),
        httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client,
        client.stream("POST", url, content=body.encode(), headers=headers) as response,
    ):
        read = bytearray()
        async for piece in response.aiter_raw(4096):  # as it comes: what is packed may be without end
            read += piece
            if len(read) > ANSWER:
                raise _Stopped("refused", "答复过长。", "its answer is too long.")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return response.status_code, kind, read.decode("utf-8", "replace")


def _size_of(kind: str, answer: str, old: int, size: int) -> int:
    """The size that the witness has cosigned, by its answer 409. Raises _Stopped where we cannot go on from there."""
    text = answer.removesuffix("\n")
    if kind != SIZE_TYPE or not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise _refusal(409)
    known = int(text)
    if known > size:
        raise _Stopped(
            "ahead",
            f"它已副署前 {known} 项，而日志只有 {size} 项：末尾被截去，或数据库恢复自较早的备份。",
            f"it has cosigned {counted(known, 'decision')}, but the log has {size}: its end was cut off, or the"
            " database was restored from an earlier backup.",
        )
    if known == old:  # version 1.0 of the protocol: the size agrees, the root does not
        raise _differs()
    return known


def _refusal(status: int) -> _Stopped:
    if status == 404:
        return _Stopped(
            "unknown-log",
            "它不认识本日志：请把日志名称和公钥交给它。",
            "it does not know this log: give it the log's name and public key.",
        )
    if status == 403:
        return _Stopped(
            "refused",
            "它不认本日志的签名：请核对交给它的公钥。",
            "it does not accept this log's signature: check the public key that it was given.",
        )
    if status == 422:
        return _differs()
    if status >= 500 or status == 429:
        return _Stopped("unreachable", f"暂时不能答复（{status}）。", f"it cannot answer now ({status}).")
    return _Stopped("refused", f"拒绝了检查点（{status}）。", f"it refused the checkpoint ({status}).")


def _differs() -> _Stopped:
    return _Stopped(
        "differs",
        "它此前副署的检查点与日志不符：此前的记录被改动过，或它见过另一个同名日志。",
        "what it cosigned before does not agree with the log: earlier records were altered, or it has seen another log "
        "of this name.",
    )
