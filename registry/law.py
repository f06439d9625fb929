"""Legal parameters: values by the day from which each applies, with the articles they rest on, read from lists/law.

The format is that of OpenFisca's parameters: a tree whose leaves are `values` by date, each with its `reference`.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from registry import data_files
from registry.domain import words

FIT_INSTRUMENTS: Final = "lists/law/fit-instruments.yaml"
_SCHEMA: Final = "lists/fit-instruments.schema.json"


class Reference(NamedTuple):
    """What a value rests on. `law`: its full Chinese name; `version`: which text of it; `articles`: 第…条."""

    law: str
    version: str
    articles: tuple[str, ...]

    @property
    def citation(self) -> str:
        """The law and the articles as findings cite them: `《中华人民共和国行政处罚法》第二十四条`."""
        return f"《{self.law}》{'、'.join(self.articles)}"


class Provision(NamedTuple):
    """The kinds of instrument that are fit from some day on, and why."""

    instruments: frozenset[str]
    references: tuple[Reference, ...]


PowerAndMode = tuple[str, str]  # a kind of power; devolved or entrusted


@dataclass(frozen=True)
class FitInstruments:
    """Which kinds of instrument are fit to devolve or entrust which kind of power, on every day.

    `version` follows from the content: another value, date or reference makes another version; a comment, the
    description or the order of keys does not.
    """

    version: str
    default: Provision
    dated: Mapping[PowerAndMode, tuple[tuple[date, Provision], ...]]  # in order of the days

    def on(self, day: date) -> Mapping[PowerAndMode, Provision]:
        """The table that applies on a day: a provision for each kind of power and each mode."""
        table: dict[PowerAndMode, Provision] = {}
        for kind in words.POWER_KINDS:
            for mode in words.GRANT_MODES:
                values = self.dated.get((kind, mode), ())
                index = bisect_right([since for since, _ in values], day)
                table[kind, mode] = values[index - 1][1] if index else self.default
        return table

    def days(self) -> tuple[date, ...]:
        """The days, in order, from which another value applies: on these, findings can change though nobody decides."""
        return tuple(sorted({since for values in self.dated.values() for since, _ in values}))


def read_fit_instruments(file: Path) -> FitInstruments:
    """Read the table from a file in the format of lists/law/fit-instruments.yaml.

    Raises ValueError where the file does not hold to its schema or has a day that no calendar has.
    """
    import yaml
    from jsonschema import Draft202012Validator

    content: Any = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506  (it makes nothing but text)
    validator: Any = Draft202012Validator(json.loads(data_files.path(_SCHEMA).read_text("utf-8")))
    for error in validator.iter_errors(content):
        raise ValueError(f"{file.name}: {error.json_path}: {error.message}")
    values = cast("dict[str, Any]", {key: value for key, value in content.items() if key != "description"})
    return FitInstruments(
        version=hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16],
        default=_provision(values["default"]),
        dated={
            (kind, mode): tuple(
                sorted((date.fromisoformat(since), _provision(each)) for since, each in leaf["values"].items())
            )
            for kind in words.POWER_KINDS
            for mode, leaf in values.get(kind, {}).items()
        },
    )


def _provision(content: Mapping[str, Any]) -> Provision:
    references = (Reference(each["law"], each["version"], tuple(each["articles"])) for each in content["reference"])
    return Provision(frozenset(content["value"]), tuple(references))


@cache
def fit_instruments() -> FitInstruments:
    """Return the table that the program carries, read once a process."""
    return read_fit_instruments(data_files.path(FIT_INSTRUMENTS))
