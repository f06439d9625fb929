"""Rows become objects by the names of their columns: whatever their order, and never with one that is not meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from registry.data_files import CHECKOUT
from registry.database.row_objects import as_object, as_objects, as_part


@dataclass(frozen=True)
class Both:
    code: str
    name: str


def test_the_order_of_columns_does_not_matter() -> None:
    assert as_object(Both, {"name": "清溪镇", "code": "town"}) == Both("town", "清溪镇")
    assert as_objects(Both, [{"name": "a", "code": "b"}]) == [Both("b", "a")]


def test_a_column_too_many_or_too_few_is_an_error() -> None:
    with pytest.raises(TypeError):
        as_object(Both, {"name": "a", "code": "b", "level": "town"})
    with pytest.raises(TypeError):
        as_object(Both, {"name": "a"})
    with pytest.raises(KeyError):
        as_part(Both, {"name": "a"})


def test_a_part_of_a_row_is_what_the_class_has() -> None:
    assert as_part(Both, {"total": 3, "name": "a", "code": "b"}) == Both("b", "a")


def test_no_module_makes_an_object_of_a_row_by_position() -> None:
    by_position = re.compile(r"[A-Z]\w*\(\*(row|each|values)[)\[]|row\.values\(\)")
    files = list((CHECKOUT / "registry").rglob("*.py"))
    assert len(files) > 200
    assert [str(file) for file in files if by_position.search(file.read_text("utf-8"))] == []
