"""`registry checkpoint`, `evidence` and `verify`: what an auditor keeps, and what is checked against it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import orjson
import psycopg
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.cli.terminal import JSON, console, day, fail, known_position
from registry.database import connect, embedded, pool
from registry.log import checkpoints, verifying
from registry.log.notes import BadNote, Checkpoint, Verifier

KEY = Annotated[
    str | None,
    typer.Option(help="公钥或其文件，缺省为本机的。 / Public key or its file; default: this registry's own."),
]


def checkpoint() -> None:
    """签发检查点：请妥善保存，日后据以核验。 / Issue a checkpoint: keep it, to verify the log against later."""
    with connect() as connection:
        try:
            signer = checkpoints.signer(embedded.home())
        except checkpoints.NoKey as problem:
            fail(problem.code, str(problem))
        sys.stdout.write(checkpoints.issue(connection, signer))
    console.print(f"公钥 / public key: {signer.verifier}", highlight=False, markup=False, soft_wrap=True)


def evidence(
    matter: Annotated[str, typer.Option(help="事项。 / The matter.")],
    unit: Annotated[str, typer.Option(help="单位。 / The unit.")],
    on: Annotated[str, typer.Option(help="事发之日。 / The day of the incident.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="写入的 ZIP 文件。 / The ZIP file to write.")],
    known: Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")] = None,
) -> None:
    """取证：某单位某日是否承担某事项，连同可离线核验的证明。 / Evidence for one incident, verifiable offline."""
    from registry.exchange import evidence as evidences
    from registry.queries.holdings import accountability
    from registry.relations.two_times import AsOf

    async def answered(connection: psycopg.Connection, moment: AsOf) -> accountability.Account | None:
        async with await pool() as reader:
            return await accountability.account(reader, connection, moment, matter, unit)

    with connect() as connection:
        moment = AsOf(day(on), known_position(connection, known))
        account = asyncio.run(answered(connection, moment))
        if account is None:
            fail("unknown-matter", f"没有记录过事项“{matter}”。 / No matter {matter} is recorded.")
        try:
            packed = evidences.bundle(connection, account, checkpoints.signer(embedded.home()))
        except checkpoints.NoKey as problem:
            fail(problem.code, str(problem))
    try:
        output.write_bytes(packed)
    except OSError as problem:
        fail("unwritable", f"无法写入 {output}：{problem.strerror} / Cannot write {output}: {problem.strerror}")
    for sentence in evidences.summary(evidences.answer_of(account)):
        print(sentence)


def verify_file(file: Path, key: str | None, *, as_json: bool) -> None:
    """Check a file of evidence, without a database."""
    from registry.exchange import evidence as evidences

    try:
        checked = evidences.check(file.read_bytes(), verifier_of(key))
    except OSError as problem:
        fail("unreadable", f"无法读取 {file}：{problem.strerror} / Cannot read {file}: {problem.strerror}")
    except evidences.BadEvidence as problem:
        fail(problem.code, str(problem))
    except (BadNote, checkpoints.NoKey) as problem:
        fail("bad-key", f"公钥不可用：{problem} / The public key cannot be used: {problem}")
    if as_json:
        told = {"answer": checked.answer, "decisions": checked.decisions, "size": checked.checkpoint.size}
        sys.stdout.buffer.write(orjson.dumps(told | {"root": checked.checkpoint.root.hex()}) + b"\n")
        return
    for sentence in evidences.summary(checked.answer):
        print(sentence)
    print(f"所依据的 {checked.decisions} 项决定均在 {checked.checkpoint.size} 项的日志中，证据完好。")
    print(f"All {checked.decisions} decisions it rests on are in the log of {checked.checkpoint.size}; it is whole.")


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="证据包；不写则核验整个日志。 / Evidence to check; else the whole log.")
    ] = None,
    checkpoint_file: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="另外核对的检查点文件。 / A checkpoint kept elsewhere, to compare as well."),
    ] = None,
    key: KEY = None,
    as_json: JSON = False,
) -> None:
    """核验日志有无改动、删除、倒签，或核验证据包。 / Verify that the log is what it was, or a file of evidence."""
    if file is not None:
        verify_file(file, key, as_json=as_json)
        return
    columns = (TextColumn("核验 verify"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with connect() as connection:
        try:
            verifier = verifier_of(key)
            own = [checkpoints.read(note, verifier) for note in checkpoints.kept(connection)]
            known = own + [read_file(file, verifier) for file in checkpoint_file or []]
        except checkpoints.NoKey as problem:
            fail(problem.code, str(problem))
        except BadNote as problem:
            fail(
                "bad-checkpoint",
                f"检查点不可信：{problem}。请核对公钥。 / A checkpoint cannot be trusted: {problem}. Check the key.",
            )
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("verify")
            found = verifying.verify(
                connection, known, lambda done, total: bar.update(task, completed=done, total=total)
            )
    if as_json:
        told = {"size": found.size, "root": found.root.hex(), "checkpoints": len(known)}
        differs = found.differs and {
            "position": found.differs.position,
            "what": found.differs.what,
            "message": {"zh": found.differs.zh, "en": found.differs.en},
        }
        sys.stdout.buffer.write(orjson.dumps(told | {"differs": differs}) + b"\n")
    elif found.differs is None:
        print(f"日志 {found.size} 项完好，与 {len(known)} 个检查点一致，树根 {found.root.hex()}。")
        print(f"The log of {found.size} decisions is whole and agrees with {len(known)} checkpoints.")
    else:
        print(f"第 {found.differs.position} 项：{found.differs.zh}")
        print(f"{found.differs.position}: {found.differs.en}")
    if found.differs is not None:
        sys.exit(1)


def verifier_of(key: str | None) -> Verifier:
    """The public key given, in a file or as it is; else that of this registry. Raises BadNote, NoKey."""
    if key is None:
        return checkpoints.signer(embedded.home()).verifier
    try:
        text = Path(key).read_text(encoding="ascii") if Path(key).is_file() else key
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{key}: {problem}") from None
    return Verifier.parse(text)


def read_file(file: Path, verifier: Verifier) -> Checkpoint:
    """A checkpoint kept in a file. Raises BadNote."""
    try:
        return checkpoints.read(file.read_text(encoding="utf-8"), verifier)
    except (OSError, UnicodeDecodeError) as problem:
        raise BadNote(f"{file}: {problem}") from None
