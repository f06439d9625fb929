"""Barriers on a page, as axe-core finds them: contrast once for each way in which text looks, all else everywhere.

A way in which text looks that had enough contrast on one page has it on the next, for all that contrast depends on is
in it; one that has not is found on every page. Of a table of two thousand cells most look alike, and to judge the
contrast of each took two thirds of all that axe did.
What lies near an element is looked for in the squares of a grid; in its own of 200 pixels lie hundreds of cells.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from weakref import WeakSet

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRID: Final = ("gridSize:200,", "gridSize:50,")
# What passes is not described: on a large page that takes longer than looking.
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# Marks three of all elements whose text has the same tag, classes, colours, sizes, and backgrounds behind it, unless it
# is known to have enough contrast; gives those ways in which text looks.
_MARK = """known => {
    const behind = new Map(), looks = new Map();
    const background = element => {
        if (element === null) return "";
        if (!behind.has(element)) {
            const style = getComputedStyle(element), above = background(element.parentElement);
            const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position, style.filter,
                style.mixBlendMode].join();
            const nothing = own === "rgba(0, 0, 0, 0),none,1,static,none,normal";
            behind.set(element, nothing ? above : above + " " + own);
        }
        return behind.get(element);
    };
    for (const element of document.body.querySelectorAll("*")) {
        const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join("").trim();
        if (!text && !element.matches("input, select, textarea, button")) continue;
        const style = getComputedStyle(element);
        if (!element.getClientRects().length || style.visibility !== "visible") continue;
        const disabled = element.closest("[disabled], [aria-disabled=true]") !== null || !!element.control?.disabled;
        const look = [element.tagName, element.getAttribute("class"), element.type, disabled, text.length === 1,
            background(element), style.color, style.fontSize, style.fontWeight, style.textShadow].join("|");
        looks.set(look, [...(looks.get(look) ?? []), element]);
    }
    for (const look of known) looks.delete(look);
    for (const alike of looks.values())
        for (const index of [0, alike.length >> 1, alike.length - 1]) alike[index].setAttribute("data-look", "");
    axe.configure({rules: [{id: "color-contrast", selector: "[data-look]"}]});
    return [...looks.keys()];
}"""
_loading: Final = WeakSet[Page]()  # pages that load axe with whatever they open
_judged: Final = set[str]()  # the ways in which text looks that have enough contrast


@cache
def _axe() -> str:
    script = Axe().axe_script
    assert script.count(_GRID[0]) == 1, "axe-core is another: see what size its grid has"
    return script.replace(*_GRID)


def barriers(page: Page, *, of_each: bool = False) -> AxeResults:
    """What keeps people out of a page, as it is shown now. `of_each`: contrast is judged of every element."""
    if page not in _loading:
        page.add_init_script(_axe())  # as every next page begins, for a tenth of what it takes afterwards
        _loading.add(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    looks = set[str]()
    if not of_each:
        looks.update(page.evaluate(_MARK, sorted(_judged)))
    results: Any = page.evaluate("options => axe.run(document, options)", OPTIONS)
    if not any(violated["id"] == "color-contrast" for violated in results["violations"]):
        _judged.update(looks)
    return AxeResults(results)
