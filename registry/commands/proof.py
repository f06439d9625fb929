"""`registry checkpoint` and `registry verify`: what an auditor keeps, and what is checked against it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.database import connect, embedded
from registry.log import checkpoints, verifying
from registry.log.notes import BadNote, Checkpoint, Verifier
from registry.terminal import JSON, console, fail

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


def verify(
    checkpoint_file: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="另外核对的检查点文件。 / A checkpoint kept elsewhere, to compare as well."),
    ] = None,
    key: KEY = None,
    as_json: JSON = False,
) -> None:
    """核验日志：有无改动、删除、倒签。 / Verify that nothing in the log was altered, removed or back-dated."""
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
