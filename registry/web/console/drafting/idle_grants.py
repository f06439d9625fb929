"""Why a power that a draft hands down closes no finding: held already, needed by nothing, or void."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.pages.failure import Refused

VOID: Final = ("void-grant", "re-entrusted", "unfit-instrument")  # by which a grant hands down nothing
NAMED: Final = 5  # units that are named in a sentence


async def reasons(
    view: View, power: str, recipients: Sequence[str], within: Sequence[str], held: Sequence[Data], effects: Data
) -> list[Text]:
    """Why a grant closes nothing, in sentences; none where it closes something, or the reader does not see it.

    `within`: territories that hold all recipients; `held`: how recipients hold the power already (power_held).
    """
    if effects["closed"]:
        return []
    already = {row["unit"]["code"]: row["unit"]["name"] for row in held if row["effective"]}
    day, wanted = effects["asOf"], {*recipients} - {*already}
    questions = [view.ask_all("missing_powers", "findings", within=each, asOf=day) for each in within]
    try:
        findings = [row for rows in await asyncio.gather(*questions) for row in rows]
    except Refused:
        return []
    lacking = {
        row["unit"]["code"]: row["unit"]["name"]
        for row in findings
        if power in row["missing"] and row["unit"]["code"] in wanted
    }
    sentences: list[Text] = []
    if already:
        zh, en = _named(already)
        sentences.append(Text(f"{zh}已经有效掌握这项权力。", f"Held effectively already: {en}."))
    if lacking:
        zh, en = _named(lacking)
        if any(finding["rule"] in VOID for finding in effects["opened"]):
            why = Text("这样授出的权力不成立，见上面会产生的问题", "the grant is void: see what it would open")
        else:
            why = Text("那些职责还缺别的权力", "their duties lack other powers, too")
        sentences.append(Text(f"{zh}有职责缺这项权力，但{why.zh}。", f"Lacked by duties of {en}, but {why.en}."))
    if len(wanted) > len(lacking):
        whom = (
            Text("其余承接单位", "the other recipients") if already or lacking else Text("承接单位", "the recipients")
        )
        sentences.append(
            Text(
                f"{whom.zh}没有职责因缺这项权力而成为问题。",
                f"No duty of {whom.en} is a finding for the lack of this power.",
            )
        )
    return sentences


def _named(units: dict[str, str]) -> tuple[str, str]:
    names, more = list(units.values())[:NAMED], len(units) - NAMED
    zh, en = "、".join(names), ", ".join(names)
    return (f"{zh}等 {len(units)} 个单位", f"{en} and {more} more") if more > 0 else (zh, en)
