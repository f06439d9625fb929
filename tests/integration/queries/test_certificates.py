"""What the lists in force say about certificates in one village: statuses, whose words count, and when they change."""

from __future__ import annotations

import asyncio
import json
import weakref
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cachetools import LRUCache
from hypothesis import given
from hypothesis import strategies as st

from registry import database
from registry.queries import certificates
from registry.queries.certificates import Answer, Certificate, UnknownVillage, cache
from registry.recording.unit_of_work import record
from tests.oracle import answers, validity
from tests.oracle.fold import History, Line
from tests.support import journals, random_decisions, random_world
from tests.support.drawing import examples
from tests.support.random_decisions import DECISIONS
from tests.support.random_world import World, base
from tests.support.registry_under_test import Registry
from tests.support.worked_cases import WORKED_CASES

VILLAGE = "420684101201"
START = "2020-01-01"


def ask(registry: Registry, village: str, text: str, as_of: str) -> Answer:
    return registry.runner.run(certificates.answer(registry.pool, village, text, date.fromisoformat(as_of)))


def listed(registry: Registry, village: str, as_of: str) -> tuple[Certificate, ...]:
    return registry.runner.run(certificates.certificates_of(registry.pool, village, date.fromisoformat(as_of)))


# ------------------------------------------------------------------------------------------------- as the contract says


@pytest.mark.parametrize(
    "path", [path for path in WORKED_CASES if '"certificates"' in path.with_suffix(".expect.json").read_text()]
)
def test_the_cases(registry: Registry, path: Path) -> None:
    assert registry.import_lines(path.read_bytes().splitlines(keepends=True)) == []
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    names = {line["matter"]: line["name"] for line in lines if line["type"] == "MatterDefined"}
    for question in json.loads(path.with_suffix(".expect.json").read_bytes())["ask"]:
        for village, matter, status in question.get("certificates", ()):
            answer = ask(registry, village, names[matter], question["as_of"])
            assert (answer.matter, answer.status) == (matter, status)


WEIGHTS = {random_decisions.adopt: 12, random_decisions.enter: 8, random_decisions.define: 6}
CHOICES = [choice for choice in DECISIONS for _ in range(WEIGHTS.get(choice[0], 1))]


@st.composite
def about_certificates(draw: st.DrawFn) -> list[Line]:
    """A world in which lists of certificates for villages come and go."""
    seeds = draw(journals.numbers(40))
    world = base(Random(seeds[0]))
    for seed in seeds[1:]:
        add_decision(world, Random(seed))
    return world.lines


def add_decision(world: World, random: Random) -> None:
    make, _, needed = random.choice(CHOICES)
    there = random_decisions.delegations(world) if needed == "delegation" else world.ids[needed] if needed else True
    if make is random_decisions.allot:
        there = world.ids["DutyDelegated"] or world.ids["PowerGranted"]
    if make is random_decisions.define:
        random_world.define(world, random, "certificate")
    elif make is random_decisions.adopt or not there:
        adopt(world, random)
    else:
        make(world, random)


def adopt(world: World, random: Random) -> None:
    negative = random.random() < 0.5
    stated: Line = {"covers": "certificate", "audience": "village", "title": "清单"}
    stated["polarity"] = "negative" if negative else "positive"
    stated["scope"] = random_world.maybe(random, 0.8, ("4206", "420684", "420684-water", "420684101", VILLAGE))
    stated["instrument"] = random.choice(world.ids["instrument"])
    at = min(random.choice(random_world.DAYS), random.choice(random_world.DAYS))
    world.new("list", "清单", lambda code: world.add("ListAdopted", at, list=code, **stated))
    for _ in range(random.choice((0, 1, 2, 3))):
        random_decisions.enter(world, random, world.ids["list"][-1], at)


@examples(25)
@given(journal=about_certificates(), as_of=st.sampled_from(random_world.QUERY_DAYS))
def test_each_certificate_stands_as_the_oracle_says(registry: Registry, journal: list[Line], as_of: str) -> None:
    lines = [journals.encoded(line) for line in journal]
    recorded = validity.judge(lines).recorded
    registry.import_lines([journals.encoded(line) for line in recorded])
    snapshot = History(recorded).on(as_of)
    villages = [code for code, unit in snapshot.units.items() if unit.level == "village"]
    for village in villages:
        results = {one.matter: one.status for one in listed(registry, village, as_of) if one.matter}
        expected = {
            code: answers.certificate(snapshot, village, code)
            for code, matter in snapshot.matters.items()
            if matter.kind == "certificate"
        }
        assert results == {code: status for code, status in expected.items() if status != "UNLISTED"}


# ---------------------------------------------------------------------------------------------------- whose words count


def world(*lines: Line) -> list[bytes]:
    """A province with a county and a village, two documents, and what else is said."""
    units = [
        ("42", "湖北省", "province", "government", None),
        ("420684", "宜城市", "county", "government", "42"),
        ("420684101", "板桥店镇", "township", "government", "420684"),
        (VILLAGE, "东湾村", "village", "village", "420684101"),
    ]
    made: list[Line] = [
        {"type": "UnitRegistered", "at": "2000-01-01", "unit": code, "name": name, "level": level, "kind": kind}
        | ({"parent": parent} if parent else {})
        for code, name, level, kind, parent in units
    ]
    made += [
        {"type": "InstrumentIssued", "at": START, "instrument": number, "title": "通知", "kind": "notice"}
        for number in ("国发〔2020〕1号", "鄂发〔2020〕1号", "宜发〔2020〕1号")
    ]
    return [json.dumps(line, ensure_ascii=False).encode() for line in (*made, *lines)]


def matter(code: str, name: str, **more: Any) -> Line:
    return {"type": "MatterDefined", "at": START, "matter": code, "kind": "certificate", "name": name, **more}


def adopted(code: str, polarity: str, scope: str | None, instrument: str, at: str = START, **more: Any) -> Line:
    stated: Line = {"type": "ListAdopted", "at": at, "list": code, "title": f"清单{code}", "polarity": polarity}
    stated |= {"covers": "certificate", "audience": "village", "instrument": instrument, **more}
    return stated | ({"scope": scope} if scope else {})


def item(code: str, name: str, at: str = START, number: str = "1", **more: Any) -> Line:
    return {"type": "ListItemEntered", "at": at, "list": code, "item": number, "name": name, **more}


def test_the_nearest_list_speaks_and_what_it_leaves_open_the_next_one_says(registry: Registry) -> None:
    lines = world(
        matter("C-DOG", "养犬证明", issuer="公安机关", alternative="办养犬登记"),
        adopted("N", "negative", None, "国发〔2020〕1号"),
        item("N", "居民养犬证明", matter="C-DOG", alternative="全国的办法"),
        adopted("P", "negative", "42", "鄂发〔2020〕1号"),
        item("P", "养犬证明", matter="C-DOG", issuer="省里说的机关"),
        adopted("X", "negative", "420684", "宜发〔2020〕1号"),
        item("X", "养狗证明", matter="C-DOG"),
    )
    assert registry.import_lines(lines) == []
    answer = ask(registry, VILLAGE, "养狗证明", "2026-01-01")
    assert (answer.status, answer.matter, answer.list, answer.item) == ("FORBIDDEN", "C-DOG", "X", "1")
    assert answer.issuer == "省里说的机关"
    assert answer.alternative == "全国的办法"
    assert answer.basis == ("宜发〔2020〕1号", "鄂发〔2020〕1号", "国发〔2020〕1号")


def test_negative_goes_before_positive_however_near(registry: Registry) -> None:
    lines = world(
        matter("C-KIN", "亲属关系证明"),
        adopted("N", "negative", None, "国发〔2020〕1号"),
        item("N", "亲属关系证明", matter="C-KIN"),
        adopted("X", "positive", "420684", "宜发〔2020〕1号"),
        item("X", "亲属关系证明", matter="C-KIN"),
        item("X", "亲属关系类证明", number="2", terms=["亲属关系"]),
        item("X", "亲属关系证明", number="3", category="户籍"),
    )
    assert registry.import_lines(lines) == []
    for text in ("亲属关系证明", "亲属关系", "证明我和我爸的亲属关系", "qinshu guanxi zhengming", "qsgxzm"):
        assert ask(registry, VILLAGE, text, "2026-01-01").status == "FORBIDDEN"


def test_a_name_that_an_allowed_and_a_forbidden_certificate_share_is_the_forbidden_ones(registry: Registry) -> None:
    lines = world(
        matter("C-A", "房屋情况证明", aliases=["房子证明"]),
        matter("C-F", "房屋产权证明", aliases=["房子证明"]),
        adopted("N", "negative", None, "国发〔2020〕1号"),
        item("N", "房屋产权证明", matter="C-F"),
        adopted("X", "positive", "420684", "宜发〔2020〕1号"),
        item("X", "房屋情况证明", matter="C-A"),
    )
    assert registry.import_lines(lines) == []
    assert ask(registry, VILLAGE, "房子证明", "2026-01-01").status == "FORBIDDEN"


def test_items_without_a_matter_count_by_their_name_and_terms(registry: Registry) -> None:
    lines = world(
        adopted("X", "positive", "420684", "宜发〔2020〕1号"),
        item("X", "蚕茧产量证明", terms=["蚕茧"]),
        item("X", "救助类证明", number="2", category="救助"),
        matter("C-POOR", "家庭经济困难证明", category="救助", materials=["户口簿"], procedure="当场办理。"),
    )
    assert registry.import_lines(lines) == []
    answer = ask(registry, VILLAGE, "卖蚕茧要个证明", "2026-01-01")
    assert (answer.status, answer.matter, answer.name, answer.item) == ("ALLOWED", None, "蚕茧产量证明", "1")
    answer = ask(registry, VILLAGE, "贫困证明", "2026-01-01")
    assert (answer.status, answer.matter, answer.item) == ("ALLOWED", "C-POOR", "2")
    assert (answer.materials, answer.procedure) == (("户口簿",), "当场办理。")
    assert "户口簿" in certificates.sentence(answer, "zh")


def test_what_is_on_no_list_is_reported_with_its_reason(registry: Registry) -> None:
    area = matter("C-AREA", "房屋面积证明")
    assert registry.import_lines(world(area)) == []
    assert ask(registry, VILLAGE, "房屋面积证明", "2026-01-01").reason == "no-list"
    assert ask(registry, VILLAGE, "蓝色大象证明", "2026-01-01").status == "UNKNOWN"
    opened_list = adopted("X", "positive", "420684", "宜发〔2020〕1号", closed=False)
    assert registry.import_lines(world(area, opened_list)) == []
    assert ask(registry, VILLAGE, "房屋面积证明", "2026-01-01").reason == "open-list"
    assert registry.import_lines(world(area, adopted("X", "positive", "420684", "宜发〔2020〕1号"))) == []
    answer = ask(registry, VILLAGE, "房屋面积证明", "2026-01-01")
    assert (answer.status, answer.matter, answer.reason) == ("UNLISTED", "C-AREA", "closed-list")
    assert answer.basis == ("宜发〔2020〕1号",)
    nobody_knows = ask(registry, VILLAGE, "蓝色大象证明", "2026-01-01")
    assert (nobody_knows.status, nobody_knows.matter, nobody_knows.basis) == ("UNLISTED", None, ("宜发〔2020〕1号",))


# ------------------------------------------------------------------------------------------------------------ and when


def test_a_list_counts_from_its_day_and_once_another_process_has_recorded_it(registry: Registry) -> None:
    assert registry.import_lines(world(matter("C-DOG", "养犬证明"))) == []
    assert ask(registry, VILLAGE, "养犬证明", "2026-01-01").status == "UNLISTED"
    later = adopted("N", "negative", None, "国发〔2020〕1号", at="2023-01-01")
    record(registry.connection, [later, item("N", "养犬证明", at="2023-01-01", matter="C-DOG")])
    assert ask(registry, VILLAGE, "养犬证明", "2022-12-31").status == "UNLISTED"
    assert ask(registry, VILLAGE, "养犬证明", "2023-01-01").status == "FORBIDDEN"
    record(registry.connection, [{"type": "ListItemWithdrawn", "at": "2024-01-01", "list": "N", "item": "1"}])
    assert ask(registry, VILLAGE, "养犬证明", "2024-01-01").status == "UNLISTED"
    record(registry.connection, [{"type": "MatterRevised", "at": "2025-01-01", "matter": "C-DOG", "name": "遛狗证明"}])
    assert ask(registry, VILLAGE, "遛狗证明", "2025-01-01").matter == "C-DOG"
    assert ask(registry, VILLAGE, "养犬证明", "2024-12-31").matter == "C-DOG"
    record(registry.connection, [matter("C-NEW", "蚕茧产量证明")])
    assert ask(registry, VILLAGE, "蚕茧产量证明", "2025-01-01").matter == "C-NEW"


def test_what_the_log_said_before_is_let_go(registry: Registry) -> None:
    assert registry.import_lines(world(matter("C-DOG", "养犬证明"))) == []
    old: weakref.ref[Any] | None = None
    for number in range(12):
        record(registry.connection, [matter(f"C-{number}", f"第{number}种证明")])
        registry.connection.commit()
        ask(registry, VILLAGE, "养犬证明", "2020-06-01")
        known = registry.runner.run(cache.known(registry.pool, date(2020, 6, 1)))
        old = old or weakref.ref(known)
        del known
    assert old is not None
    assert old() is None


def test_what_is_kept_for_villages_is_bounded_by_its_size_on_all_days_together(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"42068410{number}201" for number in range(2, 8)]
    lines = list[Line]()
    for code in codes:
        new = {"type": "UnitRegistered", "at": "2000-01-01", "kind": "government", "level": "township"}
        lines += [
            {**new, "unit": code[:9], "name": f"{code[8]}镇", "parent": "420684"},
            {**new, "unit": code, "name": f"{code[8]}村", "parent": code[:9], "level": "village", "kind": "village"},
            adopted(f"L{code}", "negative", code[:9], "宜发〔2020〕1号"),
            item(f"L{code}", f"第{code[8]}种证明", terms=[f"第{code[8]}种证明"]),
        ]
    assert registry.import_lines(world(*lines)) == []

    def standing(code: str, day: date) -> Any:
        return registry.runner.run(cache.village(registry.pool, code, day))

    one, several = cache.size(standing(codes[0], date(2026, 1, 1))), 4
    kept = LRUCache[Any, Any](several * one, getsizeof=cache.size)
    monkeypatch.setattr("registry.queries.certificates.cache._villages", kept)
    days = [date(2026, 2, 1), date(2026, 2, 2)]
    seen = [weakref.ref(standing(code, day)) for code in codes for day in days]
    assert sum(each() is not None for each in seen) == several
    assert standing(codes[-1], days[1]) is seen[-1]()
    assert [one.name for one in standing(codes[0], days[0]).certificates.certificates] == ["第2种证明"]


@pytest.mark.parametrize("village", ["", "420684", "420684101", "nowhere", "9" * 500, "x'; --"])
def test_what_is_no_village_is_reported(registry: Registry, village: str) -> None:
    assert registry.import_lines(world()) == []
    with pytest.raises(UnknownVillage) as refused:
        ask(registry, village, "养犬证明", "2026-01-01")
    assert refused.value.zh
    assert refused.value.en
    with pytest.raises(UnknownVillage):
        ask(registry, VILLAGE, "养犬证明", "1999-12-31")


def test_many_ask_at_once(registry: Registry, database_url: str) -> None:
    with database.connect(database_url) as connection:
        record(connection, [json.loads(line) for line in world(matter("C-DOG", "养犬证明"))])

    async def all_at_once() -> set[str | None]:
        async with await database.pool(database_url) as pool:
            query = [certificates.answer(pool, VILLAGE, "养犬证明", date(2026, 1, day % 28 + 1)) for day in range(200)]
            return {answer.matter for answer in await asyncio.gather(*query)}

    assert registry.runner.run(all_at_once()) == {"C-DOG"}
