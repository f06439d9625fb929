"""`registry lists import` of a folder: a report of all its files, and what is answered in it given back."""

from __future__ import annotations

import sys
from pathlib import Path

from registry.cli.lines import print_undo, write
from registry.cli.terminal import fail, login, report
from registry.database import connect
from registry.domain.text import counted
from registry.exchange.sheets.folders import folder_report
from registry.exchange.sheets.folders.folder_answers import Answers, read_answers
from registry.exchange.sheets.folders.folder_import import REPORT, FolderPlan, import_folder
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import BadSheet
from registry.recording.unit_of_work import Busy

_SHOWN = {
    "ready": "可记录 ready",
    "recorded": "已记录 recorded",
    "unchanged": "无变化 unchanged",
    "asked": "待答复 asked",
    "wrong": "有误 wrong",
    "skipped": "跳过 skipped",
}


def import_lists(
    folder: Path,
    request: Request,
    *,
    report_file: Path | None,
    answers_file: Path | None,
    dry_run: bool,
    as_json: bool,
    by: str | None,
) -> None:
    """Import a folder: write the report, and record everything where nothing in it is open. Leaves with 1 otherwise."""
    target = report_file or folder / REPORT
    try:
        answers = Answers() if answers_file is None else read_answers(answers_file)
        with connect() as connection:
            made = import_folder(connection, folder, request, answers, dry_run=dry_run, recorded_by=by or login())
    except BadSheet as bad:
        for problem in bad.problems:
            report(f"{problem.location}: {problem.code}: {problem.message}", "red")
        sys.exit(1)
    except Busy as busy:
        fail("busy", busy.zh, busy.en)
    try:
        target.write_bytes(folder_report.written(made))
    except OSError as problem:
        fail("unwritable", f"无法写入 {target}：{problem.strerror}", f"Cannot write {target}: {problem.strerror}")
    _show(made, target, as_json=as_json, dry_run=dry_run)


def _decisions(count: int) -> str:
    return f"{count} 项决定 {'decision' if count == 1 else 'decisions'}"


def _show(made: FolderPlan, target: Path, *, as_json: bool, dry_run: bool) -> None:
    for one in made.files:
        if as_json:
            line = {"file": one.name, "sha256": one.digest, "state": one.state, "decisions": len(one.plan.steps)}
            write(line | {"sentences": [sentence.zh for sentence in one.sentences]})
        else:
            rows = sum(len(table.rows) for table in one.plan.tables)
            read = f"{rows} 行 {'row' if rows == 1 else 'rows'}"
            print(f"{_SHOWN[one.state]}  {one.name}  {read}，{_decisions(len(one.plan.steps))}")
            for sentence in one.sentences:
                print(f"    {sentence.zh}")
    sys.stdout.flush()
    report(f"报告 report: {target}")
    if made.open:
        questions = sum(question.needed for question in made.questions)
        wrong = sum(one.state == "wrong" for one in made.files)
        fail(
            "open-questions",
            f"{questions} 个问题待答，{wrong} 个文件有误，未记录任何内容。请在报告中填写“答复”，用 --answers 给回。",
            f"{counted(questions, 'question is', 'questions are')} open and {counted(wrong, 'file')} wrong; nothing was"
            " recorded. Fill in the report and give it back with --answers.",
        )
    if not as_json:
        count = sum(len(one.plan.steps) for one in made.files)
        verb = ("可记录", "to record") if dry_run else ("已记录", "recorded")
        print(f"{verb[0]} {count} 项决定。 / {counted(count, 'decision')} {verb[1]}.")
        if made.after > made.before:
            print_undo(made.before, made.after)
