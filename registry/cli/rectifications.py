"""`registry rectifications`: findings ordered to be put right, and how that goes; the letters to print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from registry.checker import as_json
from registry.cli.lines import with_code, write
from registry.cli.output import refuse_terminal, write_file, write_stdout
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, fail, one_of
from registry.domain.labels import RECTIFICATION_OUTCOME, RECTIFICATION_STATE
from registry.domain.text import counted
from registry.impact.followed_up import in_state, standing_findings
from registry.queries.findings import rectifications as orders
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import LAST, AsOf, Reader


def rectifications(
    ref: Annotated[str | None, typer.Argument(help="一份督办的编号，缺省全部。 / One order (all).")] = None,
    within: Annotated[
        str | None, typer.Option(help="哪个单位的辖区：代码或名称。 / Within which unit's territory: its code or name.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            help="OPEN 待答复、OVERDUE 逾期、ANSWERED 已延期、DISPUTED 有异议、ON_PAPER 纸面整改、CLOSED 已销号。"
            " / Only in this state."
        ),
    ] = None,
    due_by: Annotated[str | None, typer.Option(help="期限不晚于该日的。 / Only those due by this day.")] = None,
    letter: Annotated[Path | None, typer.Option(help="督办单写入文件（.docx）。 / Write the letter of order.")] = None,
    form: Annotated[Path | None, typer.Option(help="答复单写入文件（.docx）。 / Write the form of the answer.")] = None,
    as_of: AS_OF = None,
    known: KNOWN = None,
    in_json: JSON = False,
) -> None:
    """整改督办：问题限期整改的情况，督办单和答复单。 / Findings ordered to be put right; the letters to print."""
    one_of("--state", state, orders.STATES)
    when = min(day(as_of), LAST)
    latest = None if due_by is None else day(due_by)
    if letter is not None or form is not None:
        if ref is None:
            fail("bad-value", "请给出督办编号。", "Give the ref of the order.", 2)
        _write_letters(ref, letter, form, AsOf(when, 0), known)
        return

    async def question(connection: psycopg.Connection[Any], reader: Reader, position: int) -> Any:
        moment = AsOf(when, position)
        if ref is not None:
            rows = list((await orders.by_ref(reader, moment, [ref])).values())
            if not rows:
                fail("unknown-ref", f"{when}没有编号为“{ref}”的督办。", f"On {when} there is no order {ref}.")
        else:
            territory = None if within is None else await resolve_unit(reader, within, moment)
            rows = await orders.rectifications(reader, moment, territory)
        rows = [row for row in rows if latest is None or row.due_on <= latest]
        if state is not None:
            rows = in_state(connection, when, position, rows, state)
        standing = standing_findings(connection, when, position, rows)
        given = await orders.answers(reader, moment, [row.ref for row in rows])
        codes = {code for row in rows for code in (row.unit, row.by)} | {
            each.by for answers in given.values() for each in answers
        }
        names = {code: unit.name for code, unit in (await units.units(reader, moment, sorted(codes))).items()}
        return rows, standing, given, names

    rows, standing, given, names = answer(question, known)
    for row in rows:
        finding, now = standing.get(row.ref), row.state(finding_open=row.ref in standing)
        if in_json:
            line = asdict(row) | {"state": now, "answers": [asdict(each) for each in given.get(row.ref, ())]}
            write(line | {"finding": None if finding is None else as_json(finding)})
            continue
        label = RECTIFICATION_STATE[now]
        print(f"{row.due_on}  {row.ref}  {label.zh} {now}  {with_code(names.get(row.unit), row.unit)}  {row.rule}")
        print(f"  {row.ordered}  {with_code(names.get(row.by), row.by)}：{row.text}")
        for each in given.get(row.ref, ()):
            outcome = RECTIFICATION_OUTCOME[each.outcome]
            until = f" {each.due_on}" if each.due_on else ""
            who = with_code(names.get(each.by), each.by)
            print(f"  {each.at}  {who}  {outcome.zh} {outcome.en}{until}：{each.text}")
        if finding is not None:
            print(f"  {finding.severity}  {finding.message.zh}\n     {finding.message.en}")
    if not in_json:
        print(f"共 {len(rows)} 份督办。 / {counted(len(rows), 'order')}.")


def _write_letters(ref: str, letter: Path | None, form: Path | None, moment: AsOf, known: str | None) -> None:
    from registry.exchange.letter_source import Unordered, load_letter
    from registry.exchange.letters import answer_form, order_letter

    if Path("-") in (letter, form):
        refuse_terminal("该格式不能显示在终端上，", "This format cannot be shown on a terminal")

    async def question(connection: psycopg.Connection[Any], reader: Reader, position: int) -> Any:
        try:
            return await load_letter(connection, reader, AsOf(moment.valid_at, position), ref)
        except Unordered as missing:
            fail(missing.code, missing.text.zh, missing.text.en)

    loaded, source = answer(question, known)
    for path, make in ((letter, order_letter), (form, answer_form)):
        if path == Path("-"):
            write_stdout(make(loaded, source))
        elif path is not None:
            content = make(loaded, source)
            write_file(path, lambda file, content=content: file.write(content))
