"""Hooks of mkdocs (mkdocs.yml): what the documents link to in the checkout becomes part of the site.

A link out of docs/ leads to a copy under `source/` in the site; a folder leads to a page that lists its files.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any, Final, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[1]
LINK: Final = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)\s#]+)")
# What the theme fetches for searching from a disk, and our own script for it.
FETCHED: Final = "https://unpkg.com/iframe-worker/shim"
OWN: Final = "assets/offline-search.js"
# The sections in the order in which a reader meets them; folders of docs/.
SECTIONS: Final = {
    "tutorial": "上手 Tutorial",
    "howto": "怎样做 How to",
    "reference": "查阅 Reference",
    "explanation": "为什么 Explanation",
    "adr": "决策记录 Decisions",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the documents link to outside docs/, each file under `source/` and its path in the checkout."""
    waiting = [(f"docs/{file.src_uri}", file.content_string) for file in files.documentation_pages()]
    while waiting:
        for target in sorted(_outside(*waiting.pop())):
            path = ROOT / target
            if files.get_file_from_path(_address(target)) is not None:
                continue
            if path.is_dir():
                names = sorted(one.name for one in path.iterdir() if one.is_file())
                listing = "\n".join([f"# {target}", "", *(f"- [{name}]({path.name}/{name})" for name in names)])
                files.append(File.generated(config, _address(target), content=listing))
                waiting.append((f"{target}.md", listing))
                continue
            files.append(File.generated(config, _address(target), abs_src_path=os.fspath(path)))
            if path.suffix == ".md":
                waiting.append((target, path.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Lead links out of docs/ to the copies in the site."""
    here = page.file.src_uri
    source = here.removeprefix("source/") if here.startswith("source/") else f"docs/{here}"

    def inside(match: re.Match[str]) -> str:
        target = _target(source, match[1])
        if not (ROOT / target).exists():
            return match[1]
        return posixpath.relpath(_address(target), posixpath.dirname(here) or ".")

    return LINK.sub(inside, markdown)


def on_nav(nav: Navigation, **_: Any) -> Navigation:
    """Put the sections in their order and name them; copies of the checkout's files are not among them."""
    all_items = cast("list[Any]", nav.items)  # pyright: ignore[reportUnknownMemberType]
    sections = {item.title.lower(): item for item in all_items if isinstance(item, Section)}
    pages = [item for item in all_items if isinstance(item, Page)]
    first = [page for page in pages if page.is_homepage]
    others = [page for page in pages if not page.is_homepage]
    for name, title in SECTIONS.items():
        sections[name].title = title
    nav.items = [*first, *(sections[name] for name in SECTIONS), *others]
    return nav


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Take the script by which a page searches from a disk from the site, not from elsewhere."""
    return output.replace(FETCHED, posixpath.relpath(OWN, posixpath.dirname(page.url) or "."))


def on_post_template(output_content: str, **_: Any) -> str:
    """The same for what is no page of the documents."""
    return output_content.replace(FETCHED, OWN)


def _target(source: str, link: str) -> str:
    """The path in the checkout to which a file of the checkout links."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), link))


def _outside(source: str, text: str) -> set[str]:
    """The paths in the checkout, outside docs/, to which a file of the checkout links."""
    targets = {_target(source, link) for link in LINK.findall(text)}
    return {target for target in targets if not target.startswith("docs/") and (ROOT / target).exists()}


def _address(target: str) -> str:
    """Where a file or folder of the checkout is in the site."""
    if target.startswith("docs/"):
        return target.removeprefix("docs/")
    return f"source/{target}.md" if (ROOT / target).is_dir() else f"source/{target}"
