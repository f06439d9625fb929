"""Legal parameters: what the file says, on which day, and when its version is another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from registry import data_files, law
from registry.domain import words
from tests.oracle import powers as oracle

FILE = data_files.path(law.FIT_INSTRUMENTS)
TODAY = date(2026, 3, 1)


def changed(folder: Path, old: str, new: str) -> law.FitInstruments:
    """The table of the file in which one text is replaced, once."""
    text = FILE.read_text("utf-8")
    assert old in text
    file = folder / "changed.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return law.read_fit_instruments(file)


@pytest.mark.parametrize("day", [date.min, date(2021, 7, 14), TODAY, date.max])
def test_the_table_is_the_contracts_on_every_day(day: date) -> None:
    table = law.fit_instruments().on(day)
    assert {
        (kind, mode): {paper for paper in words.INSTRUMENT_KINDS if paper in provision.instruments}
        for (kind, mode), provision in table.items()
    } == {
        (kind, mode): {paper for paper in words.INSTRUMENT_KINDS if oracle.fit(paper, kind, mode)}
        for kind in words.POWER_KINDS
        for mode in words.GRANT_MODES
    }


def test_penalties_licences_and_coercion_cite_their_articles() -> None:
    for (kind, mode), provision in law.fit_instruments().on(TODAY).items():
        strict = kind in ("penalty", "licence", "coercion")
        assert bool(provision.references) == strict, (kind, mode)
    (reference,) = law.fit_instruments().on(TODAY)["penalty", "devolved"].references
    assert reference.citation == "《中华人民共和国行政处罚法》第二十四条"


def test_a_value_applies_from_its_day_on(tmp_path: Path) -> None:
    table = changed(tmp_path, "0001-01-01:", "2021-07-15:")
    assert table.days() == (date(1, 1, 1), date(2021, 7, 15))
    before, after = (table.on(day)["penalty", "devolved"] for day in (date(2021, 7, 14), date(2021, 7, 15)))
    assert before == table.default
    assert after.instruments == {"law", "regulation", "provincial_decision"}


def test_the_version_follows_from_what_the_file_says(tmp_path: Path) -> None:
    same = law.fit_instruments().version
    assert changed(tmp_path, "penalty:", "# nothing new\npenalty:").version == same
    assert changed(tmp_path, "zh: 下放、委托", "zh: 委托、下放").version == same
    assert changed(tmp_path, "[law, regulation, rule]", "[law, regulation]").version != same
    assert changed(tmp_path, "0001-01-01:", "2021-07-15:").version != same
    assert changed(tmp_path, "第二十四条", "第二十五条").version != same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("penalty:", "penalities:"),
        ("[law, regulation, rule]", "[law, leaflet]"),
        ("0001-01-01:", "2021-02-30:"),
        ("第二十四条", "24"),
        ("parameter: fit-instruments", "parameter: fitness"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"changed\.yaml|day"):
        changed(tmp_path, old, new)
