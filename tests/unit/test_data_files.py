"""The YAML files that come with the program hold to the schemas that they name; a file from elsewhere is checked."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from registry import data_files
from registry.domain import labels
from tests.support.paths import ROOT
from tests.support.published_folder import DatesAsTexts

FILES = sorted((ROOT / "lists").rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_holds_to_the_schema_that_it_names(file: Path) -> None:
    text = file.read_text("utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named, "its first line names its schema"
    schema = json.loads((file.parent / named[1]).read_text("utf-8"))
    content = json.loads(json.dumps(yaml.load(text, DatesAsTexts)))
    assert list(Draft202012Validator(schema).iter_errors(content)) == []


def test_there_are_files() -> None:
    assert len(FILES) >= 14


def test_a_file_from_elsewhere_is_held_to_the_schema(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("burdens: 7\n", "utf-8")
    with pytest.raises(data_files.UnusableFile) as caught:
        data_files.read_yaml(file, "lists/thesaurus.schema.json")
    assert "不合规定格式" in caught.value.text.zh
    assert "$.burdens" in caught.value.text.en


def test_every_function_that_units_of_the_demo_and_holders_by_law_have_is_named_in_chinese() -> None:
    catalogue = json.loads((ROOT / "lists/catalogue.schema.json").read_text("utf-8"))
    functions = set(
        re.findall(r'"function": \{\s*"enum": \[(.*?)\]', json.dumps(catalogue, ensure_ascii=False))[0].split(", ")
    )
    with (ROOT / "registry/demo/data/organs.csv").open(encoding="utf-8") as file:
        given = {row["function"] for row in csv.DictReader(file)} - {""}
    named = {function.strip('"') for function in functions} | given
    assert len(named) > 35
    assert {function for function in named if not re.search("[一-鿿]", labels.FUNCTION[function].zh)} == set()
