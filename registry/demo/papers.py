"""What the county's decisions stand on: instruments, matters of its own, and the lists that it adopted."""

from __future__ import annotations

from collections.abc import Iterator

from registry.demo.tables import Line, rows, several

_SEVERAL = ("aliases", "basis", "requires", "needs", "terms", "roles", "brings", "materials", "includes")


def decisions() -> Iterator[Line]:
    """Instruments issued and repealed, matters defined, lists adopted with their items, and repealed."""
    yield from _instruments()
    yield from _matters()
    yield from _lists()


def _instruments() -> Iterator[Line]:
    for row in rows("instruments.csv"):
        repealed, replaced_by = row.pop("repealed", None), row.pop("replaced_by", None)
        yield {"type": "InstrumentIssued"} | row
        if repealed:
            end = {"type": "InstrumentRepealed", "at": repealed, "instrument": row["instrument"]}
            yield end | ({"replaced_by": replaced_by} if replaced_by else {})


def _matters() -> Iterator[Line]:
    asks = {row["matter"]: several(row["asks"]) for row in rows("asks.csv")}
    for row in rows("matters.csv"):
        matter: Line = {"type": "MatterDefined"} | _parted(row)
        if row["matter"] in asks:
            matter["asks"] = asks[row["matter"]]
        if holders := matter.pop("holders", None):
            matter["lawful_holders"] = [
                dict(zip(("level", "function"), holder.split(":"), strict=True)) for holder in several(holders)
            ]
        yield matter


def _lists() -> Iterator[Line]:
    for row in rows("lists.csv"):
        adopted: Line = {"type": "ListAdopted"} | row
        repealed = adopted.pop("repealed", None)
        if "closed" in adopted:
            adopted["closed"] = adopted["closed"] == "yes"
        if "quota" in adopted:
            adopted["quota"] = int(adopted["quota"])
        yield adopted
        yield from _items(row["list"], row["at"])
        if repealed:
            yield {"type": "ListRepealed", "at": repealed, "list": row["list"]}


def _items(code: str, adopted: str) -> Iterator[Line]:
    for index, row in enumerate(rows(f"items/{code}.csv"), 1):
        item: Line = {"type": "ListItemEntered", "at": adopted, "list": code, "item": str(index)} | _parted(row)
        withdrawn = item.pop("withdrawn", None)
        yield item
        if withdrawn:
            yield {"type": "ListItemWithdrawn", "at": withdrawn, "list": code, "item": item["item"]}


def _parted(row: dict[str, str]) -> Line:
    return {key: several(cell) if key in _SEVERAL else cell for key, cell in row.items()}
