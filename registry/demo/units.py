"""The county's units: the real divisions, and the organs, stations and offices of a county of its kind."""

from __future__ import annotations

from collections.abc import Iterator

from registry.demo.tables import Line, divisions, document, rows, several
from registry.demo.tables import units as named

BEGAN = "2000-01-01"  # the record goes back to here


def decisions() -> Iterator[Line]:
    """The registrations of every unit, and what became of it afterwards."""
    yield from _divisions()
    yield from _organs()
    yield from _stations()
    yield from document("changes.yaml")
    for row in rows("monitored.csv"):
        yield {"type": "UnitRevised"} | row | {"monitored": True}


def _divisions() -> Iterator[Line]:
    # Indexes 4206844xx are a prison, a former labour camp and two development zones: territory, but no people's
    # government (docs/reference/demo.md says what follows from that).
    exceptions = {row["unit"]: row for row in rows("territories.csv")}
    former = {row["unit"]: row["name"] for row in rows("former_names.csv")}
    for code, row in divisions().items():
        exception = exceptions.get(code, {})
        unit = {
            "type": "UnitRegistered",
            "at": BEGAN,
            "unit": code,
            "name": former.get(code, row["name"]),
            "level": row["level"],
            "kind": exception.get("kind", "village" if row["level"] == "village" else "government"),
            "parent": row.get("parent", "00"),
        }
        yield unit | {key: exception[key] for key in ("guided_by", "note") if key in exception}


def _organs() -> Iterator[Line]:
    for row in rows("organs.csv"):
        unit: Line = {"type": "UnitRegistered"} | row
        if "aliases" in row:
            unit["aliases"] = several(row["aliases"])
        yield unit


def _stations() -> Iterator[Line]:
    for row in rows("stations.csv"):
        for town in named(row["towns"]):
            index = divisions()[town]["name"].removesuffix("街道").removesuffix("镇")
            code = f"{town}-{row['suffix']}"
            # A station works at the township but belongs to its bureau; an office is the township's own.
            belongs = {"parent": row["parent"], "stationed_at": town} if "parent" in row else {"parent": town}
            yield {
                "type": "UnitRegistered",
                "at": row["at"],
                "unit": code,
                "name": _title(index, divisions()[town]["name"], row),
                "level": "township",
                "kind": row["kind"],
                "function": row["function"],
            } | belongs
            if "renamed_at" in row:
                yield {"type": "UnitRenamed", "at": row["renamed_at"], "unit": code, "name": index + row["renamed"]}


def _title(locality: str, town: str, row: dict[str, str]) -> str:
    """An office bears the full name of its township (雷河镇党群服务中心), a station its short one (雷河派出所)."""
    return (locality if "parent" in row else town) + row["name"]
