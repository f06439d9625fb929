"""Lists as files: one list or all that reach a unit, as of a day and as known at a position, in a format."""

from __future__ import annotations

from typing import Final, Literal

from registry.exchange.file_names import storable
from registry.exchange.sheets.writing import as_docx, as_json, as_xlsx, printable
from registry.exchange.sheets.writing.printable import Source
from registry.queries.lists import lists
from registry.queries.lists.lists import Listing
from registry.queries.units import units
from registry.queries.units.units import Unit
from registry.relations.two_times import AsOf, Reader

Format = Literal["xlsx", "docx", "json"]
MEDIA: Final[dict[Format, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}


class NotThere(Exception):
    """No such list or unit, or not on that day: a code of the contract, and why, in zh and en."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code, self.zh, self.en = code, zh, en


async def of_list(reader: Reader, moment: AsOf, code: str) -> Listing:
    """A list in force, with all that stands on it. Raises NotThere: unknown-list, not-in-force."""
    result = await lists.of_list(reader, moment, code)
    if isinstance(result, Listing):
        return result
    if result is None:
        raise NotThere("unknown-list", f"没有编号为“{code}”的清单。", f"There is no list {code}.")
    until_zh, until_en = (f"至 {result.until} 前", f"until {result.until}") if result.until else ("起", "on")
    raise NotThere(
        "not-in-force",
        f"清单“{code}”自 {result.since} {until_zh}有效，{moment.valid_at} 不在其内。",
        f"The list {code} is in force from {result.since} {until_en}, not on {moment.valid_at}.",
    )


async def of_unit(reader: Reader, moment: AsOf, code: str) -> tuple[Unit, list[Listing]]:
    """A unit, and the lists in force that reach it. Raises NotThere: unknown-unit, not-in-force (dissolved)."""
    result = await lists.of_unit(reader, moment, code)
    if result is None:
        if await units.exists(reader, code):
            raise NotThere(
                "not-in-force",
                f"单位“{code}”在 {moment.valid_at} 没有登记（登记簿序号 {moment.known_at}）。",
                f"The unit {code} was not registered on {moment.valid_at}, as known at position {moment.known_at}.",
            )
        raise NotThere("unknown-unit", f"没有代码为“{code}”的单位。", f"There is no unit {code}.")
    unit = result[0]
    if unit.dissolved:
        now = (f"，由“{unit.successor}”承接", f"; its successor is {unit.successor}") if unit.successor else ("", "")
        raise NotThere(
            "not-in-force",
            f"单位“{code}”（{unit.name}）自 {unit.until} 起已撤销{now[0]}。",
            f"The unit {code} ({unit.name}) was dissolved on {unit.until}{now[1]}.",
        )
    return result


def list_file(listing: Listing, source: Source, format_: Format) -> bytes:
    """One list in a format; the same question gives the same bytes."""
    if format_ == "json":
        return as_json.of_list(listing, source)
    write = as_xlsx.of_list if format_ == "xlsx" else as_docx.of_list
    return write(printable.paper(listing), source)


def unit_file(unit: Unit, listings: list[Listing], source: Source, format_: Format) -> bytes:
    """What lists say for a unit, in a format; the same question gives the same bytes."""
    if format_ == "json":
        return as_json.of_unit(unit, listings, source)
    result = printable.papers(unit, listings)
    if format_ == "xlsx":
        return as_xlsx.of_unit(unit.code, unit_title(unit), result, source)
    return as_docx.of_unit(unit_title(unit), result, source)


def unit_title(unit: Unit) -> str:
    """What the paper with all lists of a unit is called."""
    return f"{unit.name}事项清单"


def file_name(title: str, source: Source, format_: str) -> str:
    """The name that a downloaded file should have: the title and the day, as any system can store it."""
    plain = storable(title) or "清单"
    return f"{plain}（截至{source.moment.valid_at}）.{format_}"
