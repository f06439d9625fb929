"""Where the views of one territory are: the tabs above them, and the addresses of what they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from registry.checker.rules import RULES
from registry.domain.text import Text
from registry.web.authorization import lets_in
from registry.web.console.asking import Data
from registry.web.viewing import viewer

if TYPE_CHECKING:
    from registry.web.console.view import View

WITHOUT_TERRITORY: Final = ("department", "party", "dispatched")  # kinds with a page of their own instead
TABS: Final[tuple[tuple[str, Text], ...]] = (
    ("/overview/{}", Text("总览", "Overview")),
    ("/findings", Text("问题台账", "Findings")),
    ("/rectifications", Text("整改督办", "Orders")),
    ("/burdens", Text("负担", "Burdens")),
    ("/balance/{}", Text("权责平衡", "Balance")),
    ("/matrix/{}", Text("职责矩阵", "Matrix")),
    ("/changes/{}", Text("变化", "Changes")),
    ("/units/{}", Text("本单位职责", "The unit's duties")),
    ("/units/{}?tab=lists", Text("清单", "Lists")),
    ("/drafts", Text("草稿", "Drafts")),
    ("/proposals", Text("准入申请", "Proposals")),
    ("/cases", Text("问责案例", "Cases")),
    ("/reports", Text("基层反映", "Reports")),
    ("/monitoring", Text("监测点月报", "Monitoring points")),
    ("/assessments", Text("基层评议", "Assessments")),
)


def tabs(view: View, unit: Data, here: str) -> list[tuple[str, str, bool]]:
    """Links to the views of a unit's territory that are for the reader, and which is shown (`here`: as in TABS)."""
    links: list[tuple[str, str, bool]] = []
    who = viewer(view.request)
    for path, title in TABS:
        if not lets_in(who, path.partition("?")[0]):
            continue
        address, _, tab = path.format(unit["code"]).partition("?tab=")
        within = {"tab": tab or None} if "{}" in path else {"within": unit["code"]}
        links.append((view.href(address, **within), view.localized(*title), path == here))
    return links


def unit_href(view: View, unit: Data) -> str:
    """Where a unit is shown: a territory's overview, a department's or party body's own page."""
    first = "units" if unit.get("kind") in WITHOUT_TERRITORY else "overview"
    return view.href(f"/{first}/{unit['code']}")


def findings_href(view: View, within: str, **facets: str | None) -> str:
    """The ledger of a territory's findings, by rule, severity, state, unit."""
    return view.href("/findings", within=within, **facets)


def finding_href(view: View, rule: str, unit: str, subject: str, **more: str | None) -> str:
    """One finding's page."""
    return view.href("/findings/one", rule=rule, unit=unit, subject=subject, **more)


def rule_title(view: View, rule: str) -> str:
    """What a rule is called."""
    return view.localized(*RULES[rule].title)


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a template of a territory's view has links to."""

    view: View
    within: str

    def ledger(self, **facets: str | None) -> str:
        """The ledger of the territory's findings."""
        return findings_href(self.view, self.within, **facets)

    def finding(self, one: Data, **more: str | None) -> str:
        """The page of a finding, or of what an order is about."""
        return finding_href(self.view, one["rule"], one["unit"]["code"], one["subject"], **more)

    def rule(self, name: str) -> str:
        """What a rule is called."""
        return rule_title(self.view, name)

    def unit(self, unit: Data) -> str:
        """Where a unit is shown."""
        return unit_href(self.view, unit)
