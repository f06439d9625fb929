"""The one question before anything is recorded: what the lists would say, in words, and what told so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.domain.labels import LEVEL
from registry.domain.text import Text, counted
from registry.exchange.sheets.faces import Face, called
from registry.exchange.sheets.meaning.readings import OWN
from registry.exchange.sheets.planning.choosing import location_text, words_of
from registry.exchange.sheets.planning.plans import Plan, Sheets
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import of

SAMPLES: Final = 3
_NAMED: Final = 12
# What is counted, by what a list covers.
_COUNTED: Final[Mapping[str, Text]] = {
    "duty": Text("项职责", "duties"),
    "power": Text("项行政权力", "administrative powers"),
    "certificate": Text("项证明", "certificates"),
    "form": Text("张报表", "forms"),
    "inspection": Text("项督查检查考核", "inspections"),
    "meeting": Text("个会议", "meetings"),
    "document": Text("份文件", "documents"),
    "mechanism": Text("块牌子（机制）", "signboards or mechanisms"),
    "workgroup": Text("个工作群（应用程序）", "chat groups or apps"),
}
# What a list says of them; {} is for whom it is.
_PERMITS: Final[Mapping[str, Text]] = {
    "lead": Text("由{}负责承担", "that {} must do"),
    "share": Text("由{}共同承担", "that {} share in doing"),
    "assist": Text("由{}配合", "that {} help with"),
    "devolved": Text("下放给{}行使", "handed down to {}"),
    "entrusted": Text("委托{}行使", "entrusted to {}"),
    "duty": Text("可以交由{}承担", "that {} may be given"),
    "power": Text("可以由{}行使", "that {} may exercise"),
    "certificate": Text("可以由{}出具", "that {} may issue"),
    "form": Text("可以要求{}填报", "that {} may be asked to fill in"),
    "inspection": Text("可以对{}开展", "that may be held of {}"),
    "meeting": Text("可以要求{}参加", "that {} may be asked to attend"),
    "document": Text("可以印发给{}", "that may be sent to {}"),
    "mechanism": Text("可以在{}悬挂或设立", "that {} may be asked to keep"),
    "workgroup": Text("可以要求{}使用", "that {} may be asked to use"),
}
_FORBIDS: Final[Mapping[str, Text]] = {
    "duty": Text("不得交由{}承担", "that {} may NOT be given"),
    "power": Text("不得下放给{}", "that may NOT be handed down to {}"),
    "certificate": Text("不得由{}出具", "that {} may NOT issue"),
    "form": Text("不得要求{}填报", "that {} may NOT be asked to fill in"),
    "inspection": Text("不得对{}开展", "that may NOT be held of {}"),
    "meeting": Text("不得要求{}参加", "that {} may NOT be asked to attend"),
    "document": Text("不得印发给{}", "that may NOT be sent to {}"),
    "mechanism": Text("不得在{}悬挂或设立", "that {} may NOT be asked to keep"),
    "workgroup": Text("不得要求{}使用", "that {} may NOT be asked to use"),
}
_WHOM: Final[Mapping[str, Text]] = {
    "township": Text("各镇（街道）", "townships"),
    "village": Text("各村（社区）", "villages"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A row by its place and its name."""

    location: str
    name: str

    @property
    def shown(self) -> Text:
        """Both, in each language."""
        zh, en = location_text(self.location)
        return Text(f"{zh} {self.name}", f"{en} {self.name}")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one list: a sentence to say yes or no to, the words it rests on, some of its rows.

    `stated` is the reading as a program states it: kind, polarity, audience and scope, joined by colons. `going` are
    the names of items that stand and go because the file does not have them.
    """

    list: str
    stated: str
    sentence: Text
    words: Text
    samples: tuple[Sample, ...]
    going: tuple[str, ...]

    def as_object(self) -> dict[str, Any]:
        """The question as JSON has it."""
        return {
            "list": self.list,
            "reading": self.stated,
            "question": dict(zip(("zh", "en"), self.sentence, strict=True)),
            "words": dict(zip(("zh", "en"), self.words, strict=True)),
            "samples": [{"place": sample.location, "name": sample.name} for sample in self.samples],
            "going": [*self.going],
        }


def questions(plan: Plan) -> list[Question]:
    """A question for each list of which anything would be recorded."""
    return [_of_list(sheets, plan) for sheets in plan.lists if sheets.steps]


def unstated(plan: Plan, request: Request) -> Iterator[SheetProblem]:
    """Why the plan is not recorded though nobody is asked: what is to be stated is not, or is something else."""
    open_questions = questions(plan)
    for sheets, question in zip([each for each in plan.lists if each.steps], open_questions, strict=True):
        about: dict[str, Any] = {
            "question": question.sentence.zh,
            "question_en": question.sentence.en,
            "reading": question.stated,
        }
        if request.reading is not None:
            continue
        kind, polarity, audience, scope = question.stated.split(":")[:4]
        needed = {"kind": kind, "polarity": polarity, "audience": audience, "scope": scope}
        given = {
            "kind": request.kind,
            "polarity": request.polarity,
            "audience": request.audience,
            "scope": request.scope,
        }
        if any(value is None and needed[name] for name, value in given.items()):
            yield of(sheets.sheet, "not-stated", **about, options=_options(needed))
            continue
        readings = {reading.kind for table in sheets.tables for reading in table.meaning.readings}
        if (readings and request.kind not in readings) or (sheets.audience and request.audience != sheets.audience):
            words = words_of(sheets.tables[0].meaning)
            yield of(sheets.sheet, "stated-otherwise", words=words.zh, words_en=words.en, **about)
    if (
        open_questions
        and request.reading is not None
        and request.readings != {question.stated for question in open_questions}
    ):
        stated = ",".join(question.stated for question in open_questions)
        zh, en = ("".join(question.sentence[at] for question in open_questions) for at in (0, 1))
        sheet = plan.tables[0].sheet
        words = words_of(plan.tables[0].meaning)
        values: dict[str, Any] = {
            "question": zh,
            "question_en": en,
            "reading": stated,
            "words": words.zh,
            "words_en": words.en,
        }
        yield of(sheet, "stated-otherwise", **values)
    for sheets in plan.lists:
        if sheets.going and request.missing is None:
            names = _named(tuple(sheets.going.values()))
            yield of(sheets.sheet, "going-unasked", code=sheets.code, count=len(sheets.going), names=names)


def _options(needed: Mapping[str, str]) -> Any:
    """What is to be stated, as a face has it."""

    def listed(face: Face) -> str:
        between = " " if face == "terminal" else "="
        return " ".join(f"{called(name, face).zh}{between}{value}" for name, value in needed.items() if value)

    return listed


def _of_list(sheets: Sheets, plan: Plan) -> Question:
    names = [wanted.name for step in sheets.steps if (wanted := step.wanted) is not None and step.change != "defined"]
    names = names or [row.cells["name"] for _, row in sheets.gone]
    samples = tuple(Sample(cell.location, cell.text) for cell in names[:SAMPLES])
    going = tuple(sheets.going.values())
    sentence = _own(sheets, plan) if sheets.kind == OWN else _sentence(sheets, plan)
    sentence = _with_leading(_with_texts(sentence, plan), sheets)
    audience = sheets.attributes.get("audience", "")
    polarity = sheets.attributes.get("polarity", "positive")
    stated = ":".join((sheets.kind or "-", polarity, audience, sheets.scope))
    return Question(sheets.code, stated, sentence, _words(sheets), samples, going)


def _words(sheets: Sheets) -> Text:
    """The words that decided: of its rows, where these say so themselves; else of its title and what stands by it."""
    rows = [row for table in sheets.tables for row in table.rows] + [row for _, row in sheets.gone]
    deciding = {row.verdict.cell.text: row.verdict.cell for row in rows if row.verdict is not None}
    of_title = words_of(sheets.tables[0].meaning)
    if not deciding:
        return of_title
    cells = list(deciding.items())[:SAMPLES]
    zh, en = ("、".join(f"{location_text(cell.location)[at]}“{text}”" for text, cell in cells) for at in (0, 1))
    return Text(f"{zh}；{of_title.zh}", f"{en}; {of_title.en}")


def _sentence(sheets: Sheets, plan: Plan) -> Text:
    """These are 47 duties that townships may NOT be given, from 2025-03-01, by 宜办发〔2025〕6号. Right?"""
    covers = sheets.attributes["covers"]
    says = _says(sheets)
    taken_off = [step for step in sheets.steps if step.change == "withdrawn"]
    entered = [step for step in sheets.steps if step.decision["type"] == "ListItemEntered"]
    since_zh, since_en = f"自 {plan.day} 起，依据{plan.document}", f"from {plan.day}, by {plan.document}"
    if not entered and taken_off:
        count = len(taken_off)
        counted, go = _counted(covers, count), "goes" if count == 1 else "go"
        zh = f"从清单“{_title(sheets)}”中移出 {count} {counted.zh}，不再{says.zh}，{since_zh}"
        en = f"{count} {counted.en} {says.en} {go} off the list {sheets.code}, {since_en}"
        return _confirmation(Text(zh, en), _going(sheets))
    if any(step.change == "adopted" for step in sheets.steps):
        count = len(entered)
        counted, these = _counted(covers, count), "This is" if count == 1 else "These are"
        zh = f"这是 {count} {counted.zh}，{says.zh}，自 {plan.day} 起，依据{plan.document}"
        en = f"{these} {count} {counted.en} {says.en}, from {plan.day}, by {plan.document}"
        return _confirmation(Text(zh, en), _going(sheets))
    counted = _COUNTED[covers]
    if any(step.change == "repealed" for step in sheets.steps):
        zh = f"废止清单“{_title(sheets)}”（{counted.zh[1:]}{says.zh}），自 {plan.day} 起"
        en = f"The list {sheets.code} of {counted.en} {says.en} is repealed, from {plan.day}"
        return _confirmation(Text(zh, en), _going(sheets))
    new, changed = (sum(step.change == change for step in entered) for change in ("new", "changed"))
    zh = (
        f"清单“{_title(sheets)}”（{counted.zh[1:]}{says.zh}）自 {plan.day} 起，依据{plan.document}："
        f"列入 {new} 项，改动 {changed} 项，移出 {len(taken_off)} 项"
    )
    en = (
        f"The list {sheets.code} of {counted.en} {says.en} changes from {plan.day}, by {plan.document}: {new} entered,"
        f" {changed} changed, {len(taken_off)} off it"
    )
    return _confirmation(Text(zh, en), _going(sheets))


def _with_texts(sentence: Text, plan: Plan) -> Text:
    """What is confirmed with a list, where the file says more beside its items than was understood."""
    kept = [problem.asks[1] for problem in plan.warnings if problem.code == "notes-kept" and problem.asks]
    count = sum(len(plan.beside[key]) for key in kept)
    if not count:
        return sentence
    zh, en = sentence.zh.removesuffix("对吗？"), sentence.en.removesuffix(" Right?")
    changes = "changes" if count == 1 else "change"
    return Text(
        f"{zh}表外另有 {count} 处文字（见提示）不影响这些事项。对吗？",
        f"{en} {counted(count, 'text')} beside them (see the notices) {changes} none. Right?",
    )


def _with_leading(sentence: Text, sheets: Sheets) -> Text:
    """What is confirmed of who leads, where that was asked."""
    if not any(sheets.leading):
        return sentence
    zh, en = sentence.zh.removesuffix("对吗？"), sentence.en.removesuffix(" Right?")
    return Text(f"{zh}{sheets.leading.zh}对吗？", f"{en}{sheets.leading.en} Right?")


def _counted(covers: str, count: int) -> Text:
    zh, en = _COUNTED[covers]
    return Text(zh, re.sub(r"s\b", "", re.sub(r"ies\b", "y", en)) if count == 1 else en)


def _says(sheets: Sheets) -> Text:
    """What the list says, with for whom it is."""
    about = sheets.attributes
    says = _FORBIDS if about["polarity"] == "negative" else _PERMITS
    zh, en = says[about.get("assigns") or about["covers"]]
    villages = about["audience"] == "village"
    if sheets.scope_is_town and not villages:
        return Text(zh.format(sheets.scope_name), en.format(sheets.scope_name))
    whom_zh, whom_en = _WHOM.get(about["audience"]) or LEVEL[about["audience"]]
    return Text(zh.format(sheets.scope_name + whom_zh), en.format(f"{whom_en} of {sheets.scope_name}"))


def _own(sheets: Sheets, plan: Plan) -> Text:
    units = "、".join(dict.fromkeys(sheets.holders))
    count = sum(step.change == "vested" for step in sheets.steps)
    ended = sum(step.change == "divested" for step in sheets.steps)
    if ended and not count:
        counted, ends = _counted("power", ended), "ends" if ended == 1 else "end"
        zh = f"{units}依法自有的 {ended} {counted.zh}终止，自 {plan.day} 起，依据{plan.document}"
        en = f"{ended} {counted.en} that {units} had by law {ends}, from {plan.day}, by {plan.document}"
        return _confirmation(Text(zh, en), Text("", ""))
    counted, these = _counted("power", count), "This is" if count == 1 else "These are"
    zh = f"这是{units}依法自有的 {count} {counted.zh}（不下放、不委托），自 {plan.day} 起，依据{plan.document}"
    en = (
        f"{these} {count} {counted.en} that {units} has by law and hands to nobody, from {plan.day}, by {plan.document}"
    )
    also = Text(f"另有 {ended} 项终止。", f" {ended} of its powers {'ends' if ended == 1 else 'end'}.")
    return _confirmation(Text(zh, en), also if ended else Text("", ""))


def _going(sheets: Sheets) -> Text:
    """What goes because the file does not have it, by name."""
    names = tuple(sheets.going.values())
    if not names:
        return Text("", "")
    listed = _named(names)
    return Text(
        f"其中因文件中没有而移出的 {len(names)} 项：{listed}。",
        f" Off it because the file does not have them: {len(names)}: {listed}.",
    )


def _confirmation(sentence: Text, more: Text) -> Text:
    return Text(f"{sentence.zh}。{more.zh}对吗？", f"{sentence.en}.{more.en} Right?")


def _title(sheets: Sheets) -> str:
    return sheets.state.fields["title"] if sheets.state is not None else sheets.code


def _named(names: tuple[str, ...]) -> str:
    return "、".join(names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
