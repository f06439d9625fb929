"""A folder of lists as decisions: each file planned after those before it, and all recorded together or none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import psycopg

from registry.domain.text import Text
from registry.exchange import originals
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.folders import shared_texts
from registry.exchange.sheets.folders.folder_answers import YES, Answers
from registry.exchange.sheets.planning import confirming, importing, remembered
from registry.exchange.sheets.planning.answers import CHOICES, SECTIONS, worded_question
from registry.exchange.sheets.planning.items import Choices
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.reading import files as reading
from registry.exchange.sheets.recognising.headings import kinds
from registry.log import recorder
from registry.recording.unit_of_work import record

MOST: Final = 300  # files of a folder
REPORT: Final = "清单导入报告.xlsx"  # what the report is called, and is no list
_NO_LISTS: Final = re.compile(r"[.~]|Thumbs\.db$|desktop\.ini$|__MACOSX", re.IGNORECASE)
_NO_DOCUMENT: Final = "?"


def _of(values: Mapping[str, Text]) -> dict[str, str]:
    return {text.zh: value for value, text in values.items()}


# What of a file is said in one of a few words: in Chinese, or as programs say it.
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "polarity": {"正面": "positive", "负面": "negative"} | _of(POLARITIES),
    "audience": {"乡镇": "township", "镇（街道）": "township", "村": "village", "村（社区）": "village"},
    "effect": {"列入": "listed", "移出": "withdrawn"} | _of(EFFECTS),
    "missing": {"移出": "withdraw", "保留": "keep"} | _of(MISSING),
}

IN_FILES: Final = Text("在“文件”表填写", "to be filled in on the sheet 文件")

State = Literal["ready", "recorded", "unchanged", "asked", "wrong", "skipped"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question: of which file, at which place, in words, with what may be answered, and the key of the answer.

    `needed`: nothing is recorded while it is open; `answer`: what was answered, so that nobody need answer twice.
    """

    file: str
    location: str
    text: Text
    choices: Text
    key: str
    needed: bool = True
    answer: str = ""


@dataclass(slots=True)
class FilePlan:
    """A file of the folder: its name, the SHA-256 of its content, how it is to be imported, and what it comes to."""

    name: str
    digest: str
    request: Request
    plan: Plan = field(default_factory=Plan)
    state: State = "wrong"
    sentences: tuple[Text, ...] = ()
    recorded: int = 0


@dataclass(slots=True)
class FolderPlan:
    """What a folder comes to: its files, and the questions that are open, each once for all files.

    `before`, `after`: the log's positions around what was recorded; both 0 where nothing was.
    """

    files: list[FilePlan] = field(default_factory=list[FilePlan])
    questions: list[Question] = field(default_factory=list[Question])
    before: int = 0
    after: int = 0

    @property
    def open(self) -> bool:
        """Whether anything keeps the folder from being recorded."""
        return any(one.state in ("asked", "wrong") for one in self.files)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder and those below it that may be lists, by name. Raises BadSheet: none, or too many.

    What programs leave behind (~$…, .DS_Store, Thumbs.db) and the report are none.
    """
    results: list[Path] = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not path.is_file() or path.name == REPORT or any(_NO_LISTS.match(part) for part in parts):
            continue
        results.append(path)
        if len(results) > MOST:
            zh = f"文件夹中超过 {MOST} 个文件：请只留清单文件，或分几个文件夹导入。"
            en = f"There are more than {MOST} files in the folder: keep only the lists, or divide it."
            raise BadSheet([SheetProblem(folder.name, "", "too-large", zh, en)])
    if not results:
        zh, en = "文件夹中没有文件：请核对路径。", "There are no files in the folder: check its path."
        raise BadSheet([SheetProblem(folder.name, "", "empty", zh, en)])
    return results


def import_folder(
    connection: psycopg.Connection[Any],
    folder: Path,
    request: Request,
    answers: Answers,
    *,
    dry_run: bool = False,
    recorded_by: str | None = None,
) -> FolderPlan:
    """Plan all files, and record them where every question is answered; else, and with `dry_run`, record nothing.

    `request` says what holds for all files, its `code` what the ids of lists begin with; what was answered for a file
    goes before it, and an `instrument` of "" is a question of every file. Files that say what is recorded already come
    to nothing. Raises BadSheet where there are no files, Busy where the log's lock is held.
    """
    paths = files_in(folder)
    made = FolderPlan(questions=_answered(answers))
    with reading.keeping():
        for path in paths:  # before anybody else has to wait
            name = path.relative_to(folder).as_posix()
            made.files.append(_file(path, name, request, answers))
        with connection.transaction() as transaction:
            recorder.lock(connection)
            before = recorder.head(connection)[0]
            for path, one in zip(paths, made.files, strict=True):
                if one.state != "skipped":
                    _plan(connection, path, one, answers, made, request.code, recorded_by)
            made.questions = shared_texts.of_folder(made)
            after = recorder.head(connection)[0]
            if dry_run or made.open:
                raise psycopg.Rollback(transaction)
            made.before, made.after = before, after
            for one in made.files:
                one.state = "recorded" if one.state == "ready" else one.state
    return made


def _file(path: Path, name: str, request: Request, answers: Answers) -> FilePlan:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    stated, problems = _stated(answers.stated.get(digest, {}), request, name)
    own = replace(request, **({"code": None, "mapping": _with_names(request.mapping, answers)} | stated))
    one = FilePlan(name, digest, own, Plan(problems=problems))
    if digest in answers.skipped:
        one.state = "skipped"
        return one
    try:
        reading.read(content, path.name)
    except BadSheet as bad:
        one.plan.problems += bad.problems
    return one


def _stated(values: Mapping[str, str], request: Request, file: str) -> tuple[dict[str, Any], list[SheetProblem]]:
    """What was answered for a file, as the request has it, and what of it means nothing."""
    result: dict[str, Any] = {name: values[name] for name in ("code", "instrument", "scope") if name in values}
    unknown: list[SheetProblem] = []
    meant: dict[str, Mapping[str, str]] = {**_WORDS, "kind": {kind.zh: kind.name for kind in kinds().values()}}
    for name, means in meant.items():
        if name in values:
            value = values[name]
            result[name] = value if value in means.values() else means.get(value)
            if result[name] is None:
                unknown.append(_not_understood(file, value, "、".join(means)))
    for name in ("day", "issued_on"):
        if name in values:
            result[name] = _day(values[name])
            if result[name] is None:
                unknown.append(_not_understood(file, values[name], "2026-03-01"))
    if result.get("instrument", request.instrument) != request.instrument:
        result["issued"] = None  # what is said of the document of all files is not said of this one's
    issued_on = result.pop("issued_on", None)
    if issued_on is not None and "instrument_title" in values:
        kind = request.issued.kind if request.issued else "notice"
        result["issued"] = Issued(values["instrument_title"], kind, issued_on)
    return result, unknown


def _not_understood(file: str, value: str, choices: str) -> SheetProblem:
    zh = f"报告“文件”表中填的“{value}”看不懂，可填：{choices}。"
    en = f"What the report says of this file, {value}, means nothing; it may be: {choices}."
    return SheetProblem(file, "", "bad-answers", zh, en)


def _day(text: str | None) -> date | None:
    match = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", text or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _with_names(mapping: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    texts = answers.texts.items()
    return {
        **mapping,
        "units": {**mapping.get("units", {}), **answers.units},
        "matters": {**mapping.get("matters", {}), **answers.matters},
        **{
            section: {**mapping.get(section, {}), **{text: answer for (of, text), answer in texts if of == kind}}
            for kind, section in SECTIONS.items()
        },
    }


def _plan(
    connection: psycopg.Connection[Any],
    path: Path,
    one: FilePlan,
    answers: Answers,
    made: FolderPlan,
    prefix: str | None,
    recorded_by: str | None,
) -> None:
    """Plan a file after those before it, and record it for those that follow; the caller takes it back if need be."""
    if one.plan.errors:
        return
    content = path.read_bytes()

    def planned() -> Plan:
        request = replace(one.request, instrument=one.request.instrument or _NO_DOCUMENT)
        return importing.plan(connection, content, path.name, request)

    one.plan = planned()
    if prefix is not None and one.request.code is None:
        # Of a folder what ids begin with is one for all files, and their kinds tell them apart.
        kinds_of = {sheets.kind for sheets in one.plan.lists}
        kind = kinds_of.pop() if len(kinds_of) == 1 else None
        one.request = replace(one.request, code=f"{prefix}-{kinds()[kind].id}" if kind else prefix)
        one.plan = planned()
    questions = [*_which_document(one), *_which_list(one, made), *_names(one, made), *_texts(one, made)]
    needed = [question for question in questions if question.needed]
    if not one.plan.errors and not needed:
        questions += _confirm(one, answers)
        needed = [question for question in questions if question.needed]
    made.questions += questions
    if one.state == "skipped":
        return
    if one.plan.errors or needed:
        one.state = "asked" if needed else "wrong"
    elif not one.plan.steps:
        one.state = "unchanged"
    else:
        one.state = "ready"
        one.plan.recorded = record(connection, one.plan.decisions, recorded_by=recorded_by)
        originals.keep(connection, content, one.plan.recorded)
        remembered.keep(connection, one.request, one.plan, recorded_by)
        one.recorded = len(one.plan.decisions)


def _which_document(one: FilePlan) -> list[Question]:
    """What is asked of a file whose document nobody has named, or the registry does not have."""
    unknown = [problem for problem in one.plan.problems if problem.code == "unknown-instrument"]
    one.plan.problems = [problem for problem in one.plan.problems if problem not in unknown]
    if not unknown and one.request.instrument:
        return []
    number, title, issued = (LABELS[name].zh for name in ("instrument", "instrument_title", "issued_on"))
    if one.request.instrument:
        zh = f"登记簿中没有文件“{one.request.instrument}”：请核对“{number}”；要一并登记的，填“{title}”和“{issued}”。"
        en = f"The registry has no document {one.request.instrument}: check its number, or give its title and day."
    else:
        zh = f"依据哪份文件？请填“{number}”；登记簿里没有的，一并填“{title}”和“{issued}”。"
        en = "By which document? Give its number, and where the registry does not have it its title and day."
    return [Question(one.name, "", Text(zh, en), IN_FILES, "")]


def _which_list(one: FilePlan, made: FolderPlan) -> Iterator[Question]:
    """What is asked of a file that makes the list that another file of the folder makes: it would undo that."""
    taken = {sheets.base_code: other.name for other in made.files if other is not one for sheets in _recorded(other)}
    for sheets in one.plan.lists:
        if sheets.base_code in taken:
            zh = (
                f"与“{taken[sheets.base_code]}”同为清单 {sheets.base_code}：后一份会改掉前一份。请给其中一个文件另填"
                "“清单编号”，或跳过一个。"
            )
            en = (
                f"It is the list {sheets.base_code}, as {taken[sheets.base_code]} is, and would change what that says:"
                " give one of the files another id of the list, or leave it out."
            )
            yield Question(one.name, sheets.sheet, Text(zh, en), IN_FILES, "")


def _recorded(other: FilePlan) -> Sequence[Any]:
    return other.plan.lists if other.state in ("ready", "asked", "unchanged") else ()


def _names(one: FilePlan, made: FolderPlan) -> Iterator[Question]:
    """What is asked of names that may be several or none: once in the folder for each name."""
    known = {question.key for question in made.questions if not question.answer}
    blocking = {problem.code for problem in one.plan.errors}
    for kind, names, code, zh in (
        ("unit", one.plan.open_units, "unknown-department", "“{}”是哪个单位？"),
        ("matter", one.plan.open_matters, "needs-confirmation", "“{}”是哪个事项？"),
    ):
        for name, choices in names.items():
            if f"{kind}:{name}" not in known:
                yield Question(
                    one.name,
                    "",
                    Text(zh.format(name), f"Which {kind} is {name}?"),
                    _choices(kind, choices),
                    f"{kind}:{name}",
                    needed=code in blocking,
                )


def _texts(one: FilePlan, made: FolderPlan) -> Iterator[Question]:
    """What is asked of texts that are not clear: once in the folder for each."""
    known = {question.key for question in made.questions if not question.answer}
    for (kind, text), needed in one.plan.open_texts.items():
        if f"{kind}:{text}" not in known:
            worded = worded_question(kind, text)
            if kind == "note":  # of several texts together, that have one answer
                asks = next(problem for problem in one.plan.problems if problem.asks == (kind, text))
                worded = asks.on("page")
            yield Question(one.name, "", worded, CHOICES[kind], f"{kind}:{text}", needed=needed)


def _answered(answers: Answers) -> list[Question]:
    """The questions of names that were answered, with their answers."""
    return [
        Question(
            "",
            "",
            Text(zh.format(name), f"Which {kind} is {name}?"),
            Text("", ""),
            f"{kind}:{name}",
            needed=False,
            answer=answer,
        )
        for kind, named, zh in (
            ("unit", answers.units, "“{}”是哪个单位？"),
            ("matter", answers.matters, "“{}”是哪个事项？"),
        )
        for name, answer in named.items()
    ] + [
        Question(
            "",
            "",
            worded_question(kind, text),
            CHOICES[kind],
            f"{kind}:{text}",
            needed=False,
            answer=answer,
        )
        for (kind, text), answer in answers.texts.items()
    ]


def _choices(kind: str, choices: Choices) -> Text:
    listed = "；".join(" ".join(choice) for choice in choices)
    zh = "none（不记）" if kind == "unit" else "new（新事项）"
    en = "none" if kind == "unit" else "new"
    return Text(f"{listed}；{zh}" if listed else f"代码；{zh}", f"{listed}; {en}" if listed else f"a code; {en}")


def _confirm(one: FilePlan, answers: Answers) -> list[Question]:
    """The question of each list of a file: what it would say. A no leaves the file out."""
    questions: list[Question] = []
    sentences: list[Text] = []
    for question in confirming.questions(one.plan):
        sentences.append(question.sentence)
        key = hashlib.sha256(f"{one.digest}\n{question.stated}\n{question.sentence.zh}".encode()).hexdigest()[:16]
        if key in answers.denied:
            one.state = "skipped"
        else:
            answer = YES if key in answers.confirmed else ""
            such_zh, such_en = ([sample.shown[at] for sample in question.samples] for at in (0, 1))
            text = Text(
                f"{question.sentence.zh}据以判断：{question.words.zh}。例如：{'；'.join(such_zh)}",
                f"{question.sentence.en} By: {question.words.en}. Such as: {'; '.join(such_en)}",
            )
            choices = Text("是；跳过", "是 (yes); 跳过 (leave out)")
            questions.append(
                Question(one.name, question.list, text, choices, f"confirm:{key}", needed=not answer, answer=answer)
            )
    one.sentences = tuple(sentences)
    return questions
