"""The nationwide lists: what the files hold, and whether their terms find real names."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from registry import data_files
from registry.domain import words
from registry.exchange import published
from registry.exchange.published.files import SCHEMAS
from tests.support.paths import DATA

LISTS = data_files.path("lists")
FILES = published.read(LISTS)
NAMES = data_files.own_yaml(DATA / "published_names.yaml")
FORBIDDEN: dict[str, list[str]] = NAMES["forbidden"]
LAWFUL: list[str] = NAMES["lawful"]


def matters(kind: str) -> dict[str, Any]:
    return {code: matter for code, matter in FILES.matters.items() if matter["kind"] == kind}


def codes(file: str) -> list[str]:
    return [matter["code"] for matter in data_files.own_yaml(LISTS / file)["matters"]]


@pytest.mark.parametrize("schema", sorted(SCHEMAS.values()))
def test_schemas_are_schemas_and_closed(schema: str) -> None:
    content = json.loads((LISTS / schema).read_text("utf-8"))
    Draft202012Validator.check_schema(content)

    def objects(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            named = cast("dict[str, Any]", part)
            if named.get("type") == "object":
                yield named
            for value in named.values():
                yield from objects(value)
        elif isinstance(part, list):
            for value in cast("list[Any]", part):
                yield from objects(value)

    assert all(part["additionalProperties"] is False for part in objects(content))


def test_there_is_what_was_requested() -> None:
    duties = matters("duty")
    assert len(codes("positive/township-duties.yaml")) >= 60
    assert len(codes("positive/village-duties.yaml")) >= 30
    assert len(matters("power")) >= 55
    assert len({duty["category"] for duty in duties.values()}) >= 11
    assert {matter["power_kind"] for matter in matters("power").values()} == set(words.POWER_KINDS)
    assert sum("requires" in duty for duty in duties.values()) >= 40
    assert sum("needs" in duty for duty in duties.values()) >= 20


# What townships and villages do though no law says so; the files say why.
NOT_BY_LAW = {"D-SERVICE-CENTRE", "D-DROWNING", "D-V-DROWNING"}


def test_every_matter_says_its_basis_and_every_power_who_holds_it() -> None:
    for code, matter in FILES.matters.items():
        bases = [line["basis"] for line in (matter, *FILES.revisions[code]) if line.get("basis")]
        assert bool(bases) == (code not in NOT_BY_LAW), matter
        assert all(text.startswith("《") for basis in bases for text in basis), matter
    for power in matters("power").values():
        assert power["lawful_holders"], power
        assert not [holder for holder in power["lawful_holders"] if holder["level"] == "village"]


def test_a_village_committee_is_no_organ_so_its_duties_name_no_lawful_holder() -> None:
    for code in codes("positive/village-duties.yaml"):
        assert "lawful_holders" not in FILES.matters[code]
        assert "requires" not in FILES.matters[code]


def test_names_and_aliases_are_distinguished() -> None:
    for kind in ("duty", "power", "certificate"):
        names = Counter(matter["name"] for matter in matters(kind).values())
        assert [name for name, count in names.items() if count > 1] == []
    aliases = Counter(
        alias for matter in matters("certificate").values() for alias in {matter["name"], *matter["aliases"]}
    )
    assert [alias for alias, count in aliases.items() if count > 1] == []


def test_numbers_of_laws_carry_the_year_for_they_begin_anew_every_five() -> None:
    for number, issued in FILES.instruments.items():
        if number.startswith("主席令"):
            year = re.fullmatch(r"主席令第\d+号（(\d{4})）", number)
            assert year is not None, number
            assert int(year[1]) <= int(issued["at"][:4]), number


def test_certificates_are_those_of_the_documents_and_each_says_who_issues_it_instead() -> None:
    assert [item["name"] for item in FILES.items["CERTIFICATES-NEGATIVE"].values()] == NAMES["certificates"][
        "民发〔2020〕20号"
    ]
    assert [item["name"] for item in FILES.items["CERTIFICATES-NEGATIVE-42"].values()] == NAMES["certificates"][
        "鄂民政发〔2020〕32号"
    ]
    assert FILES.lists["CERTIFICATES-NEGATIVE-42"]["scope"] == "42"
    for certificate in matters("certificate").values():
        assert len(certificate["alternative"]) > 8
        assert not re.search("村民委员会|居民委员会|村委会", certificate["issuer"])


def terms(code: str) -> dict[str, list[str]]:
    return {name: item["terms"] for name, item in FILES.items[code].items()}


def items_matching(name: str, code: str = "VILLAGE-NEGATIVE") -> set[str]:
    """The items that find the name, as the contract matches: a term contained in it."""
    return {item for item, words_ in terms(code).items() if any(term in name for term in words_)}


def test_there_are_names_enough() -> None:
    names = [name for text in FORBIDDEN.values() for name in text]
    assert len(set(names)) == len(names) >= 60
    assert len(set(LAWFUL)) == len(LAWFUL) >= 60


@pytest.mark.parametrize("item", FORBIDDEN)
def test_terms_find_names_under_which_the_forbidden_goes(item: str) -> None:
    assert [name for name in FORBIDDEN[item] if item not in items_matching(name)] == []


def test_terms_leave_what_villages_rightly_do_alone() -> None:
    assert {name: items_matching(name) for name in LAWFUL if items_matching(name)} == {}
    assert {name for name in LAWFUL if items_matching(name, "COMMUNITY-NEGATIVE")} == set()


def test_no_village_duty_of_the_catalogue_is_forbidden() -> None:
    for code in codes("positive/village-duties.yaml"):
        for name in (FILES.matters[code]["name"], *FILES.matters[code].get("aliases", [])):
            assert items_matching(name) | items_matching(name, "COMMUNITY-NEGATIVE") == set(), name


def test_what_both_documents_forbid_is_found_by_the_same_terms() -> None:
    first = {item["name"]: item["terms"] for item in FILES.items["VILLAGE-NEGATIVE"].values()}
    second = {item["name"]: item["terms"] for item in FILES.items["COMMUNITY-NEGATIVE"].values()}
    common = set(first) & set(second)
    assert common == {"行政执法", "拆迁拆违", "招商引资"}
    assert all(first[name] == second[name] for name in common)


def test_each_term_adds_something() -> None:
    for code in FILES.items:
        for item in FILES.items[code].values():
            for term in item.get("terms", ()):
                assert not [other for other in item["terms"] if other != term and other in term], (item["name"], term)


def test_a_service_asks_for_nothing_that_it_brings_itself() -> None:
    """Handed in once: what a service includes is not to be brought along."""
    for code, service in matters("service").items():
        for included in service["includes"]:
            matter = FILES.matters[included]
            called = {matter["name"], *matter.get("aliases", ())} | {
                matter["name"].removesuffix("签发").removesuffix("登记")
            }
            wanted = [one for one in service["materials"] for name in called if len(name) > 2 and name in one]
            assert wanted == [], (code, included)
