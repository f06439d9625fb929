"""The documents as a site: it builds without a warning, is whole on a disk, and every page can be reached."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import DOCS, ROOT

SECTIONS = ["tutorial", "howto", "reference", "explanation", "adr"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs-site` builds it; a link or an anchor that leads nowhere stops it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_the_site_takes_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert {page.name for page in pages} >= {"index.html", "journal.html", "first-hour.html"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        taken = re.findall(r"<(?:script|img|iframe|source)[^>]+src=\"?([^\"\s>]+)", text)
        taken += re.findall(r"<link[^>]+rel=\"?(?:stylesheet|icon|preload|modulepreload)[^>]+href=\"?([^\"\s>]+)", text)
        assert taken
        assert not [address for address in taken if "//" in address], page
    assert not list(site.rglob("*.woff*"))


def test_the_site_carries_what_the_documents_name_in_the_checkout(site: Path) -> None:
    assert (site / "source/graphql/schema.graphql").read_bytes() == (ROOT / "graphql/schema.graphql").read_bytes()
    assert (site / "source/CONTRIBUTING.html").exists()
    assert (site / "reference/openapi.json").exists()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_page_is_named_in_the_index_of_its_section(section: str) -> None:
    index = (DOCS / section / "index.md").read_text(encoding="utf-8")
    pages = {file.name for file in (DOCS / section).glob("*.md")} - {"index.md"}
    assert pages - set(re.findall(r"[\w.-]+\.md", index)) == set()


def test_the_first_page_leads_to_every_section() -> None:
    first = (DOCS / "index.md").read_text(encoding="utf-8")
    assert all(f"]({section}/" in first for section in SECTIONS)
    assert "](glossary.md)" in first


def test_documents_name_no_package_registry() -> None:
    hosts = re.compile(r"py[p]i\.org|python[h]osted|npm[j]s\.|registry\.[n]pm|[d]ocker\.io", re.IGNORECASE)
    files = [*DOCS.rglob("*.*"), *ROOT.glob("*.md"), *ROOT.glob("*.yml"), *(ROOT / ".github").rglob("*.*")]
    assert files
    assert not [
        file
        for file in files
        if file.suffix not in (".json", ".png") and hosts.search(file.read_text(encoding="utf-8"))
    ]


# The guides that lead through adding something name files that are to be made.
NAMING = sorted(page for page in DOCS.rglob("*.md") if not page.name.startswith("add-a-"))


@pytest.mark.parametrize("page", NAMING, ids=lambda page: str(page.relative_to(DOCS)))
def test_files_that_a_document_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/.-])((?:registry|tests|lists|graphql|bench|tools|docs)/[\w./-]+\.\w+)", text))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_files_that_the_program_names_in_the_documents_exist() -> None:
    files = [*(ROOT / "registry").rglob("*.py"), *(ROOT / "lists").rglob("*.yaml")]
    named = {name for file in files for name in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))}
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()
