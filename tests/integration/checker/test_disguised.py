"""Names in disguise: normalisation, the thesaurus, how well both tell on names, and the rule that says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from registry import data_files
from registry.checker import RULES, check
from registry.checker.names import evaluation
from registry.checker.names.likeness import THRESHOLD, alike, letters_shared, readings, why_alike
from registry.checker.names.normalise import bare, normalised
from registry.checker.names.thesaurus import COUNTY_FILES, BadThesaurus, load_thesaurus, read
from registry.checker.setting import COUNTY, LETTER, NOTICE, SETTING, START, TOWN, URBAN, VILLAGE, entered, listed
from registry.domain import words
from registry.exchange import published
from registry.recording.unit_of_work import record
from registry.relations.two_times import NEWEST
from tests.support.paths import CASES, DATA

DEV = CASES / "disguised_dev.csv"
OWN = DATA / "disguised_names.csv"
FILE = data_files.path("lists/negative/thesaurus.yaml")
PUBLISHED = published.read(data_files.path("lists"))
LAWFUL: list[str] = data_files.own_yaml(DATA / "published_names.yaml")["lawful"]

Line = dict[str, Any]
SPRING = date(2021, 5, 1)

# ------------------------------------------------------------------------------------------------- normalisation


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＡＰＰ打卡", "app打卡"),
        ("執法檢查責任書", "执法检查责任书"),
        ("“执·法”　巡 查！", "执法巡查"),
        ("後續幫扶（第①批）", "后续帮扶第1批"),
        ("㈱微信群", "株微信群"),
        ("行政执法", "行政执法"),
        ("著作名录", "著作名录"),
    ],
)
def test_names_are_compared_in_one_width_one_script_and_without_marks(written: str, plain: str) -> None:
    assert normalised(written) == plain
    assert normalised(plain) == plain


def test_stop_words_are_left_out_unless_nothing_else_remains() -> None:
    assert bare("关于进一步加强村级渡口安全管理工作的通知") == "渡口安全管理通知"
    assert bare("专项行动工作") == "专项行动工作"


# ------------------------------------------------------------------------------------------------- the thesaurus


def burdens_meant(name: str) -> set[str]:
    """As which burdens a name reads."""
    return {load_thesaurus().burdens[r.burden].name for r in readings(name) if r.weight >= THRESHOLD}


@pytest.mark.parametrize(
    ("name", "burdens"),
    [
        ("烟花爆竹店结对看守", {"危险化学品监管"}),
        ("煙花爆竹店結對看守", {"危险化学品监管"}),
        ("烟花爆竹禁放宣传", set()),
        ("村干部钉钉群值守", {"微信工作群"}),
        ("老年群众广场舞", set()),
        ("预防犯罪讲座签到打卡", set()),
        ("水管检修限期整改", set()),
    ],
)
def test_what_a_name_reads_as(name: str, burdens: set[str]) -> None:
    assert burdens_meant(name) == burdens


def test_a_lawful_deed_counts_where_the_name_ends_in_it() -> None:
    assert burdens_meant("调解工作室揭幕仪式") == {"挂牌子"}
    assert burdens_meant("安全生产知识培训") == set()


def test_every_burden_can_be_meant_and_recognised() -> None:
    thesaurus = load_thesaurus()
    for index, burden in enumerate(thesaurus.burdens):
        assert index in thesaurus.meant([burden.name]), burden.name
        assert burden.en.isascii()


# Forbidden for how it is done, not for what it is: no other names for these are in the thesaurus.
BY_MANNER = {"“红头”变“白头”、正式发文改便笺", "领导批示、刊发信息"}


def test_every_forbidden_affair_of_the_nationwide_lists_means_a_burden() -> None:
    lost = [
        item["name"]
        for code, items in PUBLISHED.items.items()
        if PUBLISHED.lists[code]["polarity"] == "negative" and PUBLISHED.lists[code]["covers"] != "certificate"
        for item in items.values()
        if not load_thesaurus().meant([item["name"], *item.get("terms", ())])
    ]
    assert set(lost) == BY_MANNER


@pytest.fixture
def county_file(tmp_path: Path) -> Callable[[Any], Path]:
    def write(content: Any) -> Path:
        file = tmp_path / "ours.yaml"
        file.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return file

    return write


def test_a_county_adds_words_and_burdens(county_file: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert burdens_meant("亮旗帜比干劲擂鼓活动") == burdens_meant("厨余桶日日红灯") == set()
    file = county_file(
        {
            "deeds": ["擂鼓表演"],
            "burdens": [
                {"burden": "督查检查考核", "names": ["擂鼓"]},
                {"burden": "厨余考核", "en": "marks for bins", "heads": ["厨余"], "names": ["日日红灯"]},
            ],
        }
    )
    monkeypatch.setenv(COUNTY_FILES, str(file))
    load_thesaurus.cache_clear()
    try:
        assert burdens_meant("亮旗帜比干劲擂鼓活动") == {"督查检查考核"}
        assert burdens_meant("厨余桶日日红灯") == {"厨余考核"}
        assert burdens_meant("端午擂鼓表演") == set()
        assert len(alike([["厨余桶日日红灯"]], [["厨余分类考核"]])) == 1
    finally:
        load_thesaurus.cache_clear()


@pytest.mark.parametrize(
    "content",
    [
        {"burdens": []},
        {"burdens": [{"names": ["无名"]}]},
        {"burdens": [{"burden": "甲", "words": ["乙"]}]},
        {"burdens": [{"burden": "甲", "does": ["nothing"]}]},
        ["burdens"],
    ],
)
def test_a_bad_file_is_refused_in_both_languages(county_file: Callable[[Any], Path], content: Any) -> None:
    with pytest.raises(BadThesaurus, match=r"请改正文件.*Correct it"):
        read([FILE, county_file(content)])


def test_a_file_that_is_no_yaml_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("bad.yaml", "none.yaml"):
        with pytest.raises(BadThesaurus, match=name):
            read([tmp_path / name])


# ---------------------------------------------------------------------------------------------------- how well


def test_the_development_set_by_cross_validation() -> None:
    cases = evaluation.read(DEV)
    assert len(cases) == 60
    for folds in (list(evaluation.stratified(cases)), evaluation.leave_items_out(cases)):
        assert evaluation.cross_validated(cases, evaluation.by_thesaurus, folds).f1 >= 0.95
    assert evaluation.as_shipped(cases).precision >= 0.95
    assert evaluation.as_shipped(cases).recall >= 0.95


def test_the_names_of_our_own() -> None:
    cases = evaluation.read(OWN)
    assert len(cases) > 600
    assert len({case.candidate for case in cases} & {case.candidate for case in evaluation.read(DEV)}) == 0
    assert evaluation.as_shipped(cases).precision >= 0.97
    assert evaluation.as_shipped(cases).recall >= 0.97
    assert evaluation.cross_validated(cases, evaluation.by_thesaurus, evaluation.leave_items_out(cases)).f1 >= 0.97


def test_letters_alone_would_not_do() -> None:
    cases = evaluation.read(DEV)
    assert evaluation.cross_validated(cases, evaluation.by_letters, evaluation.stratified(cases)).f1 < 0.8


def test_the_folds_part_the_cases() -> None:
    cases = evaluation.read(DEV)
    assert sorted(index for fold in evaluation.leave_items_out(cases) for index in fold) == list(range(60))
    folds = list(evaluation.stratified(cases, folds=5, repeats=2))
    assert len(folds) == 10
    for repeat in (folds[:5], folds[5:]):
        assert sorted(index for fold in repeat for index in fold) == list(range(60))
        assert {sum(cases[index].same for index in fold) for fold in repeat} == {6}


def test_the_scores_are_counted_right() -> None:
    cases = [evaluation.Case("甲", "乙", same) for same in (True, True, True, False)]
    value = evaluation.score(cases, [True, True, False, True])
    assert value == (2 / 3, 2 / 3)
    assert value.f1 == pytest.approx(2 / 3)
    assert evaluation.score(cases, [False] * 4).f1 == 0


def test_the_report_says_what_was_classified_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    evaluation.main([str(DEV), str(OWN)])
    printed = capsys.readouterr().out
    assert "disguised_dev.csv: 60 (30 disguised)" in printed
    assert printed.count("leave items out") == 4
    cases = evaluation.read(DEV) + evaluation.read(OWN)
    assert printed.count("missed: ") + printed.count("wrongly told: ") == len(evaluation.wrong(cases))


def test_lawful_names_are_left_alone_whatever_is_forbidden() -> None:
    """Real names that no list forbids read as no affair of the list of 2022."""
    items = [[i["name"], *i.get("terms", ())] for i in PUBLISHED.items["VILLAGE-NEGATIVE"].values()]
    pairs = alike([[name] for name in LAWFUL], items)
    assert [(LAWFUL[name], items[item][0]) for name, item in pairs] == []


def test_fast_enough_for_a_county() -> None:
    cases = evaluation.read(OWN)
    matters = [[case.candidate] for case in cases[:400]]
    items = [[case.item, case.candidate[:6]] for case in cases[-300:]]
    load_thesaurus()
    started = time.thread_time()
    assert len(alike(matters, items)) > 1000
    assert time.thread_time() - started < 1  # 0.04 s of the processor


# ------------------------------------------------------------------------------------------- letters that are shared


def test_the_same_letters_in_another_order_are_alike() -> None:
    assert letters_shared("渡口渡船安全检查", "渡船渡口日常巡查") > letters_shared("渡口渡船安全检查", "校车安全检查")
    assert alike([["乡镇自用船舶登记"]], [["乡镇自用船舶登记管理"]]).tolist() == [[0, 0]]
    assert alike([["自用船舶知识讲座"]], [["乡镇自用船舶登记管理"]]).tolist() == []
    assert alike([["疫情防控宣传"]], [["疫情防控"]]).tolist() == []
    assert alike([], [["疫情防控"]]).tolist() == alike([["疫情防控"]], []).tolist() == []


def test_why_says_which_name_and_which_words() -> None:
    why = why_alike(["春耕走访", "蹲点调研指导"], ["督查检查考核"])
    assert why is not None
    assert why.name == "蹲点调研指导"
    assert why.reading is not None
    assert "蹲点调研" in why.reading.evidence
    why = why_alike(["乡镇自用船舶登记"], ["船", "乡镇自用船舶登记管理"])
    assert why is not None
    assert (why.reading, why.written_like) == (None, "乡镇自用船舶登记管理")
    assert why_alike(["广场舞"], ["督查检查考核"]) is None


# ---------------------------------------------------------------------------------------------------------- the rule


def matter(code: str, name: str, kind: str = "duty", **others: Any) -> Line:
    return {"type": "MatterDefined", "at": START, "matter": code, "kind": kind, "name": name, **others}


def handed(ref: str, code: str, sender: str = TOWN, to: str = VILLAGE, role: str = "lead", **others: Any) -> Line:
    named = {"ref": ref, "matter": code, "from": sender, "to": to, "role": role, "mode": "letter"}
    return {"type": "DutyDelegated", "at": "2021-04-01", "instrument": LETTER, **named, **others}


def imposed(ref: str, code: str, sender: str = TOWN, to: str = VILLAGE) -> Line:
    named = {"ref": ref, "matter": code, "from": sender, "to": to}
    return {"type": "BurdenImposed", "at": "2021-04-01", "instrument": LETTER, **named}


def negative(covers: str, name: str, code: str = "V-NOT", **fields: Any) -> list[Line]:
    adopted = {"polarity": "negative", "audience": "village"} | fields.pop("adopted", {})
    return [
        dict(listed(code, "不得交办事项清单", covers=covers, **adopted)),
        dict(entered(code, "1", name, **({"terms": [name]} | fields))),
    ]


def subjects_of(connection: psycopg.Connection, *lines: Line) -> list[str]:
    record(connection, [dict(line) for line in (*SETTING, *lines)])
    return [f"{f.unit} {f.subject}" for f in check(connection, SPRING, NEWEST, rule="disguised")]


HIT = [f"{VILLAGE} R-1"]
ORDER = matter("D-ORDER", "街面秩序志愿劝导并责令改正")


def test_it_comes_back_under_another_kind(connection: psycopg.Connection) -> None:
    lines = [matter("F-ORDER", "乡贤联谊和项目牵线周报", "form"), imposed("R-1", "F-ORDER")]
    assert subjects_of(connection, *negative("duty", "招商引资"), *lines) == HIT


def test_a_certificate_comes_back_as_a_duty(connection: psycopg.Connection) -> None:
    lines = [matter("D-CONDUCT", "现实表现和违法情况鉴定"), handed("R-1", "D-CONDUCT")]
    assert subjects_of(connection, *negative("certificate", "无犯罪记录证明"), *lines) == HIT


def test_an_item_may_mean_it_by_its_matter(connection: psycopg.Connection) -> None:
    item = [matter("D-ENFORCE", "行政执法"), *negative("duty", "其他", matter="D-ENFORCE", terms=None)]
    del item[-1]["terms"]
    assert subjects_of(connection, *item, ORDER, handed("R-1", "D-ORDER")) == HIT


def test_an_alias_tells(connection: psycopg.Connection) -> None:
    lines = [matter("I-LOOK", "春耕走访", "inspection", aliases=["蹲点调研指导"]), imposed("R-1", "I-LOOK")]
    record(connection, [dict(line) for line in (*SETTING, *negative("inspection", "督查检查考核"), *lines)])
    (finding,) = check(connection, SPRING, NEWEST, rule="disguised")
    assert finding.severity == "R"
    for text in (finding.message.zh, finding.message.en):
        for part in ("春耕走访", "蹲点调研", "督查检查考核", "《不得交办事项清单》", NOTICE, "上河村"):
            assert part in text
    assert finding.path == ("R-1",)
    assert f"《关于开展市容整治的通知》（{NOTICE}）" in finding.basis


def test_the_item_that_it_is_most_like_is_told_and_the_words_that_tell(connection: psycopg.Connection) -> None:
    """The thesaurus knows nothing of this name."""
    name = "为家乡代言每天五百赞"
    items = [*negative("workgroup", "截图留痕"), dict(entered("V-NOT", "2", "点赞转发投票", terms=["点赞转发投票"]))]
    lines = [matter("F-LIKES", name, "workgroup"), imposed("R-1", "F-LIKES")]
    record(connection, [dict(line) for line in (*SETTING, *items, *lines)])
    (finding,) = check(connection, SPRING, NEWEST, rule="disguised")
    assert "第2项“点赞转发投票”换了名称" in finding.message.zh
    assert "“每天" in finding.message.zh
    assert "正是“政务APP打卡”换名时的常见说法" in finding.message.zh
    assert "item 2 “点赞转发投票”" in finding.message.en
    assert "how forced use of apps is often put" in finding.message.en


@pytest.mark.parametrize(
    ("why", "items", "lines"),
    [
        ("the role is allowed", negative("duty", "行政执法"), [handed("R-1", "D-ORDER", role="assist")]),
        ("the list is for towns", negative("duty", "行政执法", adopted={"audience": "township"}), []),
        ("the list is another territory's", negative("duty", "行政执法", adopted={"scope": "990103"}), []),
        ("a negative item names it", negative("duty", "责令改正"), []),
        ("the item means something else", negative("duty", "招商引资"), []),
        ("the list is of powers", negative("power", "行政执法"), []),
    ],
)
def test_nothing_is_reported(connection: psycopg.Connection, why: str, items: list[Line], lines: list[Line]) -> None:
    other = {"type": "UnitRegistered", "at": START, "unit": "990103", "name": "石桥县", "level": "county"}
    other |= {"kind": "government", "parent": "9901"}
    assert subjects_of(connection, other, *items, ORDER, *(lines or [handed("R-1", "D-ORDER")])) == []


def test_what_a_positive_list_names_is_in_no_disguise(connection: psycopg.Connection) -> None:
    own = [
        dict(listed("V-OWN", "村级事项清单", polarity="positive", covers="duty", audience="village", scope=COUNTY)),
        dict(entered("V-OWN", "1", "街面秩序", matter="D-ORDER")),
    ]
    assert subjects_of(connection, ORDER, *negative("duty", "行政执法"), *own, handed("R-1", "D-ORDER")) == []


def test_what_was_admitted_is_in_no_disguise(connection: psycopg.Connection) -> None:
    proposal = {"type": "DelegationProposed", "at": "2021-03-01", "proposal": "A-1", "matter": "D-ORDER"}
    proposal |= {"from": TOWN, "to": VILLAGE, "role": "lead", "mode": "letter", "instrument": LETTER}
    admitted = {"type": "ProposalAdmitted", "at": "2021-03-15", "proposal": "A-1", "by": COUNTY}
    handed_down = handed("R-1", "D-ORDER", proposal="A-1")
    assert subjects_of(connection, ORDER, *negative("duty", "行政执法"), proposal, admitted, handed_down) == []


def test_once_the_list_is_repealed_nothing_is_forbidden(connection: psycopg.Connection) -> None:
    repealed = {"type": "ListRepealed", "at": "2021-04-15", "list": "V-NOT"}
    assert subjects_of(connection, ORDER, *negative("duty", "行政执法"), handed("R-1", "D-ORDER"), repealed) == []


# What was given back.

BOATS = matter("D-BOATS", "乡镇自用船舶登记管理")
RIVER = matter("D-RIVER", "自用船舶登记服务")
GIVEN = handed("R-0", "D-BOATS", sender=URBAN, to=TOWN) | {"at": "2021-02-01"}
BACK = {"type": "DelegationEnded", "at": "2021-03-01", "ref": "R-0", "reason": "returned"}


def test_what_was_given_back_comes_again_under_another_name(connection: psycopg.Connection) -> None:
    again = handed("R-1", "D-RIVER", sender=URBAN, to=TOWN)
    record(connection, [dict(line) for line in (*SETTING, BOATS, RIVER, GIVEN, BACK, again)])
    (finding,) = check(connection, SPRING, NEWEST, rule="disguised")
    assert (finding.unit, finding.subject, finding.path) == (TOWN, "R-1", ("R-0", "R-1"))
    for text in (finding.message.zh, finding.message.en):
        for part in ("乡镇自用船舶登记管理", "自用船舶登记服务", "2021-03-01", "R-0"):
            assert part in text
    # Its own surroundings tell the same.
    assert check(connection, SPRING, NEWEST, within=TOWN, rule="disguised") == [finding]


def test_what_the_town_gave_back_comes_to_its_village(connection: psycopg.Connection) -> None:
    assert subjects_of(connection, BOATS, RIVER, GIVEN, BACK, handed("R-1", "D-RIVER", sender=URBAN)) == HIT


def test_what_the_town_itself_hands_to_its_village_is_not_what_it_gave_back(connection: psycopg.Connection) -> None:
    assert subjects_of(connection, BOATS, RIVER, GIVEN, BACK, handed("R-1", "D-RIVER", sender=TOWN)) == []


@pytest.mark.parametrize(
    "lines",
    [
        [GIVEN, BACK, handed("R-1", "D-BOATS", sender=URBAN, to=TOWN)],  # the matter itself: that is `rebound`
        [GIVEN, BACK | {"reason": "completed"}, handed("R-1", "D-RIVER", sender=URBAN, to=TOWN)],
        [GIVEN, handed("R-1", "D-RIVER", sender=URBAN, to=TOWN), BACK | {"at": "2021-04-02"}],
        [GIVEN, BACK, handed("R-1", "D-STALLS", sender=URBAN, to=TOWN)],
    ],
)
def test_nothing_was_given_back_under_another_name(connection: psycopg.Connection, lines: list[Line]) -> None:
    assert subjects_of(connection, BOATS, RIVER, *lines) == []


# ----------------------------------------------------------------------------------------------- ordinary matters


def catalogue(file: str) -> list[Line]:
    codes = [one["matter"] for one in PUBLISHED.matters.values() if one["kind"] == "duty"]
    village = {one for one in codes if one.startswith("D-V-")}
    return [PUBLISHED.matters[one] for one in codes if (one in village) is (file == "village")]


# Of the towns' duties these say, in the lead of a village, what the lists of 2017 and 2022 keep off it, though not in
# those lists' own words; with the affairs that each may be said to be.
KEPT_OFF = {
    "D-CLINICS": {"行政执法"},  # 非法行医查处
    "D-FISHING-BAN": {"行政执法"},  # 非法捕捞查处
    "D-HOMESTEAD-ENFORCEMENT": {"行政执法"},  # 违法占用宅基地查处
    "D-RIVER-SAND": {"行政执法"},  # 非法采砂查处
    "D-ROAD-PROTECTION": {"行政执法"},  # 占用公路查处
    "D-UNLICENSED-TRADE": {"行政执法"},  # 无证无照经营查处
    "D-RIVER-CLEARANCE": {"拆迁拆违"},  # 涉河违建清理
    "D-ROAD-SIGNS": {"拆迁拆违"},  # 公路控制区违建管理
    "D-GAS-SAFETY": {"安全生产"},
    "D-SPECIAL-EQUIPMENT": {"安全生产"},
    "D-CONSTRUCTION-WASTE": {"城市管理", "环境整治", "行政执法"},
    "D-FOOD-STALLS": {"城市管理", "环境整治", "行政执法", "安全生产"},
    "D-OUTDOOR-ADS": {"城市管理", "环境整治"},
    "D-COOKING-FUME": {"环境整治", "行政执法"},
    "D-DUST": {"环境整治"},
}
# These may be argued: villages inspect for fire themselves (Fire Protection Law art. 32), and straw and manure are
# as much their own affair as pollution's. That is what severity R is for.
ARGUABLE = {"D-FIRE-SAFETY": {"安全生产"}, "D-STRAW-BURNING": {"环境整治"}, "D-LIVESTOCK-POLLUTION": {"环境整治"}}


def ordinarily_handed(connection: psycopg.Connection, duties: list[Line], sender: str, to: str) -> dict[str, str]:
    """What is found in disguise, and what is said of it: the nationwide lists in force, each duty given to the unit."""
    day = "2023-01-01"
    lists = [line for line in published.decisions(data_files.path("lists")) if line["type"] != "InstrumentRepealed"]
    lines = [handed(f"R-{duty['matter']}", duty["matter"], sender, to) | {"at": day} for duty in duties]
    record(connection, [dict(line) for line in (*SETTING, *lists, *lines)])
    findings = check(connection, SPRING.replace(year=2023), NEWEST, rule="disguised")
    return {finding.matter: finding.message.zh for finding in findings}


def test_the_towns_duties_are_in_no_disguise(connection: psycopg.Connection) -> None:
    duties = catalogue("town")
    assert len(duties) >= 60
    assert ordinarily_handed(connection, duties, COUNTY, TOWN) == {}


def test_the_villages_duties_are_in_no_disguise(connection: psycopg.Connection) -> None:
    duties = catalogue("village")
    assert len(duties) >= 30
    assert ordinarily_handed(connection, duties, TOWN, VILLAGE) == {}


def test_of_the_towns_duties_only_the_forbidden_read_so_when_a_village_leads(connection: psycopg.Connection) -> None:
    messages = ordinarily_handed(connection, catalogue("town"), TOWN, VILLAGE)
    assert messages.keys() <= {*KEPT_OFF, *ARGUABLE}
    for matter_, message in messages.items():
        affairs = KEPT_OFF.get(matter_) or ARGUABLE[matter_]
        assert any(f"项“{affair}”" in message for affair in affairs), message


def test_it_is_the_contracts_rule() -> None:
    assert ("disguised" in words.RULES, RULES["disguised"].severity) == (True, "R")
