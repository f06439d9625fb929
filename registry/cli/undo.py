"""`registry undo`: takes recordings back, once somebody has looked at what that records and changes."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, NoReturn

import psycopg
import typer

from registry.checker import Finding
from registry.cli.lines import print_undo, write
from registry.cli.terminal import BY, fail, login
from registry.database import connect, pool
from registry.domain.text import Text, counted
from registry.impact.simulation import MOST as MOST_ASSESSED
from registry.impact.undoing import Preview, preview
from registry.queries.history import undo_words
from registry.queries.history.undo_words import Line
from registry.recording import undo as undoing
from registry.recording.undo import NotUndone, Undo

_PRINTED: Final = 20  # lines of each kind, printed one by one
_DIGITS: Final = 18  # of a position: the log never has as many


def undo(
    positions: Annotated[
        list[str],
        typer.Argument(metavar="POSITION[-POSITION]...", help="日志序号，如 1200 或 1200-1550。 / Positions, ranges."),
    ],
    with_later: Annotated[
        bool, typer.Option("--with-later", help="后来以其为据的一并撤回。 / Take back too what rests on them.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看，不记录。 / Look only; record nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。 / Do not ask.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="只打印所需决定，每行一项，不记录。 / Print the decisions; record nothing.")
    ] = False,
    by: BY = None,
) -> None:
    """撤回已记录的内容：先看后记，撤回本身也可撤回。 / Take recordings back; shown first, and itself undoable."""
    wanted = _positions(positions)
    with connect() as connection:
        if as_json:
            _print_decisions(undoing.plan_undo(connection, wanted, with_later=with_later))
            return
        shown = preview(connection, wanted, with_later=with_later)
        _show(shown)
        if not shown.undo.possible:
            _refuse(shown.undo)
        count = len(shown.undo.decisions)
        if not count:
            print("没有需要撤回的内容。 / There is nothing to take back.")
            return
        if dry_run:
            print(f"可记录 {count} 项决定。 / {counted(count, 'decision')} to record.")
            return
        if not yes and sys.stdin.isatty() and not typer.confirm("以上是否正确，予以撤回？ / Take this back?"):
            fail("interrupted", "未记录任何内容。", "Nothing was recorded.")
        _record(connection, wanted, shown.undo.digest, with_later=with_later, by=by)


def _positions(given: Sequence[str]) -> list[int]:
    """The positions that are written as `12`, `#12` or `12-40`. Leaves where that is neither, or they are too many."""
    ranges: list[range] = []
    for text in given:
        first, dash, last = text.partition("-")
        ends = [end.removeprefix("#") for end in ((first, last) if dash else (first,))]
        if not all(end.isascii() and end.isdecimal() and len(end) <= _DIGITS for end in ends):
            fail(
                "bad-value",
                f"不是序号：{text}。请写成 1200 或 1200-1550；序号见 registry decisions。",
                f"{text} is no position. Write 1200 or 1200-1550; registry decisions shows the positions.",
            )
        ranges.append(undoing.positions_between(*map(int, ends)))
    undoing.need_count(sum(map(len, ranges)))
    return sorted({position for each in ranges for position in each})


def _print_decisions(plan: Undo) -> None:
    """The decisions, as lines of a journal."""
    if not plan.possible:
        _refuse(plan)
    for decision in plan.decisions:
        write(decision)
    sys.stdout.buffer.flush()


def _record(
    connection: psycopg.Connection[Any], wanted: list[int], shown: str, *, with_later: bool, by: str | None
) -> None:
    try:
        _, done = undoing.carry_out(connection, wanted, with_later=with_later, shown=shown, recorded_by=by or login())
    except NotUndone as refused:
        _refuse(refused.undo)
    count = len(done.positions)
    print(f"已记录 {count} 项决定。 / {counted(count, 'decision')} recorded.")
    print_undo(done.before, done.after)


def _refuse(plan: Undo) -> NoReturn:
    """Say what stands in the way, and leave."""
    refused = NotUndone(plan)
    offer = ("（加 --with-later）", " (--with-later)") if plan.resting else ("", "")
    fail(refused.code, refused.zh + offer[0], refused.en + offer[1])


def _show(shown: Preview) -> None:
    """What would be recorded, what goes with it, what it changes, or what stands in the way."""
    plan = shown.undo
    listed = [*plan.positions[:_PRINTED], *plan.goes_with[:_PRINTED]]
    resting = list({each.position: each for each in plan.resting}.values())
    listed += [each.position for each in resting[:_PRINTED]]
    of = asyncio.run(_lines(listed))

    def print_lines(title: Text, positions: Sequence[int], more: Callable[[int], str] = lambda _: "") -> None:
        print(f"{title.zh} {len(positions)} / {title.en}: {len(positions)}")
        for position in positions[:_PRINTED]:
            line = of[position]
            print(f"  #{position}  {line.at}  {line.type}{more(position)}")
            print(f"    {line.text.zh}")
            print(f"    {line.text.en}")
        _print_left(len(positions))

    if plan.positions:

        def done_to(position: int) -> str:
            verb = undo_words.action(plan.steps[position])
            return f"  → {verb.zh} {verb.en}"

        print_lines(Text("撤回", "Taken back"), plan.positions, done_to)
        for type_, number in sorted(Counter(each["type"] for each in plan.decisions).items()):
            print(f"  {type_}: {number}")
    if plan.goes_with:
        print_lines(Text("随之不再有效", "What goes with it"), plan.goes_with)
    if plan.without_effect:
        count = len(plan.without_effect)
        print(f"早已不起作用，无须撤回 {count} / Without effect already, left as they are: {count}")
    if resting:
        print_lines(Text("后来以其为据", "Later and resting on it"), [each.position for each in resting])
    if shown.simulation is not None:
        _show_findings(Text("撤回后新产生的问题", "Findings opened"), shown.simulation.opened)
        _show_findings(Text("撤回后消除的问题", "Findings closed"), shown.simulation.closed)
    elif shown.too_large:
        print(f"超过 {MOST_ASSESSED} 项决定，不判断会产生、消除哪些问题。")
        print(f"More than {MOST_ASSESSED} decisions: what they open and close is not judged.")


def _show_findings(title: Text, findings: Sequence[Finding]) -> None:
    print(f"{title.zh} {len(findings)} / {title.en}: {len(findings)}")
    for finding in findings[:_PRINTED]:
        print(f"  {finding.severity} {finding.rule}  {finding.subject}")
        print(f"    {finding.message.zh}")
        print(f"    {finding.message.en}")
    _print_left(len(findings))


def _print_left(count: int) -> None:
    if count > _PRINTED:
        print(f"  ……另有 {count - _PRINTED} 项 / … and {count - _PRINTED} more")


async def _lines(positions: Sequence[int]) -> dict[int, Line]:
    async with await pool(min_size=1, max_size=1) as reader:
        return await undo_words.lines(reader, positions)
