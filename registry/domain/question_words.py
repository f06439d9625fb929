"""What a question is about: the words of the asking taken off, so that what remains can be looked up."""

from __future__ import annotations

import re
from typing import Final

_BODY: Final = "(?:部门|单位|机关|机构|科室|局|级|一级|乡镇|镇|村)"
_DOING: Final = "(?:牵头|负责|主管|管理|管|承担|承办|办理|办|干|做|审批|批|出具|查处|执法|掌握|签)"
_SUBJECT: Final = "(?:职责|责任|权力|事项|清单|负担|文件|规定|依据|问题|任务|工作)"
_WHO: Final = f"(?:应该|应当|该|到底|究竟)?(?:由|归|属于|是|找|让)?(?:谁|哪(?:个|些|家|几个|一个)?{_BODY}|什么{_BODY})"
# Longer forms first: what is left of a longer one would be looked up.
_FORMS: Final = (
    "请问(?:一下)?",
    "我?想(?:问问|知道|了解|查)(?:一下)?",
    "(?:帮我|麻烦)?查(?:一下|一查)",
    f"{_WHO}(?:有权力?|来|在|去)?(?:{_DOING}(?:这(?:件|项)?事)?)?(?:的(?:{_SUBJECT})?)?",
    "(?:应该|该)?(?:怎么样|怎么|怎样|如何|咋样|咋)(?:办理|办|处理|申请|领取|领|弄|做|查|走)?",
    f"(?:都|还)?(?:有|是)?(?:哪些|哪几项|哪份|哪个|什么样的|什么|啥)(?:时候(?:开始)?的?|{_SUBJECT})",
    "(?:从)?(?:何时|哪天|哪年)(?:开始)?的?",
    "(?:在|去|到|上)?(?:哪里|哪儿|什么地方|啥地方)(?:办理|办|申请|领取|领|查)?",
    "(?:能不能|可不可以|是不是|有没有|可以吗|行吗|对吗)",
)
_CHINESE: Final = re.compile("|".join(_FORMS))
_ENGLISH: Final = re.compile(
    r"^\s*(?:please\s+)?(?:who|which\s+(?:unit|bureau|department|level)s?)\s+"
    r"(?:leads?|holds?|has|does|is\s+(?:responsible\s+for|in\s+charge\s+of))\s+|"
    r"^\s*(?:how\s+(?:do\s+i|to)\s+(?:get|apply\s+for|do)|where\s+(?:do\s+i|to)\s+(?:get|apply\s+for))\s+",
    re.IGNORECASE,
)
_EDGES: Final = " \t,，。、;；:：!！"
_ENDS: Final = re.compile("(?:吗|呢|啊|呀|吧|嘛|的|[?？])+$")


def without_question(text: str) -> str:
    """What a question is about (谁牵头 秸秆禁烧: 秸秆禁烧); the text itself where it asks nothing; it may be empty."""
    rest, forms = _CHINESE.subn(" ", text)
    rest, more = _ENGLISH.subn("", rest)
    ended = text.rstrip(_EDGES).endswith(("?", "？", "吗", "呢"))
    if not (forms or more or ended):
        return text
    return " ".join(_ENDS.sub("", rest.strip(_EDGES)).strip(_EDGES).split())
