"""Published lists that are not as they must be: named with the place and what to do, before anything is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.exchange import published
from tests.support.published_folder import edit


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        (
            "positive/powers.yaml",
            lambda content: content["matters"][0].update(power_kind="fine"),
            "matters[0].power_kind",
        ),
        ("positive/powers.yaml", lambda content: content["matters"][0].update(code="P-LITTERING-PENALTY"), "twice"),
        ("positive/powers.yaml", lambda content: content["matters"][0].update(colour="red"), "colour"),
        ("positive/powers.yaml", lambda content: content["matters"][0]["basis"][0].update(law="某法"), "某法"),
        ("positive/township-duties.yaml", lambda content: content["matters"][0].update(requires=["P-NONE"]), "P-NONE"),
        ("positive/village-duties.yaml", lambda content: content.pop("matters"), "exactly one"),
        ("negative/village-affairs.yaml", lambda content: content.update(instrument="某号"), "某号"),
        ("negative/village-affairs.yaml", lambda content: content.update(closed=True), "closed"),
        ("negative/village-affairs.yaml", lambda content: content["items"][0].update(item="1-2"), "1-2"),
        ("negative/village-affairs.yaml", lambda content: content["items"][0].update(item="2"), "twice"),
        ("negative/village-affairs.yaml", lambda content: content["items"][0].update(matter="D-DUST"), "items[0]"),
        ("negative/village-certificates.yaml", lambda content: content["items"][0].update(matter="C-X"), "C-X"),
        ("negative/village-certificates.yaml", lambda content: content["items"][0].update(matter="D-DUST"), "D-DUST"),
        ("instruments/laws.yaml", lambda content: content["instruments"][0].update(at="2021"), "instruments[0].at"),
    ],
)
def test_a_wrong_file_is_named_with_the_location_and_what_to_do(
    folder: Path, file: str, change: Callable[[Any], None], says: str
) -> None:
    edit(folder / file, change)
    with pytest.raises(published.BadFile, match=re.escape(says)) as caught:
        published.read(folder)
    assert caught.value.code == "bad-list-file"
    assert caught.value.file == file
    assert "docs/reference/published-lists.md" in caught.value.zh
    assert "docs/reference/published-lists.md" in caught.value.en


def test_what_is_no_yaml_is_reported(folder: Path) -> None:
    (folder / "positive/powers.yaml").write_text("matters: [", "utf-8")
    with pytest.raises(published.BadFile, match="YAML"):
        published.read(folder)
