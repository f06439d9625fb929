"""What is put aside before a request is read: what it denies, and who wants the paper.

不是困难证明，是收入的 asks for 收入; 派出所要证明我公公不在了 asks for 我公公不在了.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from registry.checker.names.normalise import simplified

_CLAUSES: Final = re.compile(r"[\W_]+")
_WHO: Final = "我|俺|额|阮|咱|我们|俺们|咱们|这|那"
# How a clause begins that says what is not wanted, also in Cantonese, Wu and Min.
_NOT: Final = (
    "不是|不要|不办|不开|不写|不用|不需要|不想要|不想办|莫开|莫办|莫要|莫写|别开|别办|别写|别给我|莫给我|"
    "勿是|勿要|唔系|唔要|毋是"
)
_OF_MINE: Final = f"(?:{_WHO})?(?:(?:要|说|讲|问|办|开|想要|想办|想开)的(?:证明)?)?"
_DENIES: Final = re.compile(f"^{_OF_MINE}(?:{_NOT})(?!不)")
# 跟养狗没关系
_UNRELATED: Final = re.compile("^(?:跟|与|和|同)?.{1,8}(?:没关系|没啥关系|无关|不相干|不搭界)$")
# 不养狗，养鸭子: the same is denied of one thing and said of another.
_NOT_THIS: Final = re.compile(f"^(?:{_WHO})?不([养种卖改租补查领住])")
# 丢的不是发票，是房产证: what comes before holds of the second.
_NOT_OF_IT: Final = re.compile("^(.{1,7}?)不是.{1,12}$")
_BUT_OF_IT: Final = re.compile("^(?:而是|就是|乃是|是)(.+)$")
# 发票没丢，丢的是房产证
_NOT_DONE: Final = re.compile("^.{1,6}没(?:有)?([丢掉改换死病残])(?:了|掉|失)?$")
# 受灾的上次开了，今天要…: what is had already is not asked for.
_HAD: Final = re.compile(
    "(?:已经|上次|上回|昨天|前天|早就|之前|以前).{0,6}(?:拿|开|办|有|做|公证|写)过?(?:了|好了|完了)$"
    "|(?:拿|开|办|写|公证)过了$|有了$"
)
_NOW: Final = re.compile(
    "^(?:这次|这回|这趟|现在|今天|今儿|如今|眼下)(?:我|俺)?(?:只|就|是|还|再)?(?:来)?(?:要|想|拿|办|开|问|来)"
)
# 不是, 不对: takes back what was said just before.
_OOPS: Final = "哦|啊|呃|额|哎|诶|噢|喔|呀|唉"
_TAKES_BACK: Final = re.compile(
    f"^(?:{_OOPS})*(?:刚才|刚刚|先前|刚)?(?:{_WHO})?"
    "(?:不是|不对|不不|错了|[说讲搞弄写]错了|唔系|勿是)(?:的|咯|啊|哦|了)?$"
    f"|^(?:{_OOPS})+不$"
)
# 别搞错了 says nothing of what is wanted.
_BEWARE: Final = re.compile("^(?:可|千万)?(?:别|莫|不要|勿|唔好)(?:再)?(?:给我|帮我)?[搞弄写听开记]错")
_WISH: Final = re.compile(f"^(?:{_WHO})?(?:是|就是|就|想|只)?(?:要|开|办|来开|来办)")
# How the clause begins that says what is wanted instead.
_INSTEAD: Final = re.compile(
    f"^(?:{_WHO}|人家|学校|银行|单位|公司|平台|老师)*(?:要的|办的|开的|想要的|需要的|想办的|叫的)?"
    "(?:而是|就是|是|要的是|要的|要|办|开|需要|想要|想办|想开|系|乃是|得要)"
)
_PAPER: Final = re.compile("证明|条子|条|章")
# The same without a pause, as people dictate it.
_IN_ONE_BREATH: Final = re.compile(
    f"^(?:{_WHO})?(?:不是|不要|不办|不开|莫开|唔系|勿是)[^是要办开]{{1,14}}?(?:而是|要的是|是要|就是|是|要|办|开|系)(.{{2,}})$"
)
_THIS_NOT_THAT: Final = re.compile(f"^(?:{_WHO})?(?:要的是|是|要)(.{{2,}}?)(?:不是|不要).{{2,12}}$")

_ASKING: Final = (
    "派出所|户籍室|银行|信用社|农商行|农行|邮政|学校|学堂|老师|班主任|教育局|单位|公司|厂里|老板|法院|社保局|社保所|社保|"
    "民政局|民政|镇上|镇里|街道|乡里|上面|人家|他们|那边|对方|窗口|房管局|不动产|公证处|医院|保险公司|保险|平台|中介|村里|"
    "政府|人事|领导|交警|供电所|律师|大使馆"
)
_DEMANDED: Final = re.compile(
    f"(?P<who>{_ASKING})(?:那边|的人|里头)?"
    "(?:硬要|非要|还要|说要|讲要|话要|喊要|叫要|要求|需要|硬是要|非得要|要我|要俺|让我|叫我|喊我|要|让|叫|喊|说|讲|话|通知)"
    "(?:我们|我|俺|额|阮|咱)?(?:来|去|到|回|找)?(?:村里|村上|村委会|村委|村|居委会|社区|大队)?(?:来|去)?"
    "(?:开具|开|出具|出|写|打|提供|交|拿|补|盖|办)?(?:个|一个|一份|张|一张|份)?"
)

# 一张得病的，一张家里困难的; 开个困难的，再开个生病的: two papers, each by its own words.
_TWO: Final = re.compile(
    "(?:^|[开写要办打来给，])(?:一[张个份]|[张个份])(?P<one>[^一]{2,14}?的?)(?:证明)?[，、和跟](?:还有|还要|再加|再|另外?|外加)?(?:要|开|写|来|打|办|给)?"
    "(?:一[张个份]|(?<=[开写要来打办])[张个份])(?P<other>[^一，]{2,14}?)(?:证明)?(?:，[^，]*)?$"
)

_SPACED: Final = re.compile(r"(?<!\S)\S(?:\s+\S(?!\S)){2,}")


def unspaced(text: str) -> str:
    """The text with what has a space after every character, marks too, joined: such spaces part no clauses."""
    return _SPACED.sub(lambda run: "".join(run[0].split()), text)


def wanted(text: str) -> str:
    """The text without what it says it does not want; as it is where it says nothing of the kind."""
    clauses = [clause for clause in _CLAUSES.split(simplified(text)) if clause]
    if len(clauses) == 1:
        instead = _IN_ONE_BREATH.match(clauses[0]) or _THIS_NOT_THAT.match(clauses[0])
        return instead[1] if instead else text
    kept: list[str] = []
    denied, instead_of_it = False, False
    rest = iter(pairwise([*clauses, ""]))
    for clause, following in rest:
        if _BEWARE.match(clause):
            continue
        if _TAKES_BACK.match(clause):
            kept, denied, instead_of_it = [], denied or bool(kept), bool(kept)
        elif _DENIES.match(clause):
            denied = True
        elif denied and not instead_of_it and (begins := _INSTEAD.match(clause)):
            instead_of_it = True
            kept.append(clause[begins.end() :] if len(clause) - begins.end() > 1 else clause)
        elif _put_aside(clause, following):
            denied = instead_of_it = True
        elif (before := _NOT_OF_IT.match(clause)) and (after := _BUT_OF_IT.match(following)):
            denied = instead_of_it = True
            kept.append(before[1] + after[1])
            next(rest, None)
        else:
            kept.append(clause)
    if denied and kept and (instead_of_it or any(map(_PAPER.search, kept)) or any(map(_WISH.match, kept))):
        return "，".join(kept)
    return text


def _put_aside(clause: str, following: str) -> bool:
    """Whether a clause says what is not wanted only by what follows it: 不养狗，养鸭; 残疾的上次开了，这次要…."""
    if not following:
        return False
    if this := _NOT_THIS.match(clause):
        return re.match(f"^(?:{_WHO})?(?:是|就是|就|只|只是)?{this[1]}", following) is not None
    if done := _NOT_DONE.match(clause):
        return re.match(f"^{done[1]}(?:了|掉|失)?的是?", following) is not None
    if _UNRELATED.match(clause):
        return True
    return _HAD.search(clause) is not None and _NOW.match(following) is not None


def two_papers(text: str) -> tuple[str, ...]:
    """What each of two papers that are asked for at once is to be about; empty where it is not put so."""
    clauses = "，".join(filter(None, _CLAUSES.split(simplified(text))))
    both = _TWO.search(clauses)
    return (both["one"], both["other"]) if both else ()


def unasked(text: str) -> str:
    """The text without who wants the paper of the person; as it is where nothing else is said."""
    rest = _DEMANDED.sub("，", text)
    return rest if len(_CLAUSES.sub("", rest)) > 1 else text


def demander(text: str) -> str | None:
    """Who demands the paper of the person, as it is said: 派出所, 银行; None where it is nobody outside the village."""
    demanded = _DEMANDED.search(simplified(text))
    who = demanded["who"] if demanded else None
    return None if who in ("村里", "人家", "他们", "那边", "对方", "上面") else who


_HOW: Final = re.compile(
    "多少|多[大高远长宽深]|好多|几多|几钱|几点|几时|哪天|哪日|几号|哪里|哪儿|边度|什么时候|啥时候|啥辰光|哪个时候|怎么|怎样|咋|点样|点解|哪能|为啥|"
    "为什么|为何|凭啥|凭什么|(?:什么|啥|哪样)(?:手续|程序|流程|步骤|条件|政策|材料)|哪些|要不要|有没有|能不能|可不可以|会不会|是不是|吗$|没$|冇$|(?<![采砍])伐$|未$|呢$"
)
_ASKS: Final = re.compile(
    "多少|多[大高远长宽深]|几[个点天时多号]|哪|怎么|咋|怎样|什么|啥|谁|为什么|凭什么|吗|没有$|有没有|能不能|可不可以|是不是|要不要|会不会|行不行|好久|多久|"
    r"呢$|没$|不[咯嘞哩]?$|(?<![采砍])伐$|[?？]|(.)不\1"
)
# 去镇里办还是去县里办, 是你们写还是我写: which of two ways, of whatever paper.
_WHICH_WAY: Final = re.compile(
    "(?:去|到|在|找|归|先|由|报|交|[是给](?:你们?|我们?|村|镇|在|去|到|当场)).{1,9}还是(?:拉|送|拿|带)?(?:去|到|在|找|归|先|由|报|交|回|你|自己|我自己|我写|"
    "本人|村|镇|乡|县|市|街道|社区|网上|学校|医院|.{1,4}[所局院站厅部科办室心])"
)
_SPOKEN_OF: Final = re.compile(
    "证明|証明|证名|正明|政明|证眀|条子|条儿|介绍信|盖章|公章|zheng ?ming|开一?[个张份]|出具|"
    "你们(?:这[里儿边]?)?(?:能|给|可以|帮)*开(?!不?开?[门会车店灯水学]|放|始|到|几)"  # 那个没案底的是不是你们开
    "|(?:村里?|村上|村委会?|大队|屯里|你们|给|帮)(?:我|俺)?(?:能不能|能|给|先|来)*写(?![错字着])"  # 叫村里写写平时表现
)
# About getting a paper, whichever: 开证明要带身份证不.
_ABOUT_ANY: Final = re.compile(
    "^(?:请问|问一?下|我?想问一?下?)?(?:开|办|打|写|出)(?:一?[个张份])?(?:证明|条子)(?:要不要|需不需要|要带|需要带|带|要钱|要交|收费|"
    "收不收|收钱|免费|多少|几|必须|可以|能不能|是不是|在哪|去哪|到哪|找谁|找哪|要本人|本人|要多久|多久|的?流程|有没有|要什么|要啥|先)"
)
# The same where nothing stands before the word for the paper, or its form alone is spoken of: 证明要本人来吗, 格式呢.
_ABOUT_ITSELF: Final = re.compile(
    "^(?:请问|问一?下|那|这|那个|这个|你们的?|村里的?)*(?:"
    "(?:证明|条子)(?:上面?|里面?)?(?:是不是|一定|必须|非得|能不能|可不可以|可以|要不要|用不用|是|要|得)*"
    "(?:本人(?:来|到|去|亲自|在场)|户主来|代[办开领取拿]|找人代|叫人代|别人代|家里人|家属(?:来|代)|手写|打印|自己写|你们写|填表|"
    "寄|几[份张天个页]|多久|收费|收钱|原件|复印|签字|按手印|什么格式|啥格式)"
    "|(?:证明的?|条子的?)?(?:格式|模板|样本|范文|空白表|抬头)"
    ")"
)
# 叫我来拿一张纸，也不晓得是啥: who asks cannot tell which.
_KNOWS_NOT: Final = re.compile(
    "(?:不晓得|不知道|不清楚|搞不清楚?|弄不清楚?|没[听讲说]清楚?|记不得|记不清|忘了|忘记|没问)(?:是|叫|要|的|了){0,3}(?:个|做)?"
    "(?:啥|什么|哪[个种张样])"
)
_WANTS: Final = re.compile(
    "要|开一?[个张份]|开具|出[个具]|给|办|盖|章|条|写|打[个张]|批|整个|弄个|want|need|give|please"
)


def asks_how(text: str) -> bool:
    """Whether it is a question that names no paper: how, when, how much, whether; or how to come by any."""
    plain = _CLAUSES.sub("", simplified(text))
    if _ABOUT_ANY.search(plain) or _ABOUT_ITSELF.search(plain):
        return True
    way = _HOW.search(plain) or _WHICH_WAY.search(plain)
    return way is not None and _SPOKEN_OF.search(plain) is None


def asks(text: str) -> bool:
    """Whether it is put as a question at all, whatever it is about."""
    plain = simplified(text)
    return any(one.search(plain) for one in (_ASKS, _WHICH_WAY, _ABOUT_ITSELF))


def knows_not_which(text: str) -> bool:
    """Whether whoever asks says that they do not know which paper is wanted: 我也不晓得是啥."""
    return _KNOWS_NOT.search(simplified(text)) is not None


def wants(text: str) -> bool:
    """Whether something is said to be wanted: 要, 开个, 给, 办, a stamp or a slip."""
    return _WANTS.search(simplified(text)) is not None


def speaks_of_slip(text: str) -> bool:
    """Whether a paper is spoken of, as a slip or a stamp too: 要村里的条, 盖个章."""
    plain = simplified(text)
    return _PAPER.search(plain) is not None or _SPOKEN_OF.search(plain) is not None
