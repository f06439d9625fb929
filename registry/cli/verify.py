"""`registry verify`: the log against its checkpoints, or a file of evidence against the public key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.cli.keys import CosignedBy, cosigned, read_file, retired_of, verifier_of
from registry.cli.lines import write
from registry.cli.terminal import JSON, console, fail
from registry.cli.witness_show import need_policy
from registry.database import connect
from registry.domain.text import counted
from registry.exchange import evidence as evidences
from registry.log import checkpoints
from registry.log.notes import BadNote
from registry.replay import whole_log

KEY = Annotated[
    str | None,
    typer.Option(help="公钥或其文件，缺省为本机的。 / Public key or its file; default: this registry's own."),
]


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="证据包；不写则核验整个日志。 / Evidence to check; else the whole log.")
    ] = None,
    checkpoint_file: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="另外核对的检查点文件。 / A checkpoint kept elsewhere, to compare as well."),
    ] = None,
    key: KEY = None,
    quorum: Annotated[
        int | None,
        typer.Option(
            min=1, help="须有几个证人副署。 / How many of the configured witnesses must have cosigned the log."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="用几个进程，缺省每个处理器核心一个。 / Processes; default: one for each core."
        ),
    ] = None,
    as_json: JSON = False,
) -> None:
    """核验日志有无改动、删除、倒签，或核验证据包。 / Verify that the log is what it was, or a file of evidence."""
    if file is not None:
        _verify_file(file, key, as_json=as_json)
        return
    policy = None if quorum is None else need_policy()
    columns = (TextColumn("核验 verify"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with connect() as connection:
        try:
            verifier, retired = verifier_of(key), retired_of(key)
            own = [checkpoints.read(note, verifier, *retired) for note in checkpoints.kept(connection)]
            known = own + [read_file(each, verifier, *retired) for each in checkpoint_file or []]
            given = cosigned(connection, verifier, checkpoint_file or [], policy) if policy else []
            known += [each.checkpoint for each in given]
        except BadNote as problem:
            fail(
                "bad-checkpoint",
                f"检查点不可信：{problem}。请核对公钥；换过签名密钥的，把旧公钥写入 REGISTRY_HOME 下的 retired.pub。",
                f"A checkpoint cannot be trusted: {problem}. Check the key; where the signing key was changed, put the "
                "public key of before into retired.pub under REGISTRY_HOME.",
            )
        screen = console()
        with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
            task = bar.add_task("verify")

            def show(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            result = whole_log.verify(connection, known, show, workers=workers)
    witnessed = next((each for each in given if quorum is not None and len(each.witnesses) >= quorum), None)
    lacking = quorum is not None and witnessed is None
    if as_json:
        line = {"size": result.size, "root": result.root.hex(), "checkpoints": len(known)}
        differs = result.differs and {
            "position": result.differs.position,
            "what": result.differs.what,
            "message": {"zh": result.differs.zh, "en": result.differs.en},
        }
        by = witnessed and {"size": witnessed.checkpoint.size, "witnesses": list(witnessed.witnesses)}
        write(line | {"differs": differs} | ({"cosigned": by} if quorum is not None else {}))
    elif result.differs is None:
        print(f"日志 {result.size} 项完好，与 {len(known)} 个检查点一致，树根 {result.root.hex()}。")
        whole = counted(result.size, "decision")
        print(f"The log of {whole} is whole and agrees with {counted(len(known), 'checkpoint')}.")
        if witnessed is not None:
            _print_witnessed(witnessed, result.size)
    else:
        print(f"第 {result.differs.position} 项：{result.differs.zh}")
        print(f"{result.differs.position}: {result.differs.en}")
    if result.differs is not None:
        sys.exit(1)
    if lacking:
        fail(
            "no-quorum",
            f"没有 {quorum} 个证人都副署过的检查点。请运行 registry witness submit。",
            f"No checkpoint was cosigned by {quorum} witnesses. Run registry witness submit.",
        )


def _print_witnessed(witnessed: CosignedBy, size: int) -> None:
    """Print up to where the witnesses have cosigned, and how much came later."""
    covered, names = witnessed.checkpoint.size, ", ".join(witnessed.witnesses)
    print(f"前 {covered} 项经证人副署（{names}）；之后的 {size - covered} 项尚未副署。")
    print(f"The first {covered} were cosigned by {names}; the {size - covered} after them are not yet.")


def _verify_file(file: Path, key: str | None, *, as_json: bool) -> None:
    """Check a file of evidence, without a database. BadEvidence is left to who reports errors."""
    try:
        checked = evidences.check(file.read_bytes(), verifier_of(key))
    except OSError as problem:
        fail("unreadable", f"无法读取 {file}：{problem.strerror}", f"Cannot read {file}: {problem.strerror}")
    except (BadNote, checkpoints.NoKey) as problem:
        fail("bad-key", f"公钥不可用：{problem}", f"The public key cannot be used: {problem}")
    if as_json:
        line = {"answer": checked.answer, "decisions": checked.decisions, "size": checked.checkpoint.size}
        write(line | {"root": checked.checkpoint.root.hex()})
        return
    for sentence in evidences.summary(checked.answer):
        print(sentence)
    print(f"所依据的 {checked.decisions} 项决定均在 {checked.checkpoint.size} 项的日志中，证据完好。")
    rests = counted(checked.decisions, "decision that it rests on is", "decisions that it rests on are all")
    print(f"{rests} in the log of {checked.checkpoint.size}; it is whole.")
    if checked.unchecked:
        names = "、".join(checked.unchecked[:20])
        print(f"没有核验（不在签名之内，内容不要采信）：{names}。Not checked, for nothing signs it: {names}.")
