"""What is to be decided so that a list says what its sheet says: items entered, withdrawn or, changed, both."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState, after, numbered
from registry.exchange.sheets.planning import ends, notes
from registry.exchange.sheets.planning.items import ITEMS_OWN, OF_EVERY, OF_KIND, Wanted, key, stated

Change = Literal[
    "issued", "defined", "revised", "adopted", "repealed", "new", "changed", "withdrawn", "reinstated", "vested",
    "divested", "ends",
]  # fmt: skip
CHANGES: Final[Mapping[Change, tuple[str, str]]] = {
    "issued": ("发布文件", "document"),
    "defined": ("新事项", "matter"),
    "revised": ("修订事项", "revised"),
    "adopted": ("发布清单", "adopted"),
    "repealed": ("废止清单", "repealed"),
    "new": ("列入", "entered"),
    "changed": ("改动", "changed"),
    "withdrawn": ("移出", "withdrawn"),
    "reinstated": ("恢复", "reinstated"),
    "vested": ("法定权力", "vested"),
    "divested": ("法定权力终止", "divested"),
    "ends": ("到期移出", "ends"),
}
_OF_MATTERS: Final = (*OF_EVERY, *(name for names in OF_KIND.values() for name in names))


@dataclass(frozen=True, slots=True)
class Step:
    """One decision to record, what kind of change it belongs to, and the row that asks for it.

    `name`: of what no row asks for, such as an item that is taken off.
    """

    decision: Entry
    change: Change
    wanted: Wanted | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """What items are read with: matters by code, dissolved units' successors, and the document to name, if any."""

    matters: Mapping[str, Entry]
    successors: Mapping[str, str]
    document: str | None = None


def entered(code: str, wanted: Sequence[Wanted], day: str) -> list[Step]:
    """All of a new list's items, with the numbers that the sheet gives them, if each has one of its own."""
    ids = own_numbers(wanted) or [str(number) for number in range(1, len(wanted) + 1)]
    return [
        step
        for one, id_ in zip(wanted, ids, strict=True)
        for step in _with_end(_entered(code, one, id_, day, "new", None))
    ]


def differences(
    code: str,
    items: Mapping[str, RecordedState],
    wanted: Sequence[Wanted],
    day: str,
    background: Background,
    *,
    gone: Sequence[RecordedState] = (),
    keep: Callable[[RecordedState], bool] = lambda _: False,
) -> list[Step]:
    """What makes a list that stands say what the sheet says; withdrawals first.

    `gone`: items that the sheet takes off it. What the sheet does not name goes too, but for what it is to `keep`.
    """
    withdrawn = {id(item) for item in gone}
    open_items = [item for item in items.values() if ends.in_force(item, day) and id(item) not in withdrawn]
    pairs = _paired(open_items, wanted, background)
    spent = {item.fields["item"] for item in items.values()}
    numbers = own_numbers(wanted)
    kept = set(pairs.values())
    document = background.document
    going = [*gone, *(item for item in open_items if id(item) not in kept and not keep(item))]
    withdrawals = [_withdrawn(item, day, "withdrawn", None, background) for item in going]
    entries: list[Step] = []
    by_id = {id(item): item for item in open_items}
    for row, one in enumerate(wanted):
        result = by_id.get(pairs.get(row, 0))
        if result is None:
            id_ = _free(numbers[row] if numbers else None, spent)
            entries += _with_end(_entered(code, one, id_, day, "new", document))
        elif _read(result.fields, notes.read(result.fields.get("note")), background) != _read(
            one.item, one.note, background
        ):
            id_ = _next(result.fields["item"], spent)
            withdrawals.append(_withdrawn(result, day, "changed", one, background))
            entries += _with_end(_entered(code, one, id_, after(day, result), "changed", document))
        else:
            if one.until is not None and result.ended is None:  # its end was only noted
                entries.append(Step(ends.end(code, result.fields["item"], one.until), "ends", one))
            continue
        spent.add(id_)
    return [*withdrawals, *entries]


def own_numbers(wanted: Sequence[Wanted]) -> list[str] | None:
    """The numbers of the rows, where every row has one and no two the same."""
    numbers = [one.number or "" for one in wanted]
    usable = all(re.fullmatch(r"[^#\x00-\x1f]{1,60}", number) for number in numbers)
    return numbers if usable and len(set(numbers)) == len(numbers) else None


def _paired(open_items: Sequence[RecordedState], wanted: Sequence[Wanted], background: Background) -> dict[int, int]:
    """Which standing item each row is about (index of the row: id of the item): the one most like it first."""
    pairs: dict[int, int] = {}
    open_: dict[tuple[str, Any], list[RecordedState]] = defaultdict(list)
    for item in open_items:
        open_[key(item.fields)].append(item)
    read = {id(item): _read(item.fields, notes.read(item.fields.get("note")), background) for item in open_items}
    rows = [_read(one.item, one.note, background) for one in wanted]
    for shared in (None, ("from", "name"), ("from",), ()):  # what they must share; None: all
        for row, one in enumerate(wanted):
            for item in () if row in pairs else tuple(open_[one.key]):
                recorded = read[id(item)]
                if all(recorded.get(name) == rows[row].get(name) for name in shared or ()) and (
                    shared is not None or recorded == rows[row]
                ):
                    pairs[row] = id(item)
                    open_[one.key].remove(item)
                    break
    return pairs


def _read(item: Entry, note: Mapping[str, str], background: Background) -> dict[str, Any]:
    """All that a reader of the list learns of the item: what the note says, else the item, else its matter."""
    matter = background.matters.get(item.get("matter", ""), {})
    sender = item.get("from")
    read: dict[str, Any] = {
        "key": key(item),
        "name": item["name"],
        "from": background.successors.get(sender, sender) if sender else None,
        "brings": sorted(item.get("brings", ())),
        "roles": sorted(item.get("roles", ())),
    }
    for name in _OF_MATTERS:
        value = stated(name, note[name]) if name in note else None
        if value is None and name in ITEMS_OWN:
            value = item.get(name)
        read[name] = _squeezed(matter.get(name) if value is None else value)
    others = (name for name in note if name not in read and name != notes.DOCUMENT)
    return read | {f"note {name}": _squeezed(note[name]) for name in others}


def _squeezed(value: Any) -> Any:
    """Without regard to spaces and line breaks."""
    if isinstance(value, str):
        return "".join(value.split()) or None
    return ["".join(one.split()) for one in cast("list[str]", value)] or None if isinstance(value, list) else value


def _entered(code: str, wanted: Wanted, id_: str, day: str, change: Change, document: str | None) -> Step:
    begins = max(day, wanted.since.isoformat()) if wanted.since else day
    fields = wanted.note | ({notes.DOCUMENT: document} if document else {})
    note = notes.write(fields)
    entry = {"type": "ListItemEntered", "at": begins, "list": code, "item": id_} | wanted.item
    return Step(entry | ({"note": note} if note else {}), change, wanted)


def _with_end(step: Step) -> list[Step]:
    """An entry, and the withdrawal on the day after its last where that is known."""
    if step.wanted is None or step.wanted.until is None:
        return [step]
    end = ends.end(step.decision["list"], step.decision["item"], step.wanted.until)
    return [step, Step(end, "ends", step.wanted)]


def _withdrawn(item: RecordedState, day: str, change: Change, wanted: Wanted | None, background: Background) -> Step:
    document = background.document
    name = item.fields.get("name") or background.matters.get(item.fields.get("matter", ""), {}).get("name", "")
    named = {"list": item.fields["list"], "item": item.fields["item"]}
    note = notes.write({notes.DOCUMENT: document}) if document else None
    if item.ended is not None:  # it was to end later by itself
        of = {"type": "ListItemWithdrawn", **named}
        earlier = {"at": after(day, item), "note": note}
        return Step({"type": "Corrected", "at": after(day, item), "of": of, "set": earlier}, change, wanted, name)
    decision = {"type": "ListItemWithdrawn", "at": after(day, item)} | named
    return Step(decision | ({"note": note} if note else {}), change, wanted, name)


def _free(number: str | None, spent: Iterable[str]) -> str:
    """The row's own number, or the next one that the list never had."""
    taken = set(spent)
    if number is not None and number not in taken:
        return number
    greatest = max((int(id_) for id_ in taken if id_.isascii() and id_.isdigit()), default=0)
    return str(greatest + 1)


def _next(id_: str, spent: Iterable[str]) -> str:
    """What takes the place of an item: 7-2 of 7, and 7-3 of 7-2."""
    taken = set(spent)
    match = re.fullmatch(r"(.+)-\d+", id_)
    base = match.group(1) if match and match.group(1) in taken else id_
    number = 2
    while numbered(base, number) in taken:
        number += 1
    return numbered(base, number)
