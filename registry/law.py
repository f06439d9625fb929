"""Legal parameters: values by the day from which each applies, with the articles they rest on, read from lists/law.

The format is that of OpenFisca's parameters: a tree whose leaves are `values` by date, each with its `reference`.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from registry import data_files
from registry.domain import words

FIT_INSTRUMENTS: Final = "lists/law/fit-instruments.yaml"
ARTICLES: Final = "lists/law/articles.yaml"
TEXTS: Final = "lists/law/texts.yaml"
_CITATION: Final = re.compile(r"《(.+)》（([^（）]+)）(第.+)")
_FIT_SCHEMA: Final = "lists/fit-instruments.schema.json"
_ARTICLES_SCHEMA: Final = "lists/articles.schema.json"
_TEXTS_SCHEMA: Final = "lists/texts.schema.json"


class Reference(NamedTuple):
    """What a value rests on. `law`: its full Chinese name; `version`: which text (2021年修订); `articles`: 第…条."""

    law: str
    version: str
    articles: tuple[str, ...]

    @property
    def citation(self) -> str:
        """The law, which text of it, and the articles, as findings cite them: `《…法》（2021年修订）第二十四条`."""
        return f"《{self.law}》（{self.version}）{'、'.join(self.articles)}"


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
        """The days, in order, from which other documents are fit: on these, findings can change though nobody decides.

        A text of the law that changes nothing here has an entry too, and no day.
        """
        return tuple(
            sorted(
                {
                    since
                    for values in self.dated.values()
                    for (since, provision), before in zip(
                        values, [self.default, *(each for _, each in values)], strict=False
                    )
                    if provision.instruments != before.instruments
                }
            )
        )


def read_fit_instruments(file: Path) -> FitInstruments:
    """Read the table from a file in the format of lists/law/fit-instruments.yaml.

    Raises ValueError where the file does not hold to its schema or has a day that no calendar has.
    """
    content = _read(file, _FIT_SCHEMA)
    values = {key: value for key, value in content.items() if key != "description"}
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


def read_articles(file: Path) -> Mapping[str, tuple[tuple[date, Reference], ...]]:
    """Read the articles that rules cite, each by the days from which it was the text in force, in order.

    The format is that of lists/law/articles.yaml. Raises ValueError as `read_fit_instruments` does.
    """
    return {
        name: tuple(sorted((date.fromisoformat(since), _reference(each)) for since, each in texts.items()))
        for name, texts in _read(file, _ARTICLES_SCHEMA)["provisions"].items()
    }


def cited(names: Iterable[str], day: date) -> list[str]:
    """Return the citations of these provisions (lists/law/articles.yaml) by the texts in force on a day, in order.

    Several articles of one law are one citation. One that was not yet law is left out.
    """
    references: dict[tuple[str, str], list[str]] = {}
    for name in names:
        texts = articles()[name]
        index = bisect_right([since for since, _ in texts], day)
        if index:
            reference = texts[index - 1][1]
            references.setdefault((reference.law, reference.version), []).extend(reference.articles)
    return [Reference(law, version, tuple(numbers)).citation for (law, version), numbers in references.items()]


def quoted(citation: str) -> list[tuple[str, tuple[str, ...]]]:
    """The articles of a citation, as `cited` writes it, whose words the program carries: each with its paragraphs.

    Empty where it carries none of them, or the citation is of something else than a law.
    """
    match = _CITATION.fullmatch(citation)
    if match is None:
        return []
    law, version, articles = match.groups()
    words_of = texts().get((law, version), {})
    return [(article, words_of[article]) for article in articles.split("、") if article in words_of]


def read_texts(file: Path) -> Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]:
    """The words of articles, by law and version: the paragraphs of each. The format is that of lists/law/texts.yaml.

    Raises ValueError as `read_fit_instruments` does.
    """
    return {
        (each["law"], each["version"]): {article: tuple(given) for article, given in each["articles"].items()}
        for each in _read(file, _TEXTS_SCHEMA)["texts"]
    }


def _read(file: Path, schema: str) -> dict[str, Any]:
    """The file's content, all of it text. The program's own are held to the schema by its tests, not at every start."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    content: Any = yaml.load(file.read_text("utf-8"), loader)  # noqa: S506  (it makes nothing but text)
    if not file.resolve().is_relative_to(data_files.path("lists").resolve()):
        from jsonschema import Draft202012Validator  # it takes a tenth of a second to import

        validator: Any = Draft202012Validator(json.loads(data_files.path(schema).read_text("utf-8")))
        for error in validator.iter_errors(content):
            raise ValueError(f"{file.name}: {error.json_path}: {error.message}")
    return content


def _reference(content: Mapping[str, Any]) -> Reference:
    return Reference(content["law"], content["version"], tuple(content["articles"]))


def _provision(content: Mapping[str, Any]) -> Provision:
    return Provision(frozenset(content["value"]), tuple(map(_reference, content["reference"])))


@cache
def fit_instruments() -> FitInstruments:
    """Return the table that the program carries, read once a process."""
    return read_fit_instruments(data_files.path(FIT_INSTRUMENTS))


@cache
def articles() -> Mapping[str, tuple[tuple[date, Reference], ...]]:
    """Return the articles that the program carries, read once a process."""
    return read_articles(data_files.path(ARTICLES))


@cache
def texts() -> Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]:
    """Return the words of articles that the program carries, read once a process."""
    return read_texts(data_files.path(TEXTS))
