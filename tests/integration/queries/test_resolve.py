"""Units by code or name, and matters, lists and rules by code: what a question names, or a typed error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from registry.queries.units import resolve
from registry.relations.two_times import NEWEST
from tests.support.registry_under_test import Registry, as_of_known


def _unit(code: str, name: str, parent: str | None, *aliases: str) -> bytes:
    above = f',"parent":"{parent}"' if parent else ""
    listed = ",".join(f'"{alias}"' for alias in aliases)
    return (
        f'{{"type":"UnitRegistered","at":"2020-01-01","unit":"{code}","name":"{name}","level":"village",'
        f'"kind":"village","aliases":[{listed}]{above}}}'
    ).encode()


JOURNAL = [
    '{"type":"UnitRegistered","at":"2020-01-01","unit":"T1","name":"北镇","level":"township","kind":"government"}'.encode(),
    '{"type":"UnitRegistered","at":"2020-01-01","unit":"T2","name":"南镇","level":"township","kind":"government"}'.encode(),
    _unit("V1", "幸福村", "T1"),
    _unit("V2", "幸福村", "T2"),
    _unit("V3", "麻柳村", "T2", "老麻柳"),
    '{"type":"UnitRenamed","at":"2022-01-01","unit":"V3","name":"新麻柳村"}'.encode(),
    b'{"type":"UnitDissolved","at":"2023-01-01","unit":"V1"}',
    b'{"type":"InstrumentIssued","at":"2020-01-01","instrument":"I","title":"I","kind":"notice"}',
    b'{"type":"MatterDefined","at":"2020-01-01","matter":"M","kind":"form","name":"M"}',
    b'{"type":"ListAdopted","at":"2020-01-01","list":"L","title":"L","polarity":"negative","covers":"form","audience":"village","instrument":"I"}',
]


@pytest.fixture(scope="module")
def registry(registry: Registry) -> Registry:
    assert registry.import_lines(JOURNAL) == []
    return registry


@pytest.mark.parametrize(
    ("day", "text", "code"),
    [
        ("2021-01-01", "V1", "V1"),
        ("2024-01-01", "V1", "V1"),  # dissolved: its code still means it
        ("2021-01-01", "麻柳村", "V3"),
        ("2021-01-01", "老麻柳", "V3"),
        ("2023-01-01", "新麻柳村", "V3"),
        ("2024-01-01", "幸福村", "V2"),  # the other one of the name is no more
    ],
)
def test_a_unit_is_resolved_by_its_code_or_by_a_name_that_it_alone_bears(
    registry: Registry, day: str, text: str, code: str
) -> None:
    as_of = as_of_known(day, NEWEST)
    assert registry.runner.run(resolve.resolve_unit(registry.pool, text, as_of)) == code
    assert resolve.resolve_unit_now(registry.connection, text, as_of) == code


@pytest.mark.parametrize(
    ("day", "text", "candidates"),
    [
        ("2021-01-01", "999999", []),
        ("2019-01-01", "V1", []),  # not yet registered
        ("2023-01-01", "麻柳村", ["V3"]),  # its former name: it is offered, not taken
        ("2021-01-01", "麻柳", ["V3"]),
        ("2021-01-01", "%", []),
        ("2021-01-01", "\0", []),
        ("2021-01-01", "", []),
    ],
)
def test_an_unknown_unit_is_an_error_with_units_of_such_a_name(
    registry: Registry, day: str, text: str, candidates: list[str]
) -> None:
    as_of = as_of_known(day, NEWEST)
    for attempt in (
        lambda: registry.runner.run(resolve.resolve_unit(registry.pool, text, as_of)),
        lambda: resolve.resolve_unit_now(registry.connection, text, as_of),
    ):
        with pytest.raises(resolve.UnknownUnit) as raised:
            attempt()
        assert raised.value.code == "unknown-unit"
        assert [each.code for each in raised.value.candidates] == candidates
        assert all(each in raised.value.text.zh and each in raised.value.text.en for each in candidates)


def test_a_name_that_several_units_bear_names_them_with_the_unit_above(registry: Registry) -> None:
    with pytest.raises(resolve.AmbiguousUnit) as raised:
        registry.runner.run(resolve.resolve_unit(registry.pool, "幸福村", as_of_known("2021-01-01", NEWEST)))
    assert [(each.code, each.above) for each in raised.value.candidates] == [("V1", "北镇"), ("V2", "南镇")]
    assert "V1（北镇幸福村）" in raised.value.text.zh
    assert "V2 (幸福村, 南镇)" in raised.value.text.en


@pytest.mark.parametrize(
    ("need", "known", "too_early", "error"),
    [
        (resolve.need_unit, "V1", [("V1", "2019-12-31")], resolve.UnknownUnit),
        (resolve.need_matter, "M", [], resolve.UnknownMatter),  # a matter need only be known
        (resolve.need_list, "L", [("L", "2019-12-31")], resolve.UnknownList),
    ],
)
def test_a_code_is_needed_as_of_a_day(
    registry: Registry,
    need: Callable[..., Awaitable[str]],
    known: str,
    too_early: list[tuple[str, str]],
    error: type[resolve.UnknownName],
) -> None:
    async def ask(code: str, day: str) -> str:
        return await need(registry.pool, code, as_of_known(day, NEWEST))

    assert registry.runner.run(ask(known, "2020-01-01")) == known
    for code, day in (*too_early, ("no such", "2024-01-01"), ("\0", "2024-01-01")):
        with pytest.raises(error) as raised:
            registry.runner.run(ask(code, day))
        texts: Any = raised.value.text
        assert code in texts.zh
        assert code in texts.en


def test_a_rule_is_one_of_the_contracts() -> None:
    assert resolve.need_rule("level-skip") == "level-skip"
    with pytest.raises(resolve.UnknownRule, match="level-skip"):
        resolve.need_rule("no-such-rule")
