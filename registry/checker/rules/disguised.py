"""隐形变异、换马甲: what a negative list forbids, or what was given back, under another name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import matter_of, orders
from registry.checker.names.likeness import alike, how_alike, why_alike
from registry.checker.names.thesaurus import Thesaurus, load_thesaurus
from registry.checker.parts import NAMES, REACH, RETURNED
from registry.checker.rule import Example, Explanation, Hits, Line, Rule, of_delegations
from registry.checker.setting import SETTING, START, TOWN, VILLAGE, delegated, entered, listed
from registry.checker.ways_out import taken_back
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND, Numbers, among, by_day, distinct, expand_ranges, of_rows
from registry.relations.matching import matching
from registry.relations.powers import subject
from registry.relations.reach import reached_by, reaching_rows
from registry.snapshot.columns import Snapshot


@dataclass(frozen=True, eq=False)
class _Like:
    """The delegations (places) that are like a negative item, and those like something given back: pairs."""

    delegation: Numbers
    item: Numbers
    again: Numbers
    returned: Numbers


def _names(snapshot: Snapshot, matter: int) -> tuple[str, ...]:
    return (snapshot.matters.name[matter], *snapshot.matters.aliases[matter])


def _texts(snapshot: Snapshot, item: int) -> tuple[str, ...]:
    """Everything that says what an item means."""
    matter = int(snapshot.items.matter[item])
    named = _names(snapshot, matter) if matter >= 0 else ()
    return (snapshot.items.name[item], *(snapshot.items.terms[item] or ()), *named)


def _suspects(snapshot: Snapshot) -> Numbers:
    """Duty and burden delegations that no list that reaches their recipient names, and no proposal admitted.

    What a list names, forbids or allows openly is in no disguise.
    """
    delegations = snapshot.delegations
    taken = orders(snapshot) & ~delegations.admitted & (delegations.matter >= 0)
    rows = np.flatnonzero(taken & snapshot.territory[delegations.recipient])
    item, matter = snapshot.once(matching)
    listed_ = reaching_rows(snapshot, snapshot.items.list[item], matter, len(snapshot.matters))
    named, _ = reached_by(snapshot, listed_, delegations.recipient[rows], delegations.matter[rows])
    return np.delete(rows, distinct(named))


def _like(snapshot: Snapshot) -> _Like:
    load_thesaurus()  # a county's file that is wrong is reported, also where there is no name to compare
    rows = _suspects(snapshot)
    rows, again, returned = _given_back(snapshot, rows)
    delegation, item = _forbidden(snapshot, rows)
    return _Like(delegation, item, again, returned)


def _forbidden(snapshot: Snapshot, rows: Numbers) -> tuple[Numbers, Numbers]:
    """Which of these delegations are like which negative items that reach the recipient and bar its role."""
    delegations, items = snapshot.delegations, snapshot.items
    barred, texts = snapshot.once(_barred)
    matters = distinct(delegations.matter[rows])
    of_matters, of_barred = _alike_on_their_day(snapshot, matters, barred, texts)
    matter, item = matters[of_matters].astype(np.int32), barred[of_barred]
    reach = reaching_rows(snapshot, items.list[item], matter, len(snapshot.matters))
    hit, positions = reached_by(snapshot, reach, delegations.recipient[rows], delegations.matter[rows])
    delegation, item = rows[hit], item[positions]
    role = delegations.role[delegation]
    against = (role < 0) | ((items.roles[item] >> np.maximum(role, 0)) & 1 > 0)
    return delegation[against], item[against]


def _barred_together(
    days: Any, of: Callable[[Snapshot], tuple[Numbers, list[tuple[str, ...]]]]
) -> tuple[Numbers, list[tuple[str, ...]]]:
    each = [of(day) for day in days.days]
    return days.moved("items", [items for items, _ in each]), [text for _, texts in each for text in texts]


@by_day(_barred_together)
@of_rows
def _barred(snapshot: Snapshot) -> tuple[Numbers, list[tuple[str, ...]]]:
    """The negative items, and everything that says what each means."""
    lists, items = snapshot.lists, snapshot.items
    # Of any kind: a duty comes back as a form, a certificate as a duty. Only powers are another thing.
    barred = np.flatnonzero(~lists.positive[items.list] & (lists.covers[items.list] != MATTER_KIND["power"]))
    return barred, [_texts(snapshot, item) for item in barred.tolist()]


def _alike_on_their_day(
    snapshot: Snapshot, matters: Numbers, items: Numbers, texts: Sequence[tuple[str, ...]]
) -> tuple[Numbers, Numbers]:
    """Which of these matters are like which of these items, given by their texts: pairs of places among either."""
    name, names = _numbered([_names(snapshot, matter) for matter in matters.tolist()])
    text, different = _numbered(texts)
    pairs = alike(names, different)
    day, day_of_item = snapshot.which_day("matters", matters), snapshot.which_day("items", items)
    several = int(day.max(initial=0)) + 1
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    rows, like = expand_ranges(np.searchsorted(pairs[:, 0], name, "left"), np.searchsorted(pairs[:, 0], name, "right"))
    wanted = pairs[like, 1] * several + day[rows]
    keys = text * several + day_of_item
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    pair, at = expand_ranges(np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right"))
    return rows[pair], order[at]


def _numbered(values: Sequence[Any]) -> tuple[Numbers, list[Any]]:
    """For each which of the different ones it is, and these."""
    numbers: dict[Any, int] = {}
    which = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, len(values))
    return which, list(numbers)


def _given_back(snapshot: Snapshot, rows: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """These delegations but those of a matter given back before; and pairs of those like another that was.

    Given back by the recipient, or by a unit above it and below the sender's government, as they stand on the day.
    """
    delegations, units, returned = snapshot.delegations, snapshot.units, snapshot.returned
    if not len(rows) or not len(returned):
        return rows, rows[:0], rows[:0]
    lineage = units.lineage[delegations.recipient[rows]]
    sender = delegations.sender_node[rows]
    government = np.where(sender >= 0, units.government[sender], -1)
    met = (lineage == government[:, None]) & (government >= 0)[:, None]
    met[:, 0] = False
    up_to = np.where(met.any(axis=1), met.argmax(axis=1), 1)
    row, generation = np.nonzero(np.asarray((np.arange(lineage.shape[1]) < up_to[:, None]) & (lineage >= 0), np.bool_))
    order = np.argsort(returned.recipient, kind="stable")
    whose = returned.recipient[order]
    unit = lineage[row, generation]
    pairs, positions = expand_ranges(np.searchsorted(whose, unit, "left"), np.searchsorted(whose, unit, "right"))
    row, before = row[pairs], order[positions]
    earlier = returned.day[before] <= delegations.began[rows[row]]
    row, before = row[earlier], before[earlier]
    matters = distinct(delegations.matter[rows[row]])
    codes, _ = _numbered([*returned.matter, *(snapshot.matters.code[matter] for matter in matters.tolist())])
    own = codes[len(returned) + np.searchsorted(matters, delegations.matter[rows[row]])]
    same = codes[: len(returned)][before] == own
    rebound = np.unique(row[same])
    like = alike([_names(snapshot, matter) for matter in map(int, matters)], returned.names)
    keys = distinct(matters[like[:, 0]].astype(np.int64) * len(returned) + like[:, 1])
    alike_ = among(keys, delegations.matter[rows[row]].astype(np.int64) * len(returned) + before)
    alike_ &= ~np.isin(row, rebound)
    return np.delete(rows, rebound), rows[row[alike_]], before[alike_]


def _find(snapshot: Snapshot) -> Hits:
    like = snapshot.once(_like)
    return of_delegations(snapshot, distinct(np.concatenate([like.delegation, like.again])))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matters, like = matter_of(snapshot, hits), snapshot.once(_like)
    items = _by_delegation(like.delegation, like.item, hits)
    returned = _by_delegation(like.again, like.returned, hits)
    chains = paths.of_holdings(snapshot, hits)

    def most_alike_first(matter: int, of: list[int]) -> list[int]:
        names = _names(snapshot, matter)
        return sorted(
            of,
            key=lambda item: (-_strength(names, _texts(snapshot, item), load_thesaurus()), subject(snapshot, -1, item)),
        )

    return [
        _explanation(snapshot, hits, row, matter, most_alike_first(matter, items[row]), returned[row], chains[row])
        for row, matter in enumerate(map(int, matters))
    ]


def _by_delegation(delegations: Numbers, what: Numbers, hits: Hits) -> list[list[int]]:
    """What goes with the delegation of each hit, of pairs."""
    order = np.argsort(delegations, kind="stable")
    ordered = delegations[order]
    starts, ends = (np.searchsorted(ordered, hits.delegation, side) for side in ("left", "right"))
    return [what[order[start:end]].tolist() for start, end in zip(starts, ends, strict=True)]


def _explanation(
    snapshot: Snapshot,
    hits: Hits,
    row: int,
    matter: int,
    items: list[int],
    returned: list[int],
    path: list[str],
) -> Explanation:
    """In words. `items`: those that the matter is like, the most alike first."""
    unit, delegation, _ = naming.hit(hits, row)
    who, what = naming.unit(snapshot, unit), naming.matter(snapshot, matter)
    source = naming.source(snapshot, delegation, -1)
    role = int(snapshot.delegations.role[delegation])
    how = labels.ROLE[words.ROLES[role]] if role >= 0 else Text("承担", "is to bear")
    basis: list[str] = []
    if items:
        against, texts = _item(snapshot, items[0]), _texts(snapshot, items[0])
        basis = [naming.document(snapshot, int(snapshot.lists.instrument[snapshot.items.list[i]])) for i in items]
    else:
        before = min(returned)
        against, texts = _gone(snapshot, before), snapshot.returned.names[before]
        path = [snapshot.returned.ref[before], *path]
    why = _why(_names(snapshot, matter), texts, load_thesaurus())
    zh = f"{who}{how.zh}{what.zh}（来源：{source.zh}），疑为{against.zh}换了名称：{why.zh}。请核实实际内容。"
    en = f"{who} {how.en} {what.en} ({source.en}), which may be {against.en} under another name: {why.en}."
    return Explanation(path, Text(zh, f"{en} Look at what it really asks for."), list(dict.fromkeys(basis)))


def _item(snapshot: Snapshot, item: int) -> Text:
    listed_in = int(snapshot.items.list[item])
    title, name, code = (
        snapshot.lists.title[listed_in].strip("《》"),
        snapshot.items.name[item],
        snapshot.items.code[item],
    )
    paper = naming.document(snapshot, int(snapshot.lists.instrument[listed_in]))
    return Text(
        f"{paper}的负面清单《{title}》第{code}项“{name}”",
        f"item {code} “{name}” of the negative list 《{title}》, {paper},",
    )


def _gone(snapshot: Snapshot, returned: int) -> Text:
    name, ref = snapshot.returned.names[returned][0], snapshot.returned.ref[returned]
    day = naming.day(int(snapshot.returned.day[returned]))
    return Text(f"{day}已退回的“{name}”（{ref}）", f"“{name}”, returned on {day} ({ref}),")


# Many holdings are of the same matters, and many counties' items are called the same. Both hang on the thesaurus too.
@lru_cache(maxsize=1 << 14)
def _strength(names: tuple[str, ...], texts: tuple[str, ...], _: Thesaurus) -> float:
    return how_alike(names, texts)


@lru_cache(maxsize=1 << 14)
def _why(names: tuple[str, ...], texts: tuple[str, ...], thesaurus: Thesaurus) -> Text:
    like = why_alike(names, texts)
    if like is None:
        raise ValueError(f"a hit that is like nothing: {names}")
    called = (
        Text("名称", "its name") if like.name == names[0] else Text(f"别名“{like.name}”", f"its alias “{like.name}”")
    )
    if like.reading is None:
        return Text(f"{called.zh}与“{like.written_like}”写法相近", f"{called.en} is written like “{like.written_like}”")
    burden = thesaurus.burdens[like.reading.burden]
    evidence = like.reading.evidence
    if like.by_letters:
        return Text(
            f"{called.zh}中的“{'”“'.join(evidence)}”，正是“{burden.name}”换名时的常见说法",
            f"“{'”, “'.join(evidence)}” in {called.en} are how {burden.en} is often put",
        )
    return Text(
        f"{called.zh}中的“{'”“'.join(evidence)}”说的是“{burden.name}”",
        f"“{'”, “'.join(evidence)}” in {called.en} tell of {burden.en}",
    )


def _defined(code: str, name: str) -> Line:
    return {"type": "MatterDefined", "at": START, "matter": code, "kind": "duty", "name": name}


_LISTED = (
    listed("V-NOT", "村级组织不得承担事项清单", polarity="negative", covers="duty", audience="village"),
    entered("V-NOT", "1", "行政执法", terms=["执法", "行政处罚"]),
)

RULE = Rule(
    name="disguised",
    version=1,
    severity="R",
    title=Text("换马甲", "Under another name"),
    sentence=Text(
        "交办的职责或负担，本身不在任何及于该单位的清单之内，也没有被退回过、没有写明已获准入的申请，而其名称或别名读来像是以该层级为对象并及于该单位的"
        "现行负面清单条目（角色属该条目所禁，负担不论角色；不论事项种类），或者像是该单位或其上至交办单位所属政府以下的单位先前退回的事项。",
        "A duty or burden delegated that is itself on no list that reaches the unit, was not returned and names no "
        "admitted proposal, but whose name or an alias reads as an item of a negative list in force that reaches the "
        "unit and has its level as audience (if the item's roles include the role; burdens have none: always; matters "
        "of whatever kind), or as a matter returned before by the unit or by one above it and below the sender's "
        "government.",
    ),
    basis=(
        "《整治形式主义为基层减负若干规定》（2024年8月）",
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
    ),
    remedy=Text(
        "对照实际内容核实：确属换名的，撤回交办；确是另一件事的，列入正面清单、走准入程序或者登记豁免，并注明理由。",
        "Look at what is really asked for. The same burden: take it back. Another matter: put it on a positive list, "
        "have it admitted, or waive the finding and say why.",
    ),
    fires=Example(
        Text(
            "清单不准让村里执法；柳林镇改个名称，让上河村牵头“街面秩序志愿劝导并责令改正”。",
            "The list keeps enforcement off villages; Liulin town has Shanghe village lead 'volunteers who keep "
            "the streets in order and demand corrections' instead.",
        ),
        (
            *SETTING,
            *_LISTED,
            _defined("D-ORDER", "街面秩序志愿劝导并责令改正"),
            dict(delegated("R-1", TOWN, VILLAGE)) | {"matter": "D-ORDER"},
        ),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text(
            "法治宣传和法律明白人培养是村里正当的事。",
            "To spread knowledge of the law and to train villagers who know it is the village's own affair.",
        ),
        (
            *SETTING,
            *_LISTED,
            _defined("D-ORDER", "法治宣传和法律明白人培养"),
            dict(delegated("R-1", TOWN, VILLAGE)) | {"matter": "D-ORDER"},
        ),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=taken_back,
    rests_on=(NAMES, REACH, RETURNED),
    depends_on="names",
)
