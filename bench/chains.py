"""A journal of the checker's shape: duties handed down county, town, village, with the powers that they take.

Of each county of the real divisions, on an average: 3,840 duties and burdens in force and 570 grants of powers. Its
bureaus make the towns lead 25 duties each by letters with a day by which they are due, and assist with 35 more; the
towns ask their villages to assist with some of the former; the powers that these take are granted to the towns, some
entrusted again by their offices; forms, inspections, signboards and chat groups come on top. All is in order but for
faults, which come up at rates of about one in a hundred, times `faults`; each rule of the checker finds some.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import orjson

from bench.counties import (
    BURDENS,
    FUNCTIONS,
    POWER_KINDS,
    VILLAGE_NAMES,
    Division,
    Line,
    Town,
    adopted,
    delegated,
    divisions,
    issued,
    item,
    matter,
    seat,
    unit,
)

SEED = 20250630
DAYS = [(date(2024, 7, 1) + timedelta(days=n)).isoformat() for n in range(365 * 3)]
LETTERS = 320  # letters of responsibility are all of the year before the day that is judged
TIMES = {"led": 140, "handed": 120, "passed": 75}  # days that prefecture, county and town give
WORK = ("巡查", "排查", "报送", "台账", "会商", "初审", "回访", "整改督促", "信息核对", "资料汇总", "统筹", "拆迁腾退")
OFFICES = {"enforcement": "综合行政执法办公室", "services": "便民服务中心", "safety": "应急管理办公室"}
DISGUISED = ("乡贤联谊和项目牵线服务", "街面秩序志愿劝导并责令改正", "产业项目招引走访")
POWERS, DUTIES, LED, HELPED, PASSED = 8, len(WORK), 25, 40, 10


def journal(counties: int, faults: float = 1.0, seed: int = SEED, each: int | None = None) -> Iterator[Line]:
    """The decisions of so many counties with what is above them, of a prefecture no more than `each`.

    Raises ValueError where there are not so many.
    """
    rng = random.Random(seed)
    above, below = divisions()
    parents = sorted(below)
    rng.shuffle(parents)
    yield from _nationwide()
    seats: set[str] = set()
    left = counties
    for parent in parents:
        for code in dict.fromkeys((parent[:2], parent)) if left else ():
            if code not in seats:
                seats.add(code)
                yield from seat(code, above[code], "00" if len(code) == 2 else code[:2])
        for county in below[parent][: left if each is None else min(left, each)]:
            left -= 1
            yield from _County(rng, county, parent, faults).lines()
    if left:
        raise ValueError(f"the country has {counties - left} counties")


def write(path: Path, counties: int, faults: float = 1.0) -> None:
    """Write the journal into a file."""
    with path.open("wb") as stream:
        stream.writelines(orjson.dumps(line) + b"\n" for line in journal(counties, faults))


def _duty(function: str, n: int) -> str:
    return f"D-{function}-{n}"


def _required(n: int) -> list[int]:
    """Which powers of its function a duty takes: none, one or two."""
    return [n % POWERS, (n + 1) % POWERS][: n % 3]


def _needs(n: int) -> list[str]:
    return ["staff", "funds"][: n % 4 // 2 + 1] if n % 2 else []


def _nationwide() -> Iterator[Line]:
    yield unit("00", "中央人民政府", "central", "government", None, None)
    yield issued("法律〔1〕", "村级组织工作事务规定", "law", "00")
    for function, bureau in FUNCTIONS.items():
        topic = bureau.removesuffix("局").replace("执法", "")
        levels = [{"level": level, "function": function} for level in ("county", "prefecture", "province")]
        for n in range(POWERS):
            kind = POWER_KINDS[n % len(POWER_KINDS)]
            name = f"{topic}第{n + 1}项权力"
            yield matter(f"P-{function}-{n}", "power", name, lawful_holders=levels, power_kind=kind, basis=["某法"])
        for n, work in enumerate(WORK):
            more: Line = {"requires": [f"P-{function}-{power}" for power in _required(n)], "needs": _needs(n)}
            more = {name: value for name, value in more.items() if value}
            yield matter(_duty(function, n), "duty", f"{topic}{work}", category=topic, lawful_holders=levels, **more)
        for kind, word in BURDENS.items():
            for n in range(4):
                yield matter(f"B-{kind}-{function}-{n}", kind, f"{topic}{word}{n + 1}")
    for n, name in enumerate(DISGUISED):
        yield matter(f"D-other-{n}", "duty", name)
    yield matter("D-own", "duty", "老街消防器材巡查")
    for n in range(20):
        yield matter(f"C-{n}", "certificate", f"第{n + 1}类证明", issuer="主管部门")
    yield adopted("CN-NEG", "村级组织不应承担事项", "negative", "duty", "village", None, "法律〔1〕")
    for function in FUNCTIONS:
        yield item("CN-NEG", function, "不得交办", matter=_duty(function, DUTIES - 1))
    yield item("CN-NEG", "terms", "执法和招商", terms=["行政执法", "招商引资", "拆迁"])
    yield adopted("CN-SEALS", "村级组织可以出具的证明", "positive", "certificate", "village", None, "法律〔1〕")
    for n in range(10):
        yield item("CN-SEALS", str(n), f"第{n + 1}类证明", matter=f"C-{n}")


class _County:
    """One county: its units, papers and lists, then what is handed down in it."""

    def __init__(self, rng: random.Random, county: Division, parent: str, faults: float) -> None:
        self.rng, self.county, self.parent, self.faults = rng, county, parent, faults
        self.code = county.code
        province = parent[:2]
        self.decision, self.rule = f"{province}〔2016〕7号", f"{province}〔2016〕6号"
        self.notice, self.paper = f"{county.code}〔2017〕1号", f"{county.code}〔2017〕2号"
        chosen = rng.sample([(function, n) for function in FUNCTIONS for n in range(DUTIES - 1)], LED + HELPED)
        self.led, self.helped = chosen[:LED], chosen[LED:]
        self.count = 0
        self.later: list[Line] = []

    def lines(self) -> Iterator[Line]:
        """All decisions about it."""
        villages: dict[str, list[str]] = {}
        yield from self._units(villages)
        yield issued(self.notice, f"{self.county.name}关于落实清单的通知", "notice", self.code)
        yield issued(self.paper, f"{self.county.name}事项下放实施意见", "government_document", self.code)
        yield from self._lists()
        for function, n in (*self.led, *self.helped):
            day = self._day()
            yield self._handed(
                _duty(function, n), f"{self.parent}-{function}", self._bureau(function), day, "led", "lead", self.paper
            )
        for town in self.county.towns:
            yield from self._town(town, villages[town.code])
        yield from self.later

    def _fault(self, rate: float) -> bool:
        return self.rng.random() < rate * self.faults

    def _ref(self) -> str:
        self.count += 1
        return f"{self.code}-{self.count}"

    def _day(self) -> int:
        return int(self.rng.random() * LETTERS)

    def _bureau(self, function: str) -> str:
        return f"{self.code}-{function}"

    def _units(self, villages: dict[str, list[str]]) -> Iterator[Line]:
        code, name = self.code, self.county.name
        yield unit(code, name, "county", "government", self.parent, None)
        for function, bureau in FUNCTIONS.items():
            guide = {"guided_by": f"{self.parent}-{function}"}
            yield unit(self._bureau(function), name + bureau, "county", "department", code, function, **guide)
        for town in self.county.towns:
            yield unit(town.code, town.name, "township", "government", code, None)
            for office, called in OFFICES.items():
                yield unit(
                    f"{town.code}-{office}", town.name + called, "township", "department", town.code, f"town-{office}"
                )
            for function, called in (("justice", "司法所"), ("public-security", "派出所")):
                station, at = f"{town.code}-{function}", {"stationed_at": town.code}
                bureau = self._bureau(function)
                yield unit(station, town.name + called, "township", "dispatched", bureau, function, **at)
            numbers = [*range(1, town.communities + 1), *range(200, 200 + town.villages)]
            villages[town.code] = [f"{town.code}{number:03d}" for number in numbers]
            for village, number in zip(villages[town.code], numbers, strict=True):
                called = "".join(self.rng.choice(VILLAGE_NAMES) for _ in "ab")
                suffix = "社区居委会" if number < 200 else "村委会"
                yield unit(village, called + suffix, "village", "village", town.code, None)

    def _lists(self) -> Iterator[Line]:
        """What towns lead, what they assist with, what is taken back, what villages help with; quotas; powers."""
        code, notice = self.code, self.notice
        yield adopted(f"{code}-L", "乡镇履职事项清单", "positive", "duty", "township", code, notice)
        for index, (function, n) in enumerate((*self.led, *self.helped)):
            yield item(f"{code}-L", str(index), "履职事项", matter=_duty(function, n))
        yield adopted(f"{code}-V", "村级协助事项清单", "positive", "duty", "village", code, notice)
        for index, (function, n) in enumerate(self.led):
            yield item(f"{code}-V", str(index), "协助事项", matter=_duty(function, n))
        yield adopted(f"{code}-B", "上级收回事项清单", "negative", "duty", "township", code, notice)
        for index, function in enumerate(FUNCTIONS):
            yield item(f"{code}-B", str(index), "收回", matter=_duty(function, DUTIES - 1))
        for kind, quota in (("form", 5), ("workgroup", 3)):
            for level, most in (("township", quota), ("village", quota - 1)):
                title = f"{BURDENS[kind]}限额"
                yield adopted(
                    f"{code}-{kind}-{level}", title, "positive", kind, level, code, notice, closed=False, quota=most
                )
        yield adopted(f"{code}-P", "赋权清单", "positive", "power", "township", code, self.decision, assigns="devolved")
        functions = list(FUNCTIONS)
        for n in range(5):
            giver = {"from": self._bureau(functions[n])}
            yield item(f"{code}-P", str(n), f"赋权{n}", matter=f"P-{functions[n]}-{n}", **giver)

    def _handed(
        self, duty: str, sender: str, to: str, day: int, step: str, role: str, paper: str, **more: object
    ) -> Line:
        """A duty handed down, due after the days of its step; with what it needs, but for a fault."""
        n = int(duty.rpartition("-")[2]) if duty[-1].isdigit() else 0
        needs = _needs(n)
        line = delegated(self._ref(), duty, sender, to, DAYS[day], role, "letter" if step != "led" else "assigned")
        line["instrument"] = paper
        line["due_on"] = DAYS[day + TIMES[step]]
        if needs and not self._fault(0.03):
            line["brings"] = needs
        return line | more

    def _town(self, town: Town, villages: list[str]) -> Iterator[Line]:
        letter = f"{town.code}责任书"
        yield issued(letter, f"{town.name}目标责任书", "letter", self.code)
        if self._fault(0.01):
            self.later.append({"type": "InstrumentRepealed", "at": "2025-05-01", "instrument": letter})
        yield from self._grants(town, villages)
        chain: list[tuple[str, Line, int]] = []
        for function, n in self.led:
            duty, bureau, day = _duty(function, n), self._bureau(function), self._day()
            transfer = self._handed(duty, bureau, town.code, day, "handed", "lead", letter)
            yield transfer
            chain.append((function, transfer, day))
            if self._fault(0.005):
                yield self._handed(duty, bureau, f"{town.code}-enforcement", day, "handed", "lead", letter)
            if self._fault(0.002):
                yield self._handed(duty, town.code, bureau, day, "handed", "lead", self.paper)
        for function, n in self.helped:
            duty, bureau, day = _duty(function, n), self._bureau(function), self._day()
            transfer = self._handed(duty, bureau, town.code, day, "handed", "assist", self.paper)
            yield transfer
            if self._fault(0.005):
                yield self._handed(duty, self.code, town.code, day, "passed", "assist", self.paper)
        if self._fault(0.2):
            yield self._handed("D-own", self.code, town.code, self._day(), "handed", "assist", self.paper)
        for index, village in enumerate(villages):
            for number in range(PASSED):
                yield from self._passed(letter, village, *chain[(index + number * 2) % LED])
        yield from self._burdens(town, villages)

    def _passed(self, letter: str, village: str, function: str, transfer: Line, day: int) -> Iterator[Line]:
        """A village is asked to assist with what its town leads; wrongly, at times."""
        day += 10
        duty = transfer["matter"]
        passed = self._handed(duty, transfer["to"], village, day, "passed", "assist", letter, under=transfer["ref"])
        if self._fault(0.02):
            passed["due_on"] = DAYS[day + (30 if self.rng.random() < 0.5 else 50)]
        if self._fault(0.007):
            passed["role"] = "lead"
        if self._fault(0.005):
            passed["from"] = self._bureau(function)
        if self._fault(0.005):
            passed["mode"] = "entrusted"
        if self._fault(0.005):
            passed["matter"] = _duty(function, DUTIES - 1)
            passed["role"] = "share"
        elif self._fault(0.005):
            passed["matter"] = f"D-other-{self.count % len(DISGUISED)}"
            passed["role"] = "lead"
        yield passed
        if self._fault(0.1):
            reason = "returned" if self._fault(0.05) else "completed"
            self.later.append({"type": "DelegationEnded", "at": DAYS[day + 1], "ref": passed["ref"], "reason": reason})
            self.later.append(passed | {"ref": self._ref(), "at": DAYS[day + 2], "due_on": DAYS[day + 80]})

    def _grants(self, town: Town, villages: list[str]) -> Iterator[Line]:
        """What the town's duties take and more, 36 powers; four of them entrusted to its enforcement office."""
        wanted = dict.fromkeys((function, power) for function, n in self.led for power in _required(n))
        others = [(function, n) for function in FUNCTIONS for n in range(POWERS) if (function, n) not in wanted]
        wanted.update(dict.fromkeys(self.rng.sample(others, max(0, 36 - len(wanted)))))
        entrusted = 0
        for function, n in wanted:
            if self._fault(0.02):
                continue
            kind = POWER_KINDS[n % len(POWER_KINDS)]
            lent = kind != "coercion" and self.rng.random() < 0.2
            grant = self._granted(function, n, self._bureau(function), town.code, lent)
            if self._fault(0.01):
                grant["instrument"] = self.notice
            if self._fault(0.005):
                grant["from"] = self.code
            if self._fault(0.002):
                grant["to"] = villages[0] if villages else town.code
            yield grant
            if self._fault(0.01):
                self.later.append(
                    {"type": "DelegationEnded", "at": "2025-04-01", "ref": grant["ref"], "reason": "revoked"}
                )
            if entrusted < 4 and kind != "coercion" and (not lent or self._fault(0.05)):
                entrusted += 1
                yield self._granted(function, n, town.code, f"{town.code}-enforcement", True)

    def _granted(self, function: str, n: int, sender: str, to: str, lent: bool) -> Line:
        return {
            "type": "PowerGranted",
            "at": "2024-03-01",
            "ref": self._ref(),
            "matter": f"P-{function}-{n}",
            "from": sender,
            "to": to,
            "mode": "entrusted" if lent else "devolved",
            "instrument": self.rule if lent else self.decision,
        }

    def _burdens(self, town: Town, villages: list[str]) -> Iterator[Line]:
        """Ten of the county's bureaus on the town, five of the town's on each village; certificates asked for."""
        functions = self.rng.sample(list(FUNCTIONS), 10)
        kinds = list(BURDENS)
        for index, function in enumerate(functions):
            yield self._burden(kinds[index % 4], function, self._bureau(function), town.code)
        for village in villages:
            for index in range(5):
                yield self._burden(kinds[index % 4], functions[index], town.code, village)
            if self._fault(0.03):
                yield self._burden("workgroup", functions[5], town.code, village)
                yield self._burden("workgroup", functions[6], town.code, village)
            if self.rng.random() < 0.3:
                wanted = 10 + self.count % 10 if self._fault(0.1) else self.count % 10
                asker = self._bureau(functions[0])
                named = {"ref": self._ref(), "matter": f"C-{wanted}", "from": asker, "to": village}
                yield {"type": "CertificateDemanded", "at": DAYS[self._day()], **named}

    def _burden(self, kind: str, function: str, sender: str, to: str) -> Line:
        name = f"B-{kind}-{function}-{self.count % 4}"
        named = {"ref": self._ref(), "matter": name, "from": sender, "to": to, "instrument": self.notice}
        return {"type": "BurdenImposed", "at": DAYS[self._day()], **named}
