"""Every citation names a law that existed and was in force on the days for which it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from registry import data_files, demo, law
from registry.exchange import published
from registry.exchange.published import citations
from registry.laws import laws, plain

LISTS = data_files.path("lists")
FILES = published.read(LISTS)


@pytest.mark.parametrize(
    ("article", "number"),
    [("第十条", 10), ("第二十一条", 21), ("第一百零二条", 102), ("第一百一十一条", 111), ("第一千一百三十一条", 1131)],
)
def test_articles_have_numbers(article: str, number: int) -> None:
    assert citations.number_of(article) == number


def test_catalogues_and_lists_cite_what_is_law_on_their_days() -> None:
    assert citations.problems(FILES) == []


def test_what_was_not_read_says_so() -> None:
    silent = {short for short in citations.unread(FILES) if "没有核到" not in FILES.laws[short].get("source", "")}
    assert silent == set()


def parameters() -> Iterator[tuple[date, law.Reference]]:
    for texts in law.articles().values():
        yield from texts
    for values in law.fit_instruments().dated.values():
        yield from ((since, reference) for since, provision in values for reference in provision.references)


def test_rules_cite_what_is_law_on_the_day() -> None:
    for since, reference in parameters():
        day = since.isoformat()
        texts = [each for each in FILES.laws.values() if each["title"] == reference.law]
        held = [each for each in texts if each.get("since", each["at"]) <= day < each.get("repealed", "9999-12-31")]
        assert len(held) == 1, (day, reference)
        counts = [count for start, count in sorted(held[0]["texts"].items()) if start <= day]
        assert not counts or max(map(citations.number_of, reference.articles)) <= counts[-1], (day, reference)


def test_services_and_matters_of_the_catalogues_cite_only_these_laws() -> None:
    names = {plain(each["title"]) for each in FILES.laws.values()}
    for code, defined in FILES.matters.items():
        for decision in (defined, *FILES.revisions[code]):
            for text in decision.get("basis") or ():
                assert re.match(r"《([^》]+)》", text)[1] in names, (code, text)  # type: ignore[index]


def test_the_demo_names_documents_in_force_on_the_day() -> None:
    days: dict[str, list[str]] = {}
    whole = list(demo.complete())
    for line in whole:
        if line["type"] == "InstrumentIssued":
            days[line["instrument"]] = [line["at"], "9999-12-31"]
    for line in whole:
        if line["type"] == "InstrumentRepealed":
            days[line["instrument"]][1] = line["at"]
    gone = {
        (line["type"], line["at"], line["instrument"])
        for line in whole
        if line.get("instrument") is not None and not line["type"].startswith("Instrument")
        and not days[line["instrument"]][0] <= line["at"] < days[line["instrument"]][1]
    }  # fmt: skip
    assert gone == set()


@pytest.mark.parametrize(
    ("basis", "says"),
    [
        ({"law": "城乡规划法", "articles": ["第七十一条"]}, "no 第七十一条"),
        ({"law": "环境保护法", "until": "2027-01-01"}, "not in force on all these days"),
        ({"law": "森林法", "articles": ["第二十二条"], "from": "2015-01-01"}, "before its first text that was read"),
        ({"law": "统计法", "articles": ["第五十一条"], "until": "2024-09-13"}, "no 第五十一条"),
        ({"law": "统计法", "articles": ["第五十三条"], "from": "2010-01-01"}, "no 第五十三条"),
        ({"law": "生态环境法典", "until": "2026-01-01"}, "of no day"),
    ],
)
def test_a_citation_that_was_not_law_is_found(basis: dict[str, Any], says: str) -> None:
    assert any(says in sentence for sentence in citations.citation_problems(basis, FILES.laws[basis["law"]]))


def test_the_program_knows_what_the_files_say() -> None:
    known = laws()["主席令第9号（2014）"]
    assert (known.repealed, known.replaced_by, known.reenacted) == (date(2026, 8, 15), "生态环境法典（2026）", True)
    assert len(laws()) == len(FILES.laws)
