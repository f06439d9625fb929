"""A decision in one short line: what it does to which thing, with the names of what it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from registry.domain.aggregates import KINDS
from registry.domain.decision import ID_LENGTH, Step
from registry.domain.decisions import TYPES, Corrected, Correction, Decision
from registry.domain.lines import from_object, to_object
from registry.domain.text import Text
from registry.queries.history import decisions, sentences
from registry.queries.history.effects import names_of
from registry.queries.history.sentences import Names
from registry.relations.two_times import Reader

VERBS: Final[Mapping[Step, Text]] = {
    Step.INTRODUCES: Text("登记", "recorded"),
    Step.BEGINS: Text("登记", "recorded"),
    Step.CHANGES: Text("变更", "changed"),
    Step.ENDS: Text("终止", "ended"),
}
CORRECTIONS: Final = {
    "Corrected": Text("更正", "corrected"),
    "Annulled": Text("撤销", "annulled"),
    "Reinstated": Text("恢复", "reinstated"),
}
# What a ref may stand for, by the type that brings it in; its end and its corrections do not say which.
OF_REFS: Final = {
    "DutyDelegated": Text("职责交办", "duty"),
    "PowerGranted": Text("权力下放", "grant"),
    "BurdenImposed": Text("负担", "burden"),
    "CertificateDemanded": Text("证明要求", "demand for a certificate"),
    "RectificationOrdered": Text("督办", "order to put right"),
    "RectificationAnswered": Text("督办答复", "answer to an order"),
}
FIELDS: Final = {"from": "sender", "to": "recipient"}  # as the read tables call them
OTHER_FIELDS: Final = {
    "by": Text("由", "by"),
    "at": Text("日期", "day"),
    "until": Text("至", "until"),
    "power": Text("权力", "power"),
    "note": Text("备注", "note"),
    "year": Text("年度", "year"),
    "ref": Text("编号", "ref"),
    "window": Text("办理窗口", "window"),
    "list": Text("清单", "list"),
    "item": Text("清单事项编号", "item"),
    "report": Text("反映编号", "report"),
    "case": Text("案例编号", "case"),
    "assessment": Text("评议编号", "assessment"),
}
NOT_STATED: Final = ("type", "of")  # the type is the sentence, and what is corrected a decision of its own
TITLES: Final = ("name", "title", "text")
# What of a decision its line says besides what it names: how it is held and handed down, what came along, how it ended.
WEIGHTY: Final = ("role", "mode", "brings", "answer", "outcome", "reason")
PLAIN: Final = ("assigned",)  # the way of handing down that `登记职责交办` says already
LONGEST: Final = 60  # characters of a title
# By kind the fields that make a key: only those that hold units or matters are read as codes of such.
KEY_FIELDS: Final = {type_.aggregate_kind(): type_.key_fields() for type_ in TYPES.values()}


async def headlines(reader: Reader, given: Sequence[Decision]) -> list[Text]:
    """One line for each decision, in their order: `登记清单事项 L#1：采砂管理；事项 采砂管理（D-SAND）`.

    Names are those that units and matters bear last, as now known.
    """
    codes = {code for decision in given for code in codes_of(decision)}
    names = await names_of(reader, codes)
    return [headline(decision, names) for decision in given]


async def of_positions(reader: Reader, positions: Collection[int]) -> dict[int, Text]:
    """The line of the decision at each position."""
    recorded = await decisions.at_positions(reader, positions)
    lines = await headlines(reader, [from_object(row.data) for row in recorded])
    return {row.position: line for row, line in zip(recorded, lines, strict=True)}


@dataclass(frozen=True, slots=True)
class Stated:
    """A field of a decision in words: its name in the journal, what it is called, and what it says."""

    field: str
    label: Text
    value: Text


async def stated_at(reader: Reader, positions: Collection[int]) -> dict[int, list[Stated]]:
    """What the decision at each position says, field by field in the journal's order; of a correction what it sets."""
    recorded = {row.position: from_object(row.data) for row in await decisions.at_positions(reader, positions)}
    names = await names_of(reader, {code for decision in recorded.values() for code in codes_of(decision)})
    return {position: list(_stated(decision, names)) for position, decision in recorded.items()}


def _stated(decision: Decision, names: Names) -> Iterator[Stated]:
    fields = to_object(decision)
    corrected = fields.pop("set", {})  # what a correction sets is said field by field, as what a decision says is
    own = [(name, value, name in corrected) for name, value in fields.items()]
    for name, value, twice in (*own, *((name, value, False) for name, value in corrected.items())):
        if name in NOT_STATED:
            continue
        field = FIELDS.get(name, name)
        label = sentences.LABELS.get(field) or OTHER_FIELDS.get(field) or Text(name, name)
        if twice:  # a correction has its own, and sets another
            label = Text(f"本次更正的{label.zh}", f"{label.en} of the correction")
        yield Stated(name, label, sentences.value_of(field, value, names))


def headline(decision: Decision, names: Names) -> Text:
    """The line of one decision, where the names of its units and matters are known."""
    if isinstance(decision, Correction):
        return _of_correction(decision, names)
    kind, values = decision.key_values
    verb, named_text = VERBS[decision.STEP], _named(type(decision), kind, values, names)
    details = _details(decision, values, names)
    return _joined(Text(f"{verb.zh}{named_text.zh}", f"{named_text.en} {verb.en}"), details)


def _of_correction(correction: Correction, names: Names) -> Text:
    """What it corrects, and to what."""
    verb, (kind, values), named = CORRECTIONS[correction.type], correction.key_values, correction.named_type
    named_text = _named(named, kind, values, names)
    if named is not None:
        step = VERBS[named.STEP]
        on = f"（{correction.of['at']}）" if correction.of and "at" in correction.of else ""
        named_text = Text(f"“{step.zh}{named_text.zh}”{on}", f"“{named_text.en} {step.en}”{on and ' of ' + on[1:-1]}")
    details: list[Text] = []
    if isinstance(correction, Corrected):
        details = [_field(name, value, names) for name, value in correction.set_.items()]
    return _joined(Text(f"{verb.zh}{named_text.zh}", f"{named_text.en} {verb.en}"), details)


def _named(type_: type[Decision] | None, kind: str, values: Sequence[str], names: Names) -> Text:
    """`单位 孔湾镇（420684105）`: what users call such a thing, and its id, by name where it has one."""
    if kind == "ref":
        noun = (
            sentences.NOUNS["delegation"]
            if type_ is None
            else OF_REFS.get(type_.__name__, sentences.NOUNS["delegation"])
        )
    else:
        noun = KINDS[kind].NOUN
    shown = [sentences.value_of(field, value, names) for field, value in zip(KEY_FIELDS[kind], values, strict=True)]
    separator = "#" if kind in ("item", "vesting", "waiver") else " "
    return Text(
        f"{noun.zh} {separator.join(each.zh for each in shown)}",
        f"{noun.en} {separator.join(each.en for each in shown)}",
    )


def _details(decision: Decision, values: Sequence[str], names: Names) -> list[Text]:
    """Its name or title, and what else it names, each once."""
    fields = to_object(decision)
    details: list[Text] = []
    own_names = {names.get(code) for code in _own_codes(decision)}
    for title in TITLES:
        if title in fields and fields[title] not in own_names:
            text = _short(str(fields[title]))
            details.append(Text(text, text))
    named: dict[str, list[str]] = {}
    for name, key in decision.named():
        code = key.partition(":")[2]
        if code not in values:
            named.setdefault(name.field, []).append(code)
    weighty = [name for name in WEIGHTY if fields.get(name) and name not in named and fields[name] not in PLAIN]
    return [
        *details,
        *(_field(name, codes, names) for name, codes in named.items()),
        *(_field(name, fields[name], names) for name in weighty),
    ]


def _field(name: str, value: Any, names: Names) -> Text:
    """`事项 采砂管理（D-SAND）`."""
    field = FIELDS.get(name, name)
    label = sentences.LABELS.get(field) or OTHER_FIELDS.get(field) or Text(name, name)
    shown = sentences.value_of(field, value, names)
    return Text(f"{label.zh} {_short(shown.zh)}", f"{label.en} {_short(shown.en)}")


def _joined(what: Text, details: Sequence[Text]) -> Text:
    if not details:
        return what
    zh, en = "；".join(each.zh for each in details), "; ".join(each.en for each in details)
    return Text(f"{what.zh}：{zh}", f"{what.en}: {en}")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def codes_of(decision: Decision) -> set[str]:
    """The ids that a line may show by the name of a unit or matter."""
    codes = {key.partition(":")[2] for key in decision.named_keys()} | _own_codes(decision)
    if isinstance(decision, Corrected):
        for value in decision.set_.values():
            codes |= {
                each for each in (cast("list[Any]", value) if isinstance(value, list) else [value]) if _is_id(each)
            }
    return codes


def _own_codes(decision: Decision) -> set[str]:
    """What of its key are codes of units or matters: of an item's key neither its list nor its number is."""
    kind, values = decision.key_values
    naming = sentences.UNITS | sentences.MATTERS
    return {value for field, value in zip(KEY_FIELDS[kind], values, strict=True) if field in naming}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= ID_LENGTH and "\0" not in value
