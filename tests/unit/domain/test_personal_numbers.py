"""Numbers of persons in a text: found however they are written, and nothing else taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.personal_numbers import ACCOUNT, CONTACT, IDENTITY, TELEPHONE, personal_numbers, suspected_numbers

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(region: str, born: str, number: str) -> str:
    digits = region + born + number
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


def account(digits: str) -> str:
    doubled = [int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits))]
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def grouped(digits: str, *lengths: int, by: str = " ") -> str:
    parts, rest = list[str](), digits
    for length in lengths:
        parts.append(rest[:length])
        rest = rest[length:]
    return by.join([*parts, rest])


def wide(text: str) -> str:
    return text.translate({ord("0") + digit: "０１２３４５６７８９"[digit] for digit in range(10)})


def in_words(digits: str, numerals: str = "〇一二三四五六七八九") -> str:
    return digits.translate({ord("0") + digit: numerals[digit] for digit in range(10)})


CARD, OLD = identity("420684", "19851201", "001"), "420684851201001"
BANK, SHORT_BANK = account("622202020011223344"), account("622848040256489")
NUMBERS = [
    (IDENTITY, [CARD, wide(CARD), grouped(CARD, 6, 4, 4), grouped(CARD, 6, 8, by="-"), " ".join(CARD)]),
    (
        IDENTITY,
        [identity("110101", "19900307", "451"), "身份证x：" + identity("650102", "20010101", "11" + "1").lower()],
    ),
    (IDENTITY, [OLD, grouped(OLD, 6, 6), grouped(OLD, 6, by="－"), wide(OLD)]),
    (TELEPHONE, ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "1380013 8000"]),
    (TELEPHONE, ["+86 13800138000", "8613800138000", "+86-138-0013-8000", "138 00 13 80 00", " ".join("13800138000")]),
    (TELEPHONE, ["0710-4212345", "（0710）4212345", "07104212345", "010-62345678", "+86 710 4212345", "020—83123456"]),
    (TELEPHONE, ["联系电话：4212345", "电话 6234 5678", "Tel: 62345678", "138.0013.8000", "138\u30000013\u30008000"]),
    (ACCOUNT, [BANK, SHORT_BANK, grouped(BANK, 4, 4, 4, 4), grouped(SHORT_BANK, 4, 4, 4), wide(BANK)]),
    (ACCOUNT, [grouped(BANK, 6, by="-"), grouped(BANK, 4, 4, 4, 4, by=" - ")]),
    (IDENTITY, [in_words(CARD), in_words(OLD, "零壹贰叁肆伍陆柒捌玖"), in_words(CARD, "⓪①②③④⑤⑥⑦⑧⑨"), "、".join(CARD)]),
    (
        IDENTITY,
        [grouped(CARD, 6, 8, by="，"), grouped(CARD, 9, by="\n"), grouped(CARD, 7, 3, by="\u00ad"), "/".join(CARD)],
    ),
    (IDENTITY, ["".join(d if at % 2 else in_words(d) for at, d in enumerate(CARD)), grouped(OLD, 5, by="\u2060")]),
    (
        TELEPHONE,
        ["一三八零零一三八零零零", "幺三八〇〇幺三八〇〇〇", "〇七一〇-四二一二三四五", "电话：六二三四五六七八"],
    ),
    (TELEPHONE, ["138\n00138000", "138/0013/8000", "1、3、8、0、0、1、3、8、0、0、0", "1380\u200b01\u200b38000"]),
    (TELEPHONE, ["统一13800138000参", "+860710-4212345", "①③⑧⓪⓪①③⑧⓪⓪⓪"]),
    (
        ACCOUNT,
        [
            in_words(BANK),
            in_words(SHORT_BANK, "零壹贰叁肆伍陆柒捌玖"),
            "，".join(BANK),
            grouped(BANK, 3, 9, by="\ufeff"),
        ],
    ),
]
NO_NUMBERS = [
    *(
        "宜办发〔2025〕6号",
        "鄂政办函〔2021〕12号",
        "（2025）鄂0684民初1234号",
        "中办发〔2018〕29号",
        "第十七条第（一）（二）项",
    ),
    *("2025-06-01至2025-12-31", "2025-06-01 2025-12-31", "20250601 20251231", "2016年1月18日", "20251129011627"),
    *("2021.6.1-2022.6.1", "2025 2026 2027 2028", "1-12月", "13 20 30 40 50 6", "共 1200 1300 1400 1500 元", "3.14159"),
    *("420684104208", "420684104208、420684104209", "420684 420685 420686", "420684101201 120户", "420684-transport"),
    *("11420684011403478X", "2025-420684-48-01-123456", "12345热线", "GQ-1、GQ-2"),
    *(
        "二〇二六年十一月二十九日至二〇二七年一月三十日",
        "一二三四五六七八九十",
        "第一百二十三条",
        "1、2、3、4、5、6、7、8、9、10、11",
    ),
    *("138，1200，1300", "一是1200元，二是1300元，三是1400元", "13:30—14:30、15:00—16:30", "陆公堤、伍家庙2025年"),
    # One digit off: the check digits are wrong.
    *(CARD[:-1] + str((int(CARD[-1]) + 1) % 10), BANK[:-1] + str((int(BANK[-1]) + 1) % 10)),
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NUMBERS for text in texts])
def test_a_number_of_a_person_is_found_however_it_is_written(kind: object, text: str) -> None:
    (number,) = personal_numbers(f"经办人（{text}），已处理。")
    assert number.kind is kind


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_days_documents_and_codes_are_none(text: str) -> None:
    assert personal_numbers(text) == []
    assert personal_numbers(f"据{text}办理") == []


@given(st.text(alphabet="甲乙丙，。\n 村a-", max_size=20), st.sampled_from([CARD, "138 0013 8000", wide(BANK)]))
def test_its_place_is_that_of_its_first_and_last_character(before: str, number: str) -> None:
    (match,) = personal_numbers(f"{before}号{number}号")
    assert (match.start, match.end) == (len(before) + 2, len(before) + 1 + len(number))


def test_several_are_each_found_in_their_order() -> None:
    numbers = personal_numbers(f"{CARD}，电话13800138000，账号{BANK}")
    assert [number.kind for number in numbers] == [IDENTITY, TELEPHONE, ACCOUNT]


WRONG = CARD[:-1] + str((int(CARD[-1]) + 1) % 10)
SUSPECTED = [
    (IDENTITY, [WRONG, wide(WRONG), in_words(WRONG), CARD[:-1], grouped(WRONG, 6, 8), grouped(WRONG, 6, 4, 4)]),
    (IDENTITY, [" ".join(WRONG), "、".join(WRONG), "身份证" + CARD[:-1] + "X", CARD, OLD]),
    (
        CONTACT,
        [
            "微信号zhangsan_88",
            "微信号：wxid_abc12345",
            "微信：li4-1985",
            "QQ号12345678",
            "ｑｑ：１２３４５６７８",
            "vx lisi1985",
        ],
    ),
    (CONTACT, ["微信号是zhangsan", "QQ 123456789", "weixin: abc_def"]),
]
UNSUSPECTED = [text for text in NO_NUMBERS if text not in (WRONG, CARD[:-1])]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SUSPECTED for text in texts])
def test_what_only_looks_like_a_persons_is_suspected(kind: object, text: str) -> None:
    (number,) = suspected_numbers(f"经办人（{text}），已处理。")
    assert number.kind is kind


@pytest.mark.parametrize(
    "text", [*UNSUSPECTED, "微信群里每天打卡", "微信小程序、QQ群", "用WeChat打卡2025年6次", "微信号2025年起要报"]
)
def test_days_documents_and_codes_are_not_even_suspected(text: str) -> None:
    assert suspected_numbers(f"据{text}办理") == []
