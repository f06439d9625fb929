"""Which lists a file's tables make: by kind, by what they permit or forbid, by whose they are, by how they assign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import psycopg

from registry.domain.text import Text
from registry.exchange.sheets.meaning import opinions
from registry.exchange.sheets.meaning.readings import OWN, polarity_of
from registry.exchange.sheets.planning import leading, scopes, unlisted, unread
from registry.exchange.sheets.planning.choosing import Part, parts
from registry.exchange.sheets.planning.county_records import load_list, other_counties, standing_lists
from registry.exchange.sheets.planning.plans import Plan, Sheets
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import cells, headings
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at, of

_DRAFT: Final = re.compile(
    r"征求意见稿|送审稿|讨论稿|审议稿|修改稿|[（(](?:草案|初稿|草稿|草拟稿|征求意见)[）)]|草案$|初稿$|样表|样本|模板|范本|旧版|[（(](?:旧|示例|参考)[）)]"
)
# A plan or a proposal in a title: nobody has decided it yet.
_PLANNED: Final = re.compile(
    "(?:(?<![草模虚比])拟|(?<=[^年度作])计划|建议|准备|打算)(?:予以|继续|不再|本次)*"
    "(?:收回|下放|取消|赋权|赋予|保留|清理|上收|调整|移交|废止|承接|停止|终止|撤销|退出|新增|纳入|出具|悬挂|设立|清退|废除|停用|委托)"
)


def lists(
    connection: psycopg.Connection[Any], request: Request, towns: Towns, written: date | None, made: Plan
) -> list[Sheets]:
    """The lists that the tables make, in their order, each as it stands; `written`: the day of the document."""
    divided: list[tuple[str, Part]] = []
    others = other_counties(connection, request.county, scopes.places_of(made.tables, towns))
    for each in made.tables:
        made.problems += _draft(each, request)
        made.problems += unread.notes(each, made.tables, towns, request, written)
    for table in _all_read(request, towns, written, made):
        code = request.list_of(table.sheet) or request.code or request.county
        _, state, _ = load_list(connection, code)
        standing = state.fields if state is not None and state.ended is None else None
        own = frozenset(request.scopes) or scopes.of_table(table, towns, request.towns, []) or towns.all
        own = (towns.all & own) or towns.all
        led = [
            each
            for part in parts(table, request, standing, made.problems)
            for each in leading.parts_by_lead(part, own, request, towns, standing, made.problems)
        ]
        for part in led:
            divided += [(scope, each) for scope, each in _by_scope(part, request, towns, others, made)]
    kinds = {(part.reading.kind, part.reading.polarity) for _, part in divided if part.reading}
    named = {scope for scope, _ in divided}
    of_towns = _of_towns(divided, request, towns, many=len(kinds) > 1)
    standing = {code: of_towns[code] for code in standing_lists(connection, of_towns)}
    several = len(named) > 1 or bool(standing)
    if len(request.scopes) > 1 and named and named != set(request.scopes):
        made.problems.append(_otherwise(made.tables[0], request, named - {request.county}, towns))
    results: dict[str, Sheets] = {}
    for scope, part in divided:
        code = _code(part, request, many=len(kinds) > 1)
        if several and scope != request.county:
            code = f"{code}-{scope}"
        kind = part.reading.kind if part.reading else None
        sheets = results.setdefault(code, Sheets(code, kind, [], scope=scope, adjusts=part.adjusts))
        if sheets.kind != kind:
            made.problems.append(of(part.table.sheet, "same-list", code=code))
        sheets.polarity = part.reading.polarity if part.reading else None
        sheets.tables.append(part.table)
        sheets.leading = part.leading if any(part.leading) else sheets.leading
        sheets.gone += [(part.table, row) for row in part.gone]
    if not request.scopes:
        results |= {sheets.base_code: sheets for sheets in _left_out(results, standing, request, towns, made)}
    return [each for sheets in results.values() for each in _as_it_stands(connection, sheets, made)]


def _all_read(request: Request, towns: Towns, written: date | None, made: Plan) -> Sequence[Table]:
    """The tables, rows unclear of which something was not understood; what else was not is one question or two."""
    tables = [unread.doubted(each, towns, written) for each in made.tables]
    alone = {name for kind, name in made.open_texts if kind == "note"}
    for name in sorted(alone):
        named = unlisted.named(tables, name, request.notes.get(name))
        if named is not None:  # its rows are asked about one by one instead
            tables = named
            made.problems[:] = [problem for problem in made.problems if problem.asks != ("note", name)]
    for bundle in [*unlisted.bundles(tables, towns, request, written, alone)]:
        made.beside[bundle.key] = tuple(bundle.texts)
        if bundle.key in request.unchanged:
            continue
        named = unlisted.named(tables, bundle.key, request.notes.get(bundle.key))
        if named is None:
            made.problems.append(unlisted.question(bundle))
            made.bundles |= {bundle.key: bundle} if bundle.likely else {}
        tables = named or tables
    return tables


def _of_towns(
    divided: Sequence[tuple[str, Part]], request: Request, towns: Towns, *, many: bool
) -> dict[str, tuple[str, Part]]:
    """The lists that towns may have beside those of the file, by code: the town, and a part of that kind."""
    if not any(scope in towns.all for scope, _ in divided):
        return {}
    parts_ = {_code(part, request, many=many): part for _, part in divided if part.reading and part.reading.kind != OWN}
    return {f"{code}-{town}": (town, part) for code, part in parts_.items() for town in sorted(towns.all)}


def _left_out(
    results: Mapping[str, Sheets],
    standing: Mapping[str, tuple[str, Part]],
    request: Request,
    towns: Towns,
    made: Plan,
) -> Iterator[Sheets]:
    """The lists in force of towns that the file does not have: asked about, or repealed where they are said to go."""
    left = {code: of for code, of in standing.items() if code not in results}
    if not left or any(sheets.adjusts for sheets in results.values()) or request.missing in ("keep", "within"):
        return
    part = next(iter(left.values()))[1]
    if request.missing is None:
        names = _names({town for town, _ in left.values()}, towns)
        codes = "、".join(left)
        made.problems.append(of(part.table.sheet, "towns-not-in-the-file", names=names, count=len(left), codes=codes))
        return
    for code, (town, of_kind) in left.items():
        reading = of_kind.reading
        table = replace(of_kind.table, rows=())
        sheets = Sheets(code, reading.kind if reading else None, [table], scope=town, emptied=True)
        sheets.polarity = reading.polarity if reading else None
        yield sheets


def _draft(table: Table, request: Request) -> Iterator[SheetProblem]:
    """That a list calls itself a draft or a proposal, which nobody has decided; a plan is asked about."""
    columns = [table.columns[name].text for name in ("name", "opinion") if name in table.columns]
    texts = list(dict.fromkeys([table.title, *(cell.text for cell in table.above), table.sheet, *columns]))
    planned = next(((match[0], text) for text in texts if (match := _PLANNED.search(text))), None)
    stated = request.polarity is not None or request.effect is not None or request.reading is not None
    if planned is not None:
        yield of(table.sheet, "planned", problem_code="draft", warning=stated, word=planned[0], text=planned[1])
        return
    if "opinion" in table.columns and opinions.PLANNED.search(columns[-1]):
        yield of(table.sheet, "draft", warning=True, word=columns[-1], text=columns[-1])
        return
    for text in texts:
        if match := _DRAFT.search(text):
            yield of(table.sheet, "draft", warning=True, word=match[0], text=text)
            return


def _as_it_stands(connection: psycopg.Connection[Any], sheets: Sheets, made: Plan) -> list[Sheets]:
    """The list with what is recorded of it; of powers that are handed down in both ways, two."""
    if sheets.kind == OWN:  # becomes no list
        sheets.code = sheets.base_code
        return [sheets]
    sheets.code, sheets.state, sheets.items = load_list(connection, sheets.base_code)
    if sheets.kind is None and sheets.state is None:
        kinds = headings.kinds().values()
        zh, en = (
            "、".join(f"{kind.zh} {kind.name}" for kind in kinds),
            ", ".join(f"{kind.en}: {kind.name}" for kind in kinds),
        )
        made.problems += [of(table.sheet, "unknown-kind", kinds=zh, kinds_en=en) for table in sheets.tables]
    if not sheets.gone and not any(table.rows for table in sheets.tables) and not sheets.emptied:
        made.problems.append(of(sheets.sheet, "empty-list", repeal=_how_to_repeal(sheets)))
    handed_down = sheets.kind == "empowerment" and sheets.polarity == "positive"
    return _by_mode(connection, sheets, made) if handed_down else [sheets]


def _how_to_repeal(sheets: Sheets) -> Text:
    """What to do where the list that stands, by its title, is to be in force no more."""
    if sheets.state is None or sheets.state.ended is not None:
        return Text("", "")
    title = sheets.state.fields["title"]
    return Text(
        f"现有清单“{title}”（{sheets.code}）没有改动；如要废止，请另行登记它的废止。",
        f" The list that stands, {title} ({sheets.code}), was left as it is; to repeal it, record its repeal.",
    )


def _code(part: Part, request: Request, *, many: bool) -> str:
    """The id of the list, before it is told from those of other towns."""
    named = request.list_of(part.table.sheet)
    if named is not None:
        return named
    code = request.code or request.county
    if part.reading is None or not (request.code is None or many):
        return code
    code = f"{code}-{headings.kinds()[part.reading.kind].id}"
    return code if part.reading.polarity == polarity_of(part.reading.kind) else f"{code}-NOT"


def _by_scope(
    part: Part, request: Request, towns: Towns, others: Collection[str], made: Plan
) -> Iterator[tuple[str, Part]]:
    """The part for each town that it is for; as it is where it is for all."""
    if part.reading is not None and part.reading.kind == OWN:
        yield request.county, part  # whose powers they are, planning/own_powers.py tells
        return
    own = scopes.of_table(part.table, towns, request.towns, made.problems)
    stated = request.scopes
    if not stated:
        made.problems += scopes.other_county(part.table, towns, others)
    if len(stated) == 1:
        if own is not None and own != frozenset(stated) and stated[0] in {*towns.all, request.county}:
            made.problems.append(_otherwise(part.table, request, own, towns))
        elif stated[0] in {*towns.all, request.county}:
            made.problems += _for_others(part, request, towns)
        yield stated[0], part
        return
    everything = (*part.table.rows, *part.gone)
    blank = scopes.left_blank(everything, part.table, towns, request.towns, made.problems) if own is None else None
    rows = [(row, _of_row(row, part.table, own, towns, request, made, blank)) for row in part.table.rows]
    gone = [(row, _of_row(row, part.table, own, towns, request, made, blank)) for row in part.gone]
    if own is None and not any(codes for _, codes in (*rows, *gone)):
        yield request.county, part
        return
    for scope in _ordered([request.county, *sorted(towns.all)], [codes for _, codes in (*rows, *gone)], own):
        # Whose list it is says what the column of recipients said.
        kept = tuple(
            row if codes is None else _without_recipient(row)
            for row, codes in rows
            if _for(scope, codes if codes is not None else own, request)
        )
        yield (
            scope,
            Part(
                replace(part.table, rows=kept),
                part.reading,
                [row for row, codes in gone if _for(scope, codes if codes is not None else own, request)],
                part.adjusts,
                part.leading,
            ),
        )


def _otherwise(table: Table, request: Request, own: Iterable[str], towns: Towns) -> SheetProblem:
    return of(table.sheet, "scope-differs", scope=request.scope, named=_names(own, towns))


def _for_others(part: Part, request: Request, towns: Towns) -> Iterator[SheetProblem]:
    """What is wrong where rows name towns that are not those of the one scope that is given."""
    needed = towns.all if request.scope == request.county else frozenset([request.scope])
    others = [
        (row, codes)
        for row in (*part.table.rows, *part.gone)
        if (codes := scopes.of_row(row, part.table, towns, request.towns, [], None)) is not None and not needed <= codes
    ]
    if others:
        row, codes = others[0]
        cell = row.cells.get("recipient") or row.cells["name"]
        named = _names(codes, towns)
        yield at(cell, part.table, "row-for-others", scope=request.scope, named=named, count=len(others))


def _of_row(
    row: Row,
    table: Table,
    own: frozenset[str] | None,
    towns: Towns,
    request: Request,
    made: Plan,
    blank: str | None,
) -> frozenset[str] | None:
    """The towns of a row; None where it is for all of its table's."""
    codes = scopes.of_row(row, table, towns, request.towns, made.problems, blank)
    if codes is None or own is None:
        return None if codes == towns.all else codes
    if not codes & own:
        made.problems.append(of(table.sheet, "towns-differ", first=_names(own, towns), second=_names(codes, towns)))
    return codes & own


def _ordered(
    scopes_: Iterable[str], of_rows: Iterable[frozenset[str] | None], own: frozenset[str] | None
) -> Iterator[str]:
    """The scopes that any row has."""
    rows = [codes if codes is not None else own for codes in of_rows]
    for number, scope in enumerate(scopes_):
        if any((codes is None and not number) or (codes is not None and scope in codes) for codes in rows):
            yield scope


def _for(scope: str, codes: frozenset[str] | None, request: Request) -> bool:
    return scope == request.county if codes is None else scope in codes


def _without_recipient(row: Row) -> Row:
    return replace(row, cells={name: cell for name, cell in row.cells.items() if name != "recipient"})


def _names(codes: Iterable[str], towns: Towns) -> str:
    """Towns by their shortest names."""
    names = {code: name for name, code in towns.names}  # the last is the shortest
    return "、".join(names[code] for code in sorted(codes))


def _by_mode(connection: psycopg.Connection[Any], sheets: Sheets, made: Plan) -> list[Sheets]:
    """A list hands powers down in one way, so those of the other way have a list of their own, CODE-ENTRUSTED.

    Which way is whose is told by the list as it stands, else by most of the rows. A file without rows of the other way
    says nothing of that list.
    """
    ways = Counter(way for table in sheets.tables for row in table.rows if (way := _way(row, table)) is not None)
    first = sheets.state.fields.get("assigns") if sheets.state else None
    if first not in ("devolved", "entrusted"):
        first = max(("devolved", "entrusted"), key=ways.__getitem__)
    second = "entrusted" if first == "devolved" else "devolved"
    base_code = f"{sheets.base_code}-{second.upper()}"
    code, state, items_ = load_list(connection, base_code)
    sheets.assigns = first
    if not ways[second]:
        if state is not None:
            made.problems.append(of(sheets.sheet, "other-way", warning=True, code=code))
        return [sheets]
    others = [
        replace(table, rows=tuple(row for row in table.rows if _way(row, table) == second)) for table in sheets.tables
    ]
    sheets.tables = [
        replace(table, rows=tuple(row for row in table.rows if _way(row, table) != second)) for table in sheets.tables
    ]
    other = replace(sheets, base_code=base_code, tables=others, assigns=second, code=code, state=state, items=items_)
    return [sheets, replace(other, gone=[])]


def _way(row: Row, table: Table) -> str | None:
    """How a row is handed down; where only marks say so, what has no mark is devolved, as such lists do with all."""
    if "mode" in row.cells:
        return cells.mode(row.cells["mode"].text)
    marked = "mode" not in table.columns and any("mode" in other.cells for other in table.rows)
    return "devolved" if marked else None
