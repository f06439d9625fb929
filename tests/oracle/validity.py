"""Which lines can be: every earlier decision is folded anew for each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import networkx as nx

from tests.oracle import shape
from tests.oracle.fold import BURDENS, DEEDS, DELEGATIONS, FOREVER, History
from tests.oracle.naming import BRINGS_IN, UNITS, names, with_it, without_effect
from tests.oracle.reading import NAMED, Read, better, end_of, read, standing, target

Line = dict[str, Any]
ORDER = [
    "bad-json",
    "unknown-type",
    "unknown-field",
    "missing-field",
    "bad-value",
    "conflict",
    "unknown-unit",
    "unknown-instrument",
    "unknown-matter",
    "unknown-list",
    "unknown-ref",
    "wrong-kind",
    "not-in-force",
    "bad-interval",
    "cycle",
    "in-use",
]
KINDS = {
    "DutyDelegated": ("duty",),
    "PowerGranted": ("power",),
    "BurdenImposed": BURDENS,
    "CertificateDemanded": ("certificate",),
    "DelegationProposed": ("duty", "power", *BURDENS),
}
MODES = {"duty": shape.DUTY_MODES, "power": shape.GRANT_MODES}


class Judged(NamedTuple):
    recorded: list[Line]
    errors: list[tuple[int, str]]  # line number, code
    repeated: int
    blank: int


def judge(lines: Iterable[bytes], recorded: Sequence[Line] = ()) -> Judged:
    """Every line after those recorded before: what it brings in, or the one error that is reported."""
    judged = Judged(list(recorded), [], 0, 0)
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            judged = judged._replace(blank=judged.blank + 1)
            continue
        line = shape.parse(raw)
        codes = faults(judged.recorded, line)
        if codes:
            judged.errors.append((number, min(codes, key=ORDER.index)))
        elif line in judged.recorded:
            judged = judged._replace(repeated=judged.repeated + 1)
        elif line is not None:
            judged.recorded.append(line)
    return judged


def faults(recorded: Sequence[Line], line: Line | None) -> set[str]:
    """The codes of everything wrong with the line; none for the exact repeat of a recorded one."""
    if line is not None and line in recorded:
        return set()
    codes = shape.faults(line)
    if line is None or codes & {"bad-json", "unknown-type", "unknown-field"} or "type" not in line:
        return codes
    return codes | World(read(recorded), line).faults(well_formed=not codes)


class World:
    """What was recorded before one line, and what that makes wrong with the line."""

    def __init__(self, reads: Sequence[Read], line: Line) -> None:
        self.reads = reads
        self.recorded = [each.line for each in standing(reads)]
        self.history = History.of_reads(reads)
        self.line = line
        self.type: str = line["type"]
        self.codes: set[str] = set()

    def first(self, type_: str, **fields: Any) -> Line | None:
        """The first recorded decision of the type with these fields."""

        def fits(line: Line) -> bool:
            return all(_plain(line.get(name)) and line[name] == value for name, value in fields.items())

        return next((line for line in self.recorded if line["type"] == type_ and fits(line)), None)

    def faults(self, *, well_formed: bool) -> set[str]:
        self.fields_of_the_kind()
        if well_formed and not self.codes:
            self.conflict()
            self.measure(self.line, self.line)
            getattr(self, f"_{self.type}", lambda: None)()
            if not self.codes and self.type in ("UnitRegistered", "UnitMoved", "UnitDissolved"):
                self.cycle()
        return self.codes

    # --------------------------------------------------------------------------------- fields, ids, names, instants

    def fields_of_the_kind(self) -> None:
        """unknown-field: one that this kind of matter, or the decision corrected, does not take."""
        line, given = self.line, set(self.line)
        if self.type in ("MatterRevised", "DelegationProposed") and shape.id_(line.get("matter")):
            defined = self.first("MatterDefined", matter=line["matter"])
            kind = defined["kind"] if defined else None
            if kind and self.type == "MatterRevised" and shape.not_taken(given, kind):
                self.codes.add("unknown-field")
            if self.type == "DelegationProposed" and kind in KINDS["DelegationProposed"]:
                takes = {"duty": {"role", "mode"}, "power": {"mode"}}.get(kind, set())
                if given & {"role", "mode"} - takes:
                    self.codes.add("unknown-field")
                elif "mode" in given and line["mode"] not in MODES[kind]:
                    self.codes.add("bad-value")
        if self.type == "Corrected" and isinstance(line.get("set"), dict) and not shape.faults(line):
            named = target(self.reads, line)
            if named:
                names = {"type", *NAMED.get(named.line["type"], ("ref",))} - {"at"}
                if set(line["set"]) - (shape.may(named.line["type"]) - names):
                    self.codes.add("unknown-field")

    def transfer(self, ref: Any) -> Line | None:
        """The decision that bears this ref, if it stands."""
        return next((line for line in self.recorded if line["type"] in DEEDS and line["ref"] == ref), None)

    def conflict(self) -> None:
        line = self.line
        field = BRINGS_IN.get(self.type)
        taken = field and self.first(self.type, **{field: line[field]})
        if self.type == "ListItemEntered":
            taken = self.first("ListItemEntered", list=line["list"], item=line["item"])
        if self.type in DEEDS:
            taken = self.transfer(line["ref"])
        if self.type in ("ProposalAdmitted", "ProposalRefused"):
            answers = [
                self.first(answer, proposal=line["proposal"]) for answer in ("ProposalAdmitted", "ProposalRefused")
            ]
            taken = next(filter(None, answers), None)
        if taken:
            self.codes.add("conflict")

    def measure(self, line: Line, named: Line) -> None:
        """What the fields `named` of the decision `line` name must be known, of the right kind, there on its day."""
        day = self.history.on(line["at"])
        issuer = {"issuer"} if line["type"] == "InstrumentIssued" else set()
        named = {field: value for field, value in named.items() if value is not None}
        for field in {*UNITS, *issuer} & set(named):
            brings_in = line["type"] == "UnitRegistered" and field == "unit"
            if not brings_in and not self.first("UnitRegistered", unit=named[field]):
                self.codes.add("unknown-unit")
            elif not brings_in and named[field] not in day.units_stated:
                self.codes.add("not-in-force")
        for field in {"instrument", "replaced_by"} & set(named):
            if line["type"] != "InstrumentIssued" and not self.first("InstrumentIssued", instrument=named[field]):
                self.codes.add("unknown-instrument")
        for field in {"matter", "power"} & set(named) if line["type"] != "MatterDefined" else ():
            defined = self.first("MatterDefined", matter=named[field])
            if not defined:
                self.codes.add("unknown-matter")
            elif defined["kind"] not in (("power",) if field == "power" else KINDS.get(line["type"], shape.KINDS)):
                self.codes.add("wrong-kind")
        for power in named.get("requires") or ():
            defined = self.first("MatterDefined", matter=power)
            if not defined or defined["kind"] != "power":
                self.codes.add("wrong-kind" if defined else "unknown-matter")
        for included in named.get("includes", ()):
            defined = self.first("MatterDefined", matter=included)
            if not defined or defined["kind"] == "service":
                self.codes.add("wrong-kind" if defined else "unknown-matter")
        if "list" in named and line["type"] != "ListAdopted" and not self.first("ListAdopted", list=named["list"]):
            self.codes.add("unknown-list")
        for field, kinds in (("under", ("DutyDelegated", "BurdenImposed")), ("about", DEEDS)):
            refs = named.get(field, [])
            for ref in [refs] if isinstance(refs, str) else refs:
                self.ref(ref, kinds)
        proposed = {"proposal": named.get("proposal")}
        if "proposal" in named and line["type"] != "DelegationProposed":
            self.codes |= set() if self.first("DelegationProposed", **proposed) else {"unknown-ref"}
        if (
            line["type"] == "CertificateDemanded"
            and line["to"] in day.units
            and day.units[line["to"]].level != "village"
        ):
            self.codes.add("wrong-kind")
        if line.get("until", FOREVER) <= line["at"] or line.get("due_on", FOREVER) < line["at"]:
            self.codes.add("bad-interval")

    def ref(self, ref: str, types: tuple[str, ...]) -> bool:
        """A ref named must be known, of one of these types, and not annulled."""
        transfer = self.transfer(ref)
        if ref in self.history.annulled:
            self.codes.add("not-in-force")
        elif transfer is None:
            self.codes.add("unknown-ref")
        elif transfer["type"] not in types:
            self.codes.add("wrong-kind")
        return transfer is not None

    def end(self, begun: Line | None, ended: Line | None) -> None:
        """bad-interval: an end not after the start, or a second end."""
        if begun and (ended or self.line["at"] <= begun["at"]):
            self.codes.add("bad-interval")

    def cycle(self, reads: Sequence[Read] | None = None) -> None:
        history = History.of_reads([*self.reads, Read(0, self.line)] if reads is None else reads)
        for day in sorted({line["at"] for line in history.of("UnitRegistered", "UnitMoved", "UnitDissolved")}):
            snapshot = history.on(day)
            above = [(unit.code, unit.parent) for unit in snapshot.tree.values() if unit.parent]
            after = [pair for pair in snapshot.successors.items() if pair[1]]
            if any(not nx.is_directed_acyclic_graph(nx.DiGraph(edges)) for edges in (above, after)):
                self.codes.add("cycle")

    # ------------------------------------------------------------------------------------------- each type's own

    def _UnitDissolved(self) -> None:
        unit = self.line["unit"]
        self.end(self.first("UnitRegistered", unit=unit), self.first("UnitDissolved", unit=unit))

    def _InstrumentRepealed(self) -> None:
        number = self.line["instrument"]
        issued = self.first("InstrumentIssued", instrument=number)
        self.end(issued, self.first("InstrumentRepealed", instrument=number))

    def _MatterRetired(self) -> None:
        matter = self.line["matter"]
        self.end(self.first("MatterDefined", matter=matter), self.first("MatterRetired", matter=matter))

    def _ListRepealed(self) -> None:
        code = self.line["list"]
        self.end(self.first("ListAdopted", list=code), self.first("ListRepealed", list=code))

    def _ListItemEntered(self) -> None:
        line, adopted = self.line, self.first("ListAdopted", list=self.line["list"])
        if adopted and line["list"] not in self.history.on(line["at"]).lists:
            self.codes.add("not-in-force")
        defined = self.first("MatterDefined", matter=line.get("matter"))
        if adopted and defined and defined["kind"] != adopted["covers"]:
            self.codes.add("wrong-kind")
        # Silent in the contract: roles are a negative list's, `from` is one's that assigns.
        if adopted and (
            ("roles" in line and adopted["polarity"] != "negative") or ("from" in line and "assigns" not in adopted)
        ):
            self.codes.add("unknown-field")

    def _ListItemWithdrawn(self) -> None:
        line, code = self.line, self.line["list"]
        if self.first("ListAdopted", list=code) and code not in self.history.on(line["at"]).lists:
            self.codes.add("not-in-force")
        entered = self.first("ListItemEntered", list=code, item=line["item"])
        if not entered:
            self.codes.add("unknown-ref")
        self.end(entered, self.first("ListItemWithdrawn", list=code, item=line["item"]))

    def _PowerDivested(self) -> None:
        self.ending("PowerVested", "PowerDivested", "power")

    def _WaiverLifted(self) -> None:
        self._FindingWaived()  # the subject must be there to be named
        self.ending("FindingWaived", "WaiverLifted", "rule", "subject")

    def ending(self, begins: str, ends: str, *fields: str) -> None:
        """A divesting or lifting must find one begun before its day and not ended by then."""
        day = self.history.on(self.line["at"])
        same = [
            line
            for line in self.history.of(begins)
            if day.read(line["unit"]) == day.read(self.line["unit"]) or line["unit"] == self.line["unit"]
            if all(line[field] == self.line[field] for field in fields)
        ]
        if not same:
            self.codes.add("unknown-ref")
        ended = [line for line in self.history.of(ends) if all(line[field] == self.line[field] for field in fields)]
        current = [
            line
            for line in same
            if line["at"] < self.line["at"] < line.get("until", FOREVER)
            and not any(line["at"] < end["at"] <= self.line["at"] and day._same(end, line, *fields) for end in ended)
        ]
        if not current:
            self.codes.add("bad-interval")

    def _DelegationEnded(self) -> None:
        ref = self.line["ref"]
        if self.ref(ref, DELEGATIONS) and ref in self.history.transfers:
            self.end(self.history.transfers[ref], self.history.ends.get(ref))

    def _ResourcesAllotted(self) -> None:
        self.ref(self.line["ref"], DELEGATIONS)

    def named(self) -> Read | None:
        """The decision that a correction names; where there is none, why not."""
        named = target(self.reads, self.line)
        if named is None:
            annulled = self.line.get("ref") in self.history.annulled
            self.codes.add("not-in-force" if annulled else "unknown-ref")
        return named

    def _Annulled(self) -> None:
        named = self.named()
        if named is None:
            return
        if any(names(line, named.line) for line in self.recorded if line is not named.line):
            self.codes.add("in-use")
        self.cycle_without(named, [])

    def cycle_without(self, changed: Read, instead: list[Read]) -> None:
        """cycle: were these there in place of that one."""
        if "unit" in changed.line and changed.line["type"].startswith("Unit"):
            # In its own place: of several on one day the last recorded counts.
            reads = [each for each in self.reads if each is not changed]
            self.cycle(sorted([*reads, *instead], key=lambda each: each.position))

    def _Reinstated(self) -> None:
        named = self.named()
        if named is None:
            return
        if named.in_effect:
            if end_of(self.reads, self.line["ref"]) is None:
                self.codes.add("not-in-force")
            return
        back = [Read(named.position, named.line)]
        coming = [each for each in self.reads if each.gone_with == named.position]
        naming = World(with_it(self.reads, back[0]), named.line)
        self.codes |= World(self.reads, named.line).faults_of_what_comes_back(naming)
        for each in coming:
            world = World([*self.reads, *back], each.line)
            world.measure(each.line, {field: value for field, value in each.line.items() if field != "ref"})
            self.codes |= world.codes
        self.cycle_without(named, back)

    def faults_of_what_comes_back(self, naming: World) -> set[str]:
        self.fields_of_the_kind()
        self.conflict()
        if "conflict" not in self.codes:
            naming.measure(self.line, self.line)
            self.codes |= naming.codes
            getattr(self, f"_{self.type}", lambda: None)()
        return self.codes

    def _Corrected(self) -> None:
        named, set_ = self.named(), self.line["set"]
        if named is None:
            return
        line = better(named.line, set_)
        codes = shape.faults(line)
        self.codes |= codes
        if codes:
            return
        without = [each for each in self.reads if each is not named]
        world = World(without, line)
        world.measure_set(set(set_), World(with_it(without, Read(named.position, line)), line))
        self.codes |= world.codes
        if "at" in set_ and (end := self.own_end(named)) and end["at"] <= line["at"]:
            self.codes.add("bad-interval")
        instead = Read(named.position, line)
        reads = [instead if each is named else each for each in self.reads]
        if without_effect(reads) - without_effect(self.reads):
            self.codes.add("bad-interval")
        self.cycle_without(named, [instead])
        uses = [other for other in self.recorded if other is not named.line and names(other, named.line)]
        if "kind" in set_ and line["type"] == "MatterDefined":
            self.codes |= set().union(*(self.unfit(other, line) for other in uses))
        if "covers" in set_ and line["type"] == "ListAdopted":
            for item in uses:
                defined = self.first("MatterDefined", matter=item.get("matter"))
                if defined and defined["kind"] != line["covers"]:
                    self.codes.add("wrong-kind")

    def unfit(self, line: Line, matter: Line) -> set[str]:
        """wrong-kind: a decision that names a matter takes none of its new kind."""
        kinds: tuple[str, ...] = KINDS.get(line["type"], shape.KINDS)
        if line["type"] == "ListItemEntered":
            adopted = self.first("ListAdopted", list=line["list"])
            kinds = (adopted["covers"],) if adopted else kinds
        if line["type"] in ("PowerVested", "PowerDivested") or matter["matter"] in (line.get("requires") or ()):
            kinds = ("power",)
        elif matter["matter"] in line.get("includes", ()):
            kinds = tuple(kind for kind in kinds if kind != "service")
        if line["type"] == "MatterRevised" and line["matter"] == matter["matter"]:
            return {"wrong-kind"} if shape.not_taken(set(line), matter["kind"]) else set()
        return set() if matter["kind"] in kinds else {"wrong-kind"}

    def own_end(self, named: Read) -> Line | None:
        """The recorded end of what a decision brought in."""
        ends = {
            "UnitRegistered": ("UnitDissolved", "unit"),
            "InstrumentIssued": ("InstrumentRepealed", "instrument"),
            "MatterDefined": ("MatterRetired", "matter"),
            "ListAdopted": ("ListRepealed", "list"),
            "ListItemEntered": ("ListItemWithdrawn", "list", "item"),
            **dict.fromkeys(DELEGATIONS, ("DelegationEnded", "ref")),
        }.get(named.line["type"])
        return self.first(ends[0], **{field: named.line[field] for field in ends[1:]}) if ends else None

    def measure_set(self, set_: set[str], naming: World) -> None:
        """What a correction sets, as in a decision of that type recorded now: `self.line` has it set.

        `naming`: the world in which its names are looked up.
        """
        line, dated = self.line, "at" in set_
        fields = {field for field in line if field in set_ or (dated and field in (*UNITS, "list"))}
        naming.measure(line, {field: line[field] for field in fields})
        self.codes |= naming.codes
        if line["type"] in ("MatterRevised", "DelegationProposed") and set_ & {"matter", "role", "mode", *shape.ONLY}:
            self.fields_of_the_kind()
        if line["type"] == "ListItemEntered":
            world = World(self.reads, line)
            world._ListItemEntered()
            keep = {"not-in-force"} if dated else set()
            keep |= {"wrong-kind"} if "matter" in set_ else set()
            keep |= {"unknown-field"} if set_ & {"roles", "from"} else set()
            self.codes |= world.codes & keep
        elif line["type"] == "RectificationOrdered" and (dated or "subject" in set_):
            self._RectificationOrdered()
        elif dated and line["type"] not in ("Corrected", "Reinstated", "Annulled"):
            getattr(self, f"_{line['type']}", lambda: None)()

    def _ReportAnswered(self) -> None:
        if not self.first("BurdenReported", report=self.line["report"]):
            self.codes.add("unknown-ref")

    def _FindingWaived(self) -> None:
        self.subject(DEEDS)

    def _RectificationOrdered(self) -> None:
        self.subject(DEEDS[:-1])  # anything but an order

    def _RectificationAnswered(self) -> None:
        self.ref(self.line["ref"], ("RectificationOrdered",))

    def subject(self, bearers: tuple[str, ...]) -> None:
        """What a finding is about must be there."""
        code, _, item = self.line["subject"].partition("#")
        if not item:
            self.ref(code, bearers)
        elif code == "LAW":
            self.codes |= set() if self.first("MatterDefined", matter=item) else {"unknown-ref"}
        elif not self.first("ListItemEntered", list=code, item=item):
            self.codes.add("unknown-ref")


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int))
