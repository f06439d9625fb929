"""What is to be decided so that the registry says what the published lists say.

Compared is what the files say now with what they said when last loaded: a county that revised a loaded matter for
itself keeps its revision until the file changes in that very field. What a county defined under the same code by
itself is never touched, only reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from registry.exchange.published.dated_changes import dated_changes
from registry.exchange.published.files import NOTE, Entry, Published, in_scope
from registry.exchange.published.recorded_state import RecordedState, after, differing, lineage, numbered

# The fields in which a loaded aggregate may differ from its file.
INSTRUMENT: Final = ("title", "kind", "at")
MATTER: Final = (
    "name",
    "category",
    "aliases",
    "basis",
    "lawful_holders",
    "requires",
    "needs",
    "power_kind",
    "issuer",
    "alternative",
    "materials",
    "procedure",
    "online",
    "asks",
    "includes",
    "window",
)
LIST: Final = ("title", "polarity", "covers", "audience", "scope", "instrument", "closed", "assigns", "quota", "at")
ITEM: Final = ("name", "matter", "category", "terms", "roles", "from", "brings", "issuer", "alternative")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the files say and the registry cannot be made to say: about which code, why, and what to do."""

    code: str
    subject: str
    zh: str
    en: str

    @property
    def message(self) -> str:
        """Both sentences, zh first."""
        return f"{self.zh} / {self.en}"


@dataclass(slots=True)
class Difference:
    """Decisions to record, in an order that imports; conflicts; lists whose scope is not registered yet."""

    decisions: list[Entry] = field(default_factory=list[Entry])
    conflicts: list[Conflict] = field(default_factory=list[Conflict])
    waiting: list[str] = field(default_factory=list[str])


def difference(
    published: Published, states: Mapping[str, RecordedState], on: date, scopes: Mapping[str, str] | None = None
) -> Difference:
    """What to decide on that day.

    `standing` has aggregates by key (`matter:P-…`, `item:LIST#1`), `scopes` units by code with the day they exist from.
    """
    made = Difference()
    day = on.isoformat()
    _instruments(published, states, made)
    foreign = _foreign(published, states)
    _matters(published, states, foreign, day, made)
    repeals, retirements = _dropped(published, states, day)
    for code, adopted in published.lists.items():
        state = states.get(f"list:{code}")
        there = in_scope(adopted, scopes or {})
        if there is None and state is None:
            made.waiting.append(code)
        else:
            items = _independent(published.items[code], foreign, made)
            _list(there or adopted, state, items, states, day, made)
    made.decisions += repeals
    for number, repeal in published.repeals.items():
        state = states.get(f"instrument:{number}")
        # One recorded here with a later day of its own is a conflict already.
        if state is None or (state.ended is None and state.fields["at"] < repeal["at"]):
            made.decisions.append(repeal)
    made.decisions += retirements
    return made


def _instruments(published: Published, states: Mapping[str, RecordedState], made: Difference) -> None:
    for number, issued in published.instruments.items():
        state = states.get(f"instrument:{number}")
        if state is None:
            made.decisions.append(issued)
        elif differing(issued, state.base, INSTRUMENT):
            made.conflicts.append(
                Conflict(
                    "instrument-differs",
                    number,
                    f"文件“{number}”已按另一名称、种类或日期登记，未作改动；如文件有误请改正清单文件，如登记有误请另用文号登记。",
                    f"The instrument {number} is recorded with another title, kind or date and was left as it is;"
                    " correct the list file, or record the right one under another number.",
                )
            )


def _foreign(published: Published, states: Mapping[str, RecordedState]) -> set[str]:
    """Codes under which the county has a matter of another kind: nothing of the files can name them."""
    return {
        code
        for code, defined in published.matters.items()
        if (state := states.get(f"matter:{code}")) is not None and state.fields["kind"] != defined["kind"]
    }


def _independent(items: Mapping[str, Entry], foreign: set[str], made: Difference) -> dict[str, Entry]:
    """The items that name none of these."""
    for entry in items.values():
        if entry.get("matter") in foreign:
            made.conflicts.append(_depends("item-depends", f"{entry['list']}#{entry['item']}", entry["matter"]))
    return {name: entry for name, entry in items.items() if entry.get("matter") not in foreign}


def _depends(code: str, subject: str, matter: str) -> Conflict:
    return Conflict(
        code,
        subject,
        f"“{subject}”引用的编码“{matter}”在本地属于另一种类的事项，未载入；请先在清单文件中为该事项换用别的编码。",
        f"{subject} names the code {matter}, under which there is a matter of another kind here, and was not loaded;"
        " give that matter another code in the list file first.",
    )


def _matters(
    published: Published, states: Mapping[str, RecordedState], foreign: set[str], day: str, made: Difference
) -> None:
    revisions: list[Entry] = []
    for code, defined in published.matters.items():
        state = states.get(f"matter:{code}")
        barred = foreign.intersection(defined.get("requires", ()))
        if barred:
            made.conflicts.append(_depends("matter-depends", code, min(barred)))
        elif state is None:
            made.decisions.append(defined)
            revisions += published.revisions.get(code, [])
        else:
            revisions += _matter(code, [defined, *published.revisions.get(code, [])], state, day, made)
    made.decisions += revisions


def _matter(code: str, wanted: list[Entry], state: RecordedState, day: str, made: Difference) -> list[Entry]:
    """Corrections and revisions of a matter that is there: `wanted` is its definition and its dated revisions."""
    # What the law says is dated in the files: another holder of all days is a correction, of some days a change.
    dated = {"basis", "lawful_holders", *(name for revised in wanted[1:] for name in revised if name in MATTER)}
    last = {name: value for decision in wanted for name, value in decision.items()}
    changed = [name for name in differing(last, state.base, MATTER) if name not in dated]
    changes = dated_changes(wanted, state, sorted(dated), day) if state.loaded else []
    differs = bool(changed or changes or (not state.loaded and differing(last, state.base, tuple(dated))))
    if last["kind"] != state.fields["kind"] or (differs and not state.loaded):
        made.conflicts.append(
            Conflict(
                "matter-differs",
                code,
                f"本地已用编码“{code}”定义了内容不同的事项，未作改动；请把清单文件中的事项换用别的编码，或以修订使两者一致。",
                f"The code {code} is taken by a matter defined here with other content, which was left as it is;"
                " give the matter of the file another code, or revise the one here to agree.",
            )
        )
    elif state.ended is not None and (changed or changes or state.ended_by_files):
        made.conflicts.append(
            Conflict(
                "matter-retired",
                code,
                f"事项“{code}”已自 {state.ended} 终止，编码不能再用；请在清单文件中换用新编码。",
                f"The matter {code} was retired on {state.ended}, and its code cannot be used again;"
                " give it a new code in the list file.",
            )
        )
    else:
        if changed:
            revised = {"type": "MatterRevised", "at": max(day, state.fields["at"]), "matter": code}
            changes.append(revised | {name: last.get(name) for name in changed} | {"note": NOTE})
        return changes
    return []


def _dropped(published: Published, states: Mapping[str, RecordedState], day: str) -> tuple[list[Entry], list[Entry]]:
    """Repeals of lists, and retirements of matters, that came from the files and are in them no more."""
    repeals: list[Entry] = []
    retirements: list[Entry] = []
    for key, state in states.items():
        kind, code = key.split(":", 1)
        if state.ended is not None or not state.loaded:
            continue
        if kind == "list" and code not in published.lists:
            repeals.append({"type": "ListRepealed", "at": after(day, state), "list": code, "note": NOTE})
        elif kind == "matter" and code not in published.matters:
            retirements.append({"type": "MatterRetired", "at": after(day, state), "matter": code, "note": NOTE})
    return repeals, retirements


def _list(
    adopted: Entry,
    state: RecordedState | None,
    items: Mapping[str, Entry],
    states: Mapping[str, RecordedState],
    day: str,
    made: Difference,
) -> None:
    code = adopted["list"]
    if state is None:
        made.decisions.append(adopted)
        made.decisions += [entry | {"at": max(entry["at"], adopted["at"])} for entry in items.values()]
        return
    if state.ended is not None:
        made.conflicts.append(
            Conflict(
                "list-repealed",
                code,
                f"清单“{code}”已自 {state.ended} 废止，未作改动；如仍应有效，请在清单文件中换用新编号。",
                f"The list {code} was repealed on {state.ended} and was left so; if it is to be in force, give it a"
                " new code in the list file.",
            )
        )
        return
    # A list with a scope begins when that is registered, whatever the file says.
    fields = LIST[:-1] if "scope" in adopted else LIST
    if differing(adopted, state.base, fields):
        made.conflicts.append(
            Conflict(
                "list-differs",
                code,
                f"清单“{code}”已按另一名称、对象、范围、依据或日期发布，清单属性不能修订；请在清单文件中换用新编号发布。",
                f"The list {code} was adopted with another title, audience, scope, instrument or date, which cannot be"
                " revised; adopt it under a new code in the list file.",
            )
        )
        if not state.loaded:
            return
    withdrawn: list[Entry] = []
    entered: list[Entry] = []
    for name, entry in items.items():
        # An item that has a day of its own begins on it; one added to a list in force, on the day of loading.
        begins = entry["at"] if entry["at"] > adopted["at"] else max(day, adopted["at"])
        _item(entry | {"at": begins}, list(lineage(code, name, states)), day, (withdrawn, entered), made)
    for key, item in states.items():
        if item.loaded and item.ended is None and key.startswith(f"item:{code}#"):
            base = re.sub(r"-\d+$", "", item.fields["item"])
            if base not in items:
                withdrawn.append(_withdrawal(item, day))
    made.decisions += [*withdrawn, *entered]


def _item(
    entry: Entry,
    lineage: list[tuple[int, RecordedState]],
    day: str,
    lines: tuple[list[Entry], list[Entry]],
    made: Difference,
) -> None:
    withdrawn, entered = lines
    if not lineage:
        entered.append(entry)
        return
    number, latest = lineage[-1]
    changed = differing(entry, latest.base, ITEM)
    if changed and not latest.loaded:
        subject = f"{entry['list']}#{latest.fields['item']}"
        made.conflicts.append(
            Conflict(
                "item-differs",
                subject,
                f"清单事项“{subject}”系本地录入且内容不同，未作改动；请在清单文件中换用别的事项编号，或撤销本地录入的事项。",
                f"The item {subject} was entered here with other content and was left as it is; use another item id in"
                " the list file, or withdraw the one entered here.",
            )
        )
    elif changed or latest.ended_by_files:
        at = max(day, latest.ended) if latest.ended is not None else after(day, latest)
        if latest.ended is None:
            withdrawn.append(_withdrawal(latest, day))
        entered.append(entry | {"at": at, "item": numbered(entry["item"], number + 1)})


def _withdrawal(item: RecordedState, day: str) -> Entry:
    named = {"list": item.fields["list"], "item": item.fields["item"]}
    return {"type": "ListItemWithdrawn", "at": after(day, item)} | named | {"note": NOTE}
