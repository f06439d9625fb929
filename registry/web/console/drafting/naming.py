"""What a draft names, found by its code or its name; where that is not clear, what it could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.checker.names.likeness import nearest
from registry.domain.dates import today
from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.exchange.sheets.recognising import headings
from registry.queries import sounds
from registry.web.console.asking import Data
from registry.web.console.drafting.content import HANDED_DOWN, MATTER_KINDS, Content, Named, Problem
from registry.web.console.view import View
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused
from registry.web.pages.unit_meant import UnclearUnit, codes_in, unit_meant
from registry.web.viewing import territory

CANDIDATES: Final = 20
MOST_ALIKE: Final = 5  # matters that are offered for a name that nothing bears
ALIKE: Final = 0.6  # how much such a name shares with theirs, of 1
BRINGS_MATTERS: Final = ("delegate", "impose")  # a power is somebody's by law: it is not brought in by a draft
MOST_TRIED: Final = 100  # ids of lists
MOST_ITEMS: Final = 900  # of a list, each a decision
MOST_UNCLEAR: Final = 20  # lines of it that are named as such


def written(name: str, code: str) -> str:
    """A name with its code, as fields with completion have it, and `codes_in` reads it."""
    return f"{name}（{code}）"


async def matter(view: View, text: str) -> tuple[Data | None, list[Data]]:
    """The matter that a text names by code or by a name that it alone bears; else None, and the matters it may mean."""
    for code in codes_in(text):
        data = await view.ask("draft_matter", code=code[:200])
        if data["matter"] is not None:
            return data["matter"], []
    nodes: list[Data] = (await view.ask("draft_matters", search=text[:100], first=CANDIDATES))["matters"]["nodes"]
    if not nodes:
        sounding = await sounds.matters(await view.resources.pool(), view.moment, text, MOST_ALIKE)
        nodes = [{"code": one.code, "name": one.name, "kind": one.kind.upper(), "aliases": []} for one in sounding]
    exact = [node for node in nodes if node["name"] == text or text in node["aliases"]]
    if len(exact) == 1:
        return (await view.ask("draft_matter", code=exact[0]["code"]))["matter"], []
    return None, nodes


async def matters_alike(view: View, text: str, kinds: Sequence[str]) -> list[Data]:
    """The matters of these kinds, not retired, whose name or alias is written like a text: the nearest first, few."""
    rows: list[Data] = []
    for kind in kinds:
        rows += await view.ask_all("draft_matters_alike", "matters", kind=kind.upper())
    names = [(row, name) for row in rows if not row["retired"] for name in (row["name"], *row["aliases"])]
    near = nearest([text[:100]], [name for _, name in names], ALIKE)[0]
    return list({names[index][0]["code"]: names[index][0] for _, index in near}.values())[:MOST_ALIKE]


async def unit(view: View, text: str) -> Data | None:
    """The unit that a text names, as `unit_meant` has it; None where it is none, or may be several."""
    try:
        return await view.unit(text, of_territory=False)
    except Refused:
        return None


async def unit_problem(view: View, field: str, text: str) -> Problem:
    """Why `unit` gave none, and the units that may be meant: those of the reader's own territory first."""
    reader = await view.resources.pool()
    choices: Sequence[tuple[str, str]] = ()
    more = False
    try:
        await unit_meant(reader, view.moment, text)
    except UnclearUnit as unclear:
        more = unclear.more
        own = await territory(view.request, reader)
        choices = sorted(unclear.choices, key=lambda each: not own.has(each[0]))
    short = text[:80]
    if not choices:
        zh, en = f"没有单位“{short}”：核对名称或代码。", f"There is no unit “{short}”: check its name or code."
        return Problem(field, Text(zh, en))
    zh, en = f"“{short}”不是一个单位的全名，请选是哪一个：", f"“{short}” is not one unit's name; choose which: "
    if more:
        zh = (
            f"“{short}”不是一个单位的全名，请选是哪一个（只列出前 {len(choices)} 个，还有别的：没有的请把名称写全些）："
        )
        en = f"“{short}” is not one unit's name; choose which (the first {len(choices)}; else write more of its name): "
    return Problem(field, Text(zh, en), tuple(choices))


async def list_code(view: View, text: str) -> str:
    """The code of the list in force that a text names by its code or its title; the text where it names none, or many.

    `text`: also a title with the code after it, as `completions` has it.
    """
    for code in codes_in(text):
        nodes: list[Data] = (await view.ask("draft_lists", search=code[:100], first=CANDIDATES))["lists"]["nodes"]
        exact = [node["code"] for node in nodes if code in (node["code"], node["title"])]
        if len(exact) == 1:
            return exact[0]
    return text


async def resolved(view: View, content: Content, id_: str) -> tuple[Named, list[Problem]]:
    """What a draft with an id names, and what of that is not there or not clear."""
    if content.kind == "given":
        return Named(), []
    problems: list[Problem] = []
    sender = await unit(view, content.text("from")) if content.text("from") else None
    if sender is None and content.text("from"):
        problems.append(await unit_problem(view, "from", content.text("from")))
    number, issued = await _document(view, content, problems)
    items = await _items(view, content, problems) if content.kind == "adopt" else []
    row: Data | None = None
    if content.kind in HANDED_DOWN and content.text("matter"):
        row, candidates = await matter(view, content.text("matter"))
        if row is None and content.text("new_matter") and content.kind in BRINGS_MATTERS:
            kind = "duty" if content.kind == "delegate" else content.chosen("matter_kind")
            new: Data = {"code": f"{id_}-SX", "name": content.text("matter")[:200]}
            new |= {"kind": kind.upper(), "requires": []}
            alike = candidates[:MOST_ALIKE] or await matters_alike(view, content.text("matter"), [kind])
            return Named(new, True, sender, number, issued, items, alike), problems
        if row is None:
            alike = [] if candidates else await matters_alike(view, content.text("matter"), MATTER_KINDS[content.kind])
            fitting = [each for each in candidates if each["kind"].lower() in MATTER_KINDS[content.kind]]
            problems.append(
                _several(content.text("matter"), fitting)
                if fitting
                else _unclear("matter", content.text("matter"), candidates, alike)
            )
            if content.kind in BRINGS_MATTERS:
                text = Text("登记簿里确实没有的，请勾选“新事项”。", "One that is not there yet: tick “a new matter”.")
                problems.append(Problem("new_matter", text))
        elif row["kind"].lower() not in MATTER_KINDS[content.kind]:
            kind, wanted = MATTER_KIND[row["kind"].lower()], [MATTER_KIND[each] for each in MATTER_KINDS[content.kind]]
            zh = f"“{row['name']}”是{kind.zh}；这里要的是{'、'.join(each.zh for each in wanted)}。"
            en = f"“{row['name']}” is of the kind {kind.en}; this takes {', '.join(each.en for each in wanted)}."
            problems.append(Problem("matter", Text(zh, en)))
            row = None
    code = await _new_list(view, content, sender) if content.kind == "adopt" and sender else ""
    return Named(row, False, sender, number, issued, items, list=code), problems


async def _new_list(view: View, content: Content, scope: Data) -> str:
    """An id that no list has, by whose list it is, what it is of, and its year: 420684-DUTY-2026."""
    settled = {name: content.chosen(name) for name in ("polarity", "covers", "audience")}
    kinds = (kind for kind in headings.kinds().values() if kind.adopts == settled)
    kind = next((kind.id for kind in kinds), None)
    kind = kind or settled["covers"].upper() + ("-NOT" if settled["polarity"] == "negative" else "")
    code = f"{scope['code']}-{kind}-{content.text('at')[:4] or today().year}"
    for number in range(1, MOST_TRIED):
        numbered = code if number == 1 else f"{code}-{number}"
        if (await view.ask("draft_list", code=numbered))["list"] is None:
            return numbered
    return ""


async def _document(view: View, content: Content, problems: list[Problem]) -> tuple[str | None, bool]:
    text = content.text("instrument")
    if not text:
        return None, False
    for number in codes_in(text):
        row = (await view.ask("draft_document", number=number[:200]))["instrument"]
        if row is not None:
            title = content.text("instrument_title")
            if title and _bare(title) != _bare(row["title"]):
                zh = (
                    f"文号“{row['number']}”已登记为《{row['title']}》，与所填名称不同：核对文号；就是那份的，清空名称。"
                )
                en = f"“{row['number']}” is recorded as “{row['title']}”: check the number, or empty the title."
                problems.append(Problem("instrument", Text(zh, en)))
            return row["number"], True
    if not content.text("instrument_title"):
        zh = f"没有登记过文号“{text[:80]}”：核对文号；是新文件的，请填写文件名称、种类和日期。"
        en = f"No document “{text[:80]}” is recorded: check its number; of a new one fill in title, kind and day."
        problems.append(Problem("instrument", Text(zh, en)))
    return text, False


def _bare(title: str) -> str:
    """A document's title without blanks and title marks."""
    return "".join(title.split()).strip("《》")


async def _items(view: View, content: Content, problems: list[Problem]) -> list[Mapping[str, Any]]:
    """The items of a list, a line each: those that name a matter of the list's kind stand for it, others for a term."""
    lines = [line.strip() for line in content.text("items").splitlines() if line.strip()]
    if len(lines) > MOST_ITEMS:
        zh, en = f"一次最多 {MOST_ITEMS} 项，较长的清单请导入表格。", f"At most {MOST_ITEMS}; import longer ones."
        problems.append(Problem("items", Text(zh, en)))
        return []
    items: list[Mapping[str, Any]] = []
    before = len(problems)
    for line in lines:
        if len(problems) - before == MOST_UNCLEAR:  # each takes a search of all matters
            zh, en = (
                "其后各行尚未核对：请先改好以上各行。",
                "The lines after these were not looked at: correct these first.",
            )
            problems.append(Problem("items", Text(zh, en)))
            return []
        row, candidates = await matter(view, line)
        if row is None:
            problems.append(_unclear("items", line, candidates))
        elif row["kind"].lower() != content.chosen("covers"):
            kind = MATTER_KIND[row["kind"].lower()]
            zh, en = f"“{line[:80]}”是{kind.zh}，与清单种类不符。", f"“{line[:80]}” is of another kind: {kind.en}."
            problems.append(Problem("items", Text(zh, en)))
        else:
            items.append({"name": row["name"], "matter": row["code"]})
    return items


def _several(text: str, fitting: Sequence[Data]) -> Problem:
    """Which matter is meant, each of those that it can be to be chosen by a button."""
    short = text[:80]
    zh, en = f"“{short}”是哪一项，请选：", f"Choose which matter “{short}” is: "
    if len(fitting) > MOST_ALIKE:
        zh = f"“{short}”是哪一项，请选（只列出前 {MOST_ALIKE} 项，还有别的：没有您要的，请把名称写全些）："
        en = f"Choose which matter “{short}” is (the first {MOST_ALIKE}; there are more: else write more of its name): "
    return Problem("matter", Text(zh, en), tuple((each["code"], each["name"]) for each in fitting[:MOST_ALIKE]))


def _unclear(field: str, text: str, candidates: list[Data], alike: Sequence[Data] = ()) -> Problem:
    short = text[:80]
    if alike:
        zh = f"没有事项“{short}”，有名称相近的；是其中一项的，请选："
        en = f"There is no matter “{short}”, but some of a like name; if it is one of these, choose it: "
        return Problem(field, Text(zh, en), tuple((each["code"], each["name"]) for each in alike))
    if not candidates:
        zh = f"没有事项“{short}”：核对名称；新的事项先行登记，或随清单导入。"
        en = f"There is no matter “{short}”: check its name; a new one is recorded first, or imported with a list."
        return Problem(field, Text(zh, en))
    names = [written(each["name"], each["code"]) for each in candidates[:8]]
    zh = f"“{short}”不止一项或不完全一致，请写明是哪一项：{'；'.join(names)}。"
    en = f"“{short}” is not one matter's name; write which: {'; '.join(f'“{name}”' for name in names)}."
    if len(candidates) > len(names):
        zh += "还有别的没有列出：没有您要的，请把名称写全些。"
        en += " There are more that are not listed: if yours is not here, write more of its name."
    return Problem(field, Text(zh, en))


async def completions(view: View, of: str, text: str) -> list[str]:
    """What a field of a form may be completed to. Raises Refused: bad-value."""
    if not text:
        return []
    if of == "matter":
        nodes = (await view.ask("draft_matters", search=text[:100], first=CANDIDATES))["matters"]["nodes"]
        return [written(node["name"], node["code"]) for node in nodes]
    if of == "unit":
        nodes = (await view.ask("draft_unit_search", search=text[:100], first=CANDIDATES))["units"]["nodes"]
        return [written(node["name"], node["code"]) for node in nodes]
    if of == "document":
        nodes = (await view.ask("draft_documents", search=text[:100], first=CANDIDATES))["instruments"]["nodes"]
        return [written(node["title"], node["number"]) for node in nodes]
    if of == "list":
        nodes = (await view.ask("draft_lists", search=text[:100], first=CANDIDATES))["lists"]["nodes"]
        return [written(node["title"], node["code"]) for node in nodes]
    return lookup.refuse("bad-value", f"没有“{of[:80]}”这一类。", f"There is nothing of the kind {of[:80]}.")
