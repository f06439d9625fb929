"""Units and matters are found as their names sound, by full pinyin and by first letters; on a day, as known then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from registry.queries import sounds
from registry.relations.two_times import NEWEST
from tests.support.registry_under_test import Registry, as_of_known, open_registry
from tests.support.worlds import COUNTY, decision, line, unit


@pytest.fixture(scope="module")
def registry(module_database: Callable[[], str]) -> Iterator[Registry]:
    names = {"renamed": "宜城市水务局", "tax": "宜城市税务局", "long": "长乐县", "service": "重庆行政服务中心"}
    journal = [*COUNTY]
    journal += [
        unit(code, "county", "department", "4206", "2020-01-01") | {"name": name} for code, name in names.items()
    ]
    journal.append(unit("near", "village", "village", "town", "2020-01-01") | {"name": "水务局村"})
    journal.append(decision("UnitRenamed", "2022-01-01", unit="renamed", name="宜城市水利和湖泊局"))
    for code, name in (("D-FOREST", "森林防灭火"), ("D-DROUGHT", "防汛抗旱")):
        journal.append(decision("MatterDefined", "2000-01-01", matter=code, kind="duty", name=name))
    with open_registry(module_database()) as opened:
        assert opened.import_lines(map(line, journal)) == []
        yield opened


def names_of(registry: Registry, text: str, day: str = "2021-01-01", known: int = NEWEST) -> list[str]:
    return [one.name for one in registry.runner.run(sounds.units(registry.pool, as_of_known(day, known), text, 10))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("shuiwuju", ["宜城市水务局", "宜城市税务局"]),
        ("Shui Wu Ju", ["宜城市水务局", "宜城市税务局"]),
        ("swj", ["宜城市水务局", "宜城市税务局"]),
        ("ycsswj", ["宜城市水务局", "宜城市税务局"]),
        ("yichengshishuiw", ["宜城市水务局", "宜城市税务局"]),  # the last is only begun
        ("changlexian", ["长乐县"]),
        ("changyue", ["长乐县"]),  # read in two ways, each of them
        ("zlx", ["长乐县"]),
        ("chongqingxingzheng", ["重庆行政服务中心"]),
        ("fwzx", ["重庆行政服务中心"]),
        ("zx", []),  # too short to mean anything
        ("shuijuwu", []),
        ("水务局", []),  # by its name it is found otherwise
        ("%_%", []),
    ],
)
def test_a_unit_above_villages_is_found_as_its_name_sounds(registry: Registry, text: str, names: list[str]) -> None:
    assert names_of(registry, text) == names


def test_it_is_found_by_the_name_of_the_day_as_known_then(registry: Registry) -> None:
    assert names_of(registry, "shuilihehupoju") == []
    assert names_of(registry, "shuilihehupoju", "2022-06-01") == ["宜城市水利和湖泊局"]
    first = registry.connection.execute("SELECT min(position) FROM log.decision WHERE type = 'UnitRenamed'").fetchone()
    registry.connection.rollback()
    assert first is not None
    assert names_of(registry, "shuilihehupoju", "2022-06-01", first[0] - 1) == []


def test_a_matter_is_found_as_its_name_sounds(registry: Registry) -> None:
    def codes(text: str) -> list[str]:
        moment = as_of_known("2021-01-01", NEWEST)
        return [one.code for one in registry.runner.run(sounds.matters(registry.pool, moment, text, 10))]

    assert codes("fangxun") == ["D-DROUGHT"]
    assert codes("slfmh") == ["D-FOREST"]
    assert codes("miehuo") == ["D-FOREST"]
    assert codes("fangkong") == []


def test_the_index_spells_each_character_as_the_program_does(registry: Registry) -> None:
    """What the one has and the other has not would be looked for, and not be there."""
    characters = [bytes([high, low]).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFA)]
    rows = registry.connection.execute(
        "SELECT c, quanze.sounds(ARRAY[c || '局']) FROM unnest(%s::text[]) c", (characters,)
    ).fetchall()
    registry.connection.rollback()
    wrong = [
        letter
        for letter, pairs in rows
        for sound in sounds.readings(letter)
        if not {*sounds.patterns(f"{sound}ju")[0].split(), f"{sound[0]}j"} <= {*pairs}
    ]
    assert len(rows) > 3000
    assert wrong == []
