"""Lists: adopted and repealed; their items entered and withdrawn."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Item, List
from registry.domain.decide.slice import DecisionSlice, ended_already, not_after, taken, unknown, wrong_kind
from registry.domain.labels import MATTER_KIND
from registry.domain.problems import Problem
from registry.domain.text import Text


class AdoptList(DecisionSlice[d.ListAdopted]):
    """A list's code is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.list, "list"))


class RepealList(DecisionSlice[d.ListRepealed]):
    """A list is repealed once, after its adoption."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(own, List) or own.adopted is None:
            problems.append(unknown("list", decision.list, "list"))
        elif own.repealed is not None:
            problems.append(ended_already(decision.list, own.repealed.at))
        elif decision.at <= own.adopted.at:
            problems.append(not_after("at", decision.at, own.adopted.at))


class ChangeItem(DecisionSlice[d.ListItemEntered | d.ListItemWithdrawn]):
    """Items come and go while their list is in force; an item's id is never used again."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        list_ = self.aggregates.get("list:" + decision.list)
        if isinstance(list_, List) and not list_.in_force_on(decision.at):
            problems.append(
                Problem(
                    "not-in-force",
                    "list",
                    Text(
                        f"清单“{decision.list}”在 {decision.at} 无效。",
                        f"The list {decision.list} is not in force on {decision.at}.",
                    ),
                )
            )
        if isinstance(decision, d.ListItemEntered):
            if own is not None:
                problems.append(taken(f"{decision.list}#{decision.item}", "item"))
            if isinstance(list_, List) and list_.adopted is not None:
                self.check_fields(problems, decision, list_.adopted)
        elif not isinstance(own, Item) or own.entered is None:
            if list_ is not None:
                problems.append(unknown("item", f"{decision.list}#{decision.item}", "item"))
        elif own.withdrawn is not None:
            problems.append(ended_already(f"{decision.list}#{decision.item}", own.withdrawn.at))
        elif decision.at <= own.entered.at:
            problems.append(not_after("at", decision.at, own.entered.at))

    def check_fields(self, problems: list[Problem], item: d.ListItemEntered, adopted: d.ListAdopted) -> None:
        """What an item may say depends on its list."""
        if item.roles is not None and adopted.polarity == "positive":
            problems.append(
                Problem(
                    "unknown-field",
                    "roles",
                    Text("正面清单的事项不写角色。", "Items of a positive list take no roles."),
                )
            )
        if item.from_ is not None and adopted.assigns is None:
            problems.append(
                Problem(
                    "unknown-field",
                    "from",
                    Text(
                        "不赋予职责或权力的清单，其事项不写来源单位。",
                        "Items of a list that assigns nothing take no from.",
                    ),
                )
            )
        matter = self.matter(item.matter) if item.matter is not None else None
        if matter is not None and matter.kind != adopted.covers:
            problems.append(
                wrong_kind(
                    "matter",
                    f"清单“{item.list}”列的是{MATTER_KIND[adopted.covers].zh}，“{item.matter}”属于{MATTER_KIND[matter.kind].zh}。",
                    f"The list {item.list} covers {adopted.covers}; {item.matter} is a {matter.kind}.",
                )
            )
