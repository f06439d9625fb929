"""Legal parameters: what the file says, on which day, and when its version is another."""

from __future__ import annotations

from datetime import date, timedelta
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


@pytest.mark.parametrize(
    "day",
    [
        date.min,
        *(
            since
            for first in (date(1996, 10, 1), date(2004, 7, 1), date(2012, 1, 1), date(2021, 7, 15))
            for since in (first - timedelta(1), first)
        ),
        TODAY,
        date.max,
    ],
)
def test_the_table_is_the_contracts_on_every_day(day: date) -> None:
    table = law.fit_instruments().on(day)
    assert {
        (kind, mode): {paper for paper in words.INSTRUMENT_KINDS if paper in provision.instruments}
        for (kind, mode), provision in table.items()
    } == {
        (kind, mode): {paper for paper in words.INSTRUMENT_KINDS if oracle.fit(paper, kind, mode, day.isoformat())}
        for kind in words.POWER_KINDS
        for mode in words.GRANT_MODES
    }


def test_penalties_licences_and_coercion_cite_their_articles() -> None:
    for (kind, mode), provision in law.fit_instruments().on(TODAY).items():
        strict = kind in ("penalty", "licence", "coercion")
        assert bool(provision.references) == strict, (kind, mode)
    (reference,) = law.fit_instruments().on(TODAY)["penalty", "devolved"].references
    assert reference.citation == "《中华人民共和国行政处罚法》（2021年修订）第二十四条"
    (before,) = law.fit_instruments().on(date(2021, 7, 14))["penalty", "devolved"].references
    assert before.citation == "《中华人民共和国行政处罚法》（2017年修正）第十六条、第十七条"


def test_a_value_applies_from_its_day_on(tmp_path: Path) -> None:
    table = changed(tmp_path, "2012-01-01:", "2013-02-01:")
    days = law.fit_instruments().days()
    assert table.days() == (*days[:2], days[2], date(2013, 2, 1), days[3])
    before, after = (table.on(day)["coercion", "devolved"] for day in (date(2013, 1, 31), date(2013, 2, 1)))
    assert before == table.default
    assert after.instruments == {"law", "regulation", "provincial_decision"}


def test_a_text_that_lets_the_same_documents_do_is_no_turning_day() -> None:
    """The amendments of 2009, 2017 and 2019 are cited from their days on, and change no finding."""
    assert law.fit_instruments().days() == tuple(
        map(date.fromisoformat, ("1996-10-01", "2004-07-01", "2012-01-01", "2021-07-15"))
    )


def test_rules_cite_the_articles_of_the_day() -> None:
    """Renumbered laws: the Penalty Law in 2021, the Organic Law of Village Committees in 2026 (and 2010)."""
    laws = ("village-self-government", "penalty-organ", "penalty-handed-down")
    village, penalty = "《中华人民共和国村民委员会组织法》", "《中华人民共和国行政处罚法》"
    assert law.cited(laws, date(1995, 1, 1)) == []
    assert law.cited(laws, date(2021, 7, 14)) == [
        f"{village}（2018年修正）第二条、第五条",
        f"{penalty}（2017年修正）第十五条、第十六条、第十七条",
    ]
    assert law.cited(laws, date(2026, 1, 1)) == [
        f"{village}（2025年修正）第二条、第六条",
        f"{penalty}（2021年修订）第十七条、第二十四条",
    ]


def test_the_version_follows_from_what_the_file_says(tmp_path: Path) -> None:
    same = law.fit_instruments().version
    assert changed(tmp_path, "penalty:", "# nothing new\npenalty:").version == same
    assert changed(tmp_path, "zh: 下放、委托", "zh: 委托、下放").version == same
    assert changed(tmp_path, "[law, regulation, rule]", "[law, regulation]").version != same
    assert changed(tmp_path, "2021-07-15:", "2021-07-16:").version != same
    assert changed(tmp_path, "第二十四条", "第二十五条").version != same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("penalty:", "penalities:"),
        ("[law, regulation, rule]", "[law, leaflet]"),
        ("2021-07-15:", "2021-02-30:"),
        ("第二十四条", "24"),
        ("parameter: fit-instruments", "parameter: fitness"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"changed\.yaml|day"):
        changed(tmp_path, old, new)
