"""`registry lists import`: a file of lists, shown as it is understood, and recorded once somebody has looked."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import psycopg
import typer
from rich.console import Console
from rich.table import Table as Shown
from rich.text import Text

from registry.cli.lines import print_undo, write
from registry.cli.terminal import BY, JSON, day, fail, login, one_of, report
from registry.database import connect
from registry.domain import words
from registry.domain.text import counted
from registry.exchange.sheets.faces import EFFECTS, MISSING, POLARITIES
from registry.exchange.sheets.planning import accounting, answers, confirming, importing
from registry.exchange.sheets.planning.differing import CHANGES, Step
from registry.exchange.sheets.planning.items import Choices
from registry.exchange.sheets.planning.mappings import read_mapping, write_mapping
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import OPEN, Issued, Request
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.recognising import headings
from registry.recording.unit_of_work import JournalRefused, Recorded

_PRINTED: Final = 50  # problems printed one by one


def lists_import(
    file: Annotated[Path, typer.Argument(help="清单文件，或一个文件夹。 / A file of lists, or a folder.")],
    county: Annotated[str, typer.Option(help="县的代码。 / The county's code.")],
    instrument: Annotated[
        str | None, typer.Option(help="所依据文件的文号；文件夹可在报告中逐个填。 / Number of the document.")
    ] = None,
    code: Annotated[
        str | None,
        typer.Option(
            "--as", help="清单编号；一个文件有几种清单时为编号的前缀。 / The list's id, or what ids begin with."
        ),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="清单种类，缺省按标题和表头判断。 / Kind of list.")] = None,
    polarity: Annotated[
        str | None, typer.Option(help="positive 应当、可以；negative 不得。 / What the list does: permit, or forbid.")
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(help="listed 列入清单；withdrawn 从现有清单移出。 / The items are on the list, or go off it."),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(
            help="文件中没有的：withdraw 移出；keep 保留；within 只移出所列类别、部门的。 / What the file lacks."
        ),
    ] = None,
    reading: Annotated[
        str | None,
        typer.Option(help="对全部清单的理解，如所问。 / What all lists are, as the question has it."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="清单名称，缺省取表中标题。 / The list's title.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="自哪一天起（缺省为文件之日）。 / Day from which it holds.")
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(help="适用范围的单位代码，可用逗号隔开几个；缺省按文件。 / Territory; default the file's."),
    ] = None,
    audience: Annotated[str | None, typer.Option(help="township 或 village。 / For whom the list is.")] = None,
    quota: Annotated[int | None, typer.Option(min=0, help="每个单位最多多少项。 / At most so many a unit.")] = None,
    sheet: Annotated[str | None, typer.Option(help="只导入这张工作表。 / Only this sheet.")] = None,
    mapping_file: Annotated[
        Path | None, typer.Option("--mapping", help="映射文件（YAML）。 / A file of what was decided before.")
    ] = None,
    save_mapping: Annotated[
        Path | None, typer.Option(help="把识别结果和待定事项写入映射文件。 / Write what was recognised, and is open.")
    ] = None,
    accept: Annotated[
        str | None, typer.Option(help="near 取最相近的事项；none 全部作为新事项。 / Take near names, or none.")
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="清单以外的事项不算清单外。 / What is not on the list is not off it.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="依据换了文件：废止原清单，重新发布。 / Repeal and adopt anew.")
    ] = False,
    holders: Annotated[
        bool, typer.Option("--holders", help="所列部门记为新事项的法定主体。 / Departments hold new matters by law.")
    ] = False,
    miscounted: Annotated[
        bool, typer.Option("--miscounted", help="项数与标题、合计不符也导入。 / The list miscounts its items.")
    ] = False,
    instrument_title: Annotated[
        str | None, typer.Option(help="一并登记文件：名称。 / Record the document too: its title.")
    ] = None,
    instrument_kind: Annotated[str, typer.Option(help="其种类。 / Its kind.")] = "notice",
    issued_on: Annotated[str | None, typer.Option(help="其日期。 / Its day.")] = None,
    issuer: Annotated[str | None, typer.Option(help="其发文单位，缺省为该县。 / Who issued it.")] = None,
    report_file: Annotated[
        Path | None, typer.Option("--report", help="文件夹的报告写到哪里。 / Where a folder's report is written.")
    ] = None,
    answers_file: Annotated[
        Path | None, typer.Option("--answers", help="填好答复的报告。 / The report with what was answered.")
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help="逐行列出读作什么。 / Say of every row what it is.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看，不记录。 / Look only; record nothing.")] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="不再询问；须写明 --kind --polarity --audience --scope。 / Do not ask; state all these.",
        ),
    ] = False,
    as_json: JSON = False,
    by: BY = None,
) -> None:
    """导入清单文件：全部记录，或全不记录。 / Import a file of lists: all or nothing."""
    one_of("--kind", kind, tuple(headings.kinds()))
    one_of("--polarity", polarity, tuple(POLARITIES))
    one_of("--effect", effect, tuple(EFFECTS))
    one_of("--missing", missing, tuple(MISSING))
    one_of("--audience", audience, words.LEVELS)
    one_of("--accept", accept, ("near", "none"))
    one_of("--instrument-kind", instrument_kind, words.INSTRUMENT_KINDS)
    request = Request(
        county=county,
        instrument=instrument or "",
        code=code,
        kind=kind,
        polarity=polarity,  # type: ignore[arg-type]  # one of them, as just seen
        effect=effect,  # type: ignore[arg-type]
        missing=missing,  # type: ignore[arg-type]
        reading=reading,
        sheet=sheet,
        title=title,
        day=None if from_ is None else day(from_),
        scope=scope,
        audience=audience,  # type: ignore[arg-type]
        quota=quota,
        accept=accept,  # type: ignore[arg-type]
        open=open_,
        replace=replace,
        holders=holders,
        miscounted=miscounted,
        issued=_issued(instrument_title, instrument_kind, issued_on, issuer),
        mapping=_mapping(mapping_file),
    )
    if file.is_dir():
        from registry.cli.lists_folder import import_lists

        import_lists(
            file,
            request,
            report_file=report_file,
            answers_file=answers_file,
            dry_run=dry_run,
            as_json=as_json,
            by=by,
        )
        return
    if instrument is None:
        fail("missing-field", "请用 --instrument 写明依据文号。", "Name the document with --instrument.", 2)
    if report_file is not None or answers_file is not None:
        fail("bad-value", "--report、--answers 用于文件夹。", "--report and --answers are for a folder.", 2)
    if not file.is_file():
        fail("unreadable", f"没有文件 {file}", f"There is no file {file}")
    with connect() as connection:
        recorded: Recorded | None = None
        plan = importing.plan(connection, file, file.name, request)
        _show(plan, file.name, as_json=as_json, rows=rows)
        if save_mapping is not None:
            _save(save_mapping, plan, request)
        if plan.errors:
            _refuse(plan, as_json=as_json)
        _show_questions(plan)
        if not dry_run and plan.steps:
            if not yes:
                _ask(plan)
            recorded = _record(connection, file, request, plan, by, stated=yes)
    if not as_json:
        count = len(plan.steps)
        verb = ("可记录", "to record") if dry_run else ("已记录", "recorded")
        print(f"{verb[0]} {count} 项决定。 / {counted(count, 'decision')} {verb[1]}.")
        if recorded is not None:
            print_undo(recorded.before, recorded.after)


def _show_questions(plan: Plan) -> None:
    """What the lists would say, in words, the words that told so and three rows: beside the decisions, for people."""
    for question in confirming.questions(plan):
        report(f"{question.sentence.zh}\n{question.sentence.en}", "cyan")
        report(f"  据以判断 by: {question.words.zh}")
        if question.samples:
            report(f"  例如 such as: {'；'.join(sample.shown.zh for sample in question.samples)}")


def _ask(plan: Plan) -> None:
    """The question, to be answered y; where nobody can be asked it is refused with the question."""
    if not sys.stdin.isatty():
        stated = ",".join(question.stated for question in confirming.questions(plan))
        fail(
            "not-confirmed",
            f"须由人确认，未记录。在终端运行并回答，或用 --yes 写明种类、性质、层级和范围（--reading {stated}）。",
            "Somebody must say yes, and nothing was recorded. Run it at a terminal and answer, or use --yes and state"
            f" kind, polarity, audience and scope (--reading {stated}).",
        )
    if not typer.confirm("以上是否正确，予以记录？ / Is this right, and to be recorded?", default=False):
        fail("interrupted", "未记录任何内容。", "Nothing was recorded.")


def _record(
    connection: psycopg.Connection[Any], file: Path, request: Request, plan: Plan, by: str | None, *, stated: bool
) -> Recorded | None:
    try:
        done = importing.carry_out(
            connection, file, file.name, request, recorded_by=by or login(), shown=plan.digest, stated=stated
        )
        return done.recorded
    except importing.NotImported as refused:
        _refuse(refused.plan, as_json=False)
    except JournalRefused as refused:
        for error in refused.errors[:20]:
            report(error.message.joined)
        fail(
            "conflict",
            f"{refused.count} 项有误，未记录任何内容。",
            f"{counted(refused.count, 'is', 'are')} wrong; nothing was recorded.",
        )


def _issued(title: str | None, kind: str, on: str | None, issuer: str | None) -> Issued | None:
    if title is None and on is None:
        return None
    if title is None or on is None:
        fail(
            "bad-value",
            "登记文件须同时给出 --instrument-title 和 --issued-on。",
            "To record the document give both --instrument-title and --issued-on.",
            2,
        )
    return Issued(title, kind, day(on), issuer)  # type: ignore[arg-type]  # checked before


def _mapping(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return read_mapping(file)
    except BadSheet as bad:
        _print_problems(list(bad.problems), "red")
        sys.exit(1)


def _save(file: Path, plan: Plan, request: Request) -> None:
    """What was recognised, what was decided, and what is open: a code or new, a code or none are to be put there."""
    try:
        matters, units = _open(plan.open_matters), _open(plan.open_units)
        texts: dict[str, dict[str, str]] = {}
        for kind, section in answers.SECTIONS.items():
            unanswered = {text: f"{OPEN} {answers.CHOICES[kind].zh}" for of, text in plan.open_texts if of == kind}
            texts[section] = unanswered | answers.given(request.mapping, kind)
        write_mapping(plan.tables, file, matters | request.matters, units | request.units, texts)
    except OSError as problem:
        fail("unwritable", f"无法写入 {file}：{problem.strerror}", f"Cannot write {file}: {problem.strerror}")


def _open(names: Mapping[str, Choices]) -> dict[str, str]:
    """`? D-CENSUS 人口普查登记`: what is open, and what it may mean."""
    return {
        name: f"{OPEN} {'、'.join(' '.join(choice) for choice in choices)}".strip() for name, choices in names.items()
    }


def _show(plan: Plan, name: str, *, as_json: bool, rows: bool) -> None:
    """What was recognised and would be recorded; as JSON the decisions, one a line."""
    if as_json:
        for decision in plan.decisions:
            write(decision)
        sys.stdout.buffer.flush()
        return
    known = headings.kinds()
    for table in plan.tables:
        kind = known.get(table.kind or "")
        what = f"{kind.zh}（{kind.name}）" if kind else "种类不明 kind unknown"
        rows_ = "row" if len(table.rows) == 1 else "rows"
        title = f"：{table.title}" if table.title else ""
        print(f"{name} [{table.sheet}] {what}{title}，{len(table.rows)} 行 {rows_}")
        for field, heading in table.columns.items():
            print(f"  {heading.location}  {heading.text} → {headings.fields()[field].heading} {field}")
        for called, unknown in (("记入附注的列 noted", table.noted), ("未用的列 unused", table.unused)):
            if unknown:
                print(f"  {called}: {'、'.join(heading.text for heading in unknown)}")
        uses = accounting.uses(table, plan.problems)
        print(f"  {accounting.sentence(uses).joined}")
        for use in uses if rows else []:
            print(f"    {use.location}  {' '.join(accounting.CALLED[use.use])}  {use.text}")
    if plan.steps:
        _show_steps(plan.steps)
    _print_problems(plan.warnings, "yellow")


def _show_steps(steps: list[Step]) -> None:
    shown = Shown(show_header=True, box=None, pad_edge=False)
    for column in ("改动 change", "编号 id", "名称 name", "出处 place"):
        shown.add_column(column, overflow="fold")
    for step in steps:
        decision = step.decision
        if decision["type"] == "ListItemWithdrawn" and step.change == "changed":
            continue  # told with what takes its place
        of = decision.get("of", decision)  # of what is reinstated
        named = of.get("matter") if of["type"].startswith("Matter") else None
        id_ = named or of.get("item") or of.get("list") or of.get("instrument") or ""
        what = (
            decision.get("name")
            or decision.get("title")
            or (step.wanted.name.text if step.wanted and of is not decision else "")
            or ", ".join(decision.keys() - {"type", "at", "matter", "list", "item", "note", "of"})
        )
        index = step.wanted.name.location if step.wanted else ""
        shown.add_row(*(Text(text) for text in (" ".join(CHANGES[step.change]), id_, what, index)))
    Console().print(shown)
    for type_name, number in sorted(Counter(step.decision["type"] for step in steps).items()):
        print(f"  {type_name}: {number}")


def _print_problems(problems: list[SheetProblem], style: str) -> None:
    for problem in problems[:_PRINTED]:
        report(f"{problem.location}: {problem.code}: {problem.message}", style)
    if len(problems) > _PRINTED:
        left = len(problems) - _PRINTED
        report(f"……另有 {left} 处。 / … and {left} more.", style)


def _refuse(plan: Plan, *, as_json: bool) -> None:
    """Say what is wrong, cell by cell, and leave."""
    if as_json:
        for problem in plan.errors:
            line = {"sheet": problem.sheet, "cell": problem.cell, "code": problem.code, "message": problem.message}
            write(line)
        sys.stdout.buffer.flush()
        sys.exit(1)
    _print_problems(plan.errors, "red")
    count = len(plan.errors)
    fail("not-imported", f"{count} 处有误，未记录任何内容。", f"{counted(count, 'error')}; nothing was recorded.")
