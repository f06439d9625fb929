"""Ways out of a level skipped: the draft goes to the government between, or comes from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.drafting.content import Content, Named
from registry.web.console.drafting.naming import written
from registry.web.console.drafting.recipients import WHOLE, government
from registry.web.console.drafting.ways import Way
from registry.web.console.view import View

NAMED: Final = 3  # units that a way names; of more it says how many


async def by_the_level_between(view: View, names: Named, opened: Sequence[Mapping[str, Any]]) -> list[Way]:
    """The ways out of what skips a level, as what a draft would open says: none where nothing does. Raises Refused.

    To the governments right below the sender's instead, who hand it on; or sent by the one between, where it is one.
    """
    skipped = {finding["unit"]["code"] for finding in opened if finding["rule"] == "level-skip"}
    if not skipped or names.sender is None:
        return []
    root = await government(view, names.sender)
    parents = await _parents(view, root, skipped)
    between = {code: _below(parents, root["code"], code) for code in sorted(skipped)}
    governments = {unit["code"]: unit for unit in between.values() if unit is not None}
    if len([unit for unit in between.values() if unit]) < len(skipped):
        return []

    def through(content: Content, _: Sequence[Mapping[str, Any]]) -> Content:
        kept = [code for code in content.recipients if code not in skipped]
        return content.with_recipients(dict.fromkeys([*kept, *governments]))

    called = _called(list(governments.values()))
    ways = [Way("between", Text(f"改交{called.zh}，由其再往下安排", f"To {called.en}, to hand on"), through)]
    if len(governments) == 1:
        (unit,) = governments.values()

        def sent(content: Content, _: Sequence[Mapping[str, Any]]) -> Content:
            kept = [code for code in content.recipients if code in skipped]
            texts = {**content.texts, "from": written(unit["name"], unit["code"])}
            return replace(content, texts=texts).with_recipients(kept)

        zh = f"改由{unit['name']}作出，只交其下的单位"
        ways.append(Way("sent-between", Text(zh, f"Let {unit['name']} send it, to those below it only"), sent))
    return ways


def _called(units: Sequence[Data]) -> Text:
    names = [unit["name"] for unit in units[:NAMED]]
    if len(units) > NAMED:
        return Text(f"{'、'.join(names)}等 {len(units)} 个单位", f"{', '.join(names)} and {len(units) - NAMED} more")
    return Text("、".join(names), ", ".join(names))


async def _parents(view: View, root: Data, codes: set[str]) -> dict[str, Data]:
    """By code the units on the way up from these to a government: each with its parent."""
    if root["level"] in WHOLE:  # what the tree of recipients asks too
        return {unit["code"]: unit for unit in await view.ask_all("draft_units", "units", within=root["code"])}
    units: dict[str, Data] = {}
    for below in sorted(codes):
        code: str | None = below
        while code is not None and code != root["code"] and code not in units:
            unit: Data | None = (await view.ask("draft_unit", code=code))["unit"]
            code = unit["parent"]["code"] if unit and unit["parent"] else None
            if unit is not None:
                units[unit["code"]] = unit
    return units


def _below(units: Mapping[str, Data], root: str, code: str) -> Data | None:
    """The unit right below the root on the way down to another; None where that does not lie below it."""
    while code in units and units[code]["parent"] is not None:
        parent = units[code]["parent"]["code"]
        if parent == root:
            return units[code]
        code = parent
    return None
