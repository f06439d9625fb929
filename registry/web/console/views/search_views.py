"""The pages that a search finds, by their names and by what people call what they do there."""

from __future__ import annotations

from typing import Final

from registry.access.operations import Rule
from registry.domain.text import Text
from registry.web.authorization import allows, lets_in
from registry.web.console.view import View
from registry.web.console.views import start, territories
from registry.web.viewing import viewer

MOST: Final = 3  # territories of the reader, to whose pages a search leads
PAGES: Final = {
    **start.LINKS,
    "/rectifications": Text("整改督办", "Orders to put findings right"),
    "/burdens": Text("负担", "Burdens"),
    "/matters": Text("事项", "Matters"),
    "/documents": Text("文件", "Documents"),
    "/history": Text("变更记录", "History of a unit, matter or document"),
    "/proofs/check": Text("核验证据文件", "Check a file of evidence"),
}
OF_TERRITORY: Final = {
    "/balance/{}": Text("权责平衡", "Balance over time"),
    "/matrix/{}": Text("职责矩阵", "Matrix of duties"),
    "/changes/{}": Text("变化", "Changes between two days"),
}
# What people also call it, in words of their work: each text of the search must have all its words in one of these.
ALSO: Final = {
    "/villages": "开证明 村级证明 certificates issued by a village",
    "/overview": "首页 今日 总体情况 dashboard",
    "/findings": "违规 提醒 待核 有哪些问题 violations",
    "/rectifications": "整改逾期 逾期整改 督办单 答复 纸面整改 overdue rectification",
    "/burdens": "报表 台账 检查 考核 工作群 挂牌 计划外 减负 forms inspections beyond the plan",
    "/reports": "诉求 意见 投诉 complaints",
    "/monitoring": "监测点 减负监测",
    "/assessments": "评价 打分 评派活的单位",
    "/accountability": "追责 溯源 谁牵头 谁负责 责任认定 证据包 who was responsible evidence",
    "/cases": "容错 纠错 免责 先例 precedents exemption",
    "/proposals": "职责准入 审核 admission",
    "/drafts": "起草 拟稿 下放 交办 赋权 试算 draft delegate",
    "/lists": "权责清单 履职清单 负面清单 赋权清单 收回清单 duties powers",
    "/lists/compare": "对比清单 两县比较 新旧对照",
    "/lists/import": "上传 表格 录入 excel upload spreadsheet",
    "/lists/import-folder": "批量导入 多个文件 upload several",
    "/undo": "撤销 录错 更正 恢复 退回 correct a mistake",
    "/work": "进度 后台 progress",
    "/log": "日志 流水 登记序号 journal entries",
    "/proofs": "篡改 防篡改 校验 检查点 存证 tampered verify checkpoint",
    "/proofs/check": "验证 上传证据 篡改 verify evidence",
    "/history": "历史 沿革 变动 何时调整",
    "/admin": "备份 健康 运行情况 backup health",
    "/accounts": "用户 角色 权限 口令 users roles permissions",
    "/balance/{}": "趋势 曲线 有责无权的变化 责权对比 trend over the years",
    "/matrix/{}": "谁牵头 各镇职责 有责无权 对照表 who leads",
    "/changes/{}": "两日之间 变更 新增 调整 what changed",
}


async def pages(view: View, words: list[str]) -> list[tuple[str, str]]:
    """The addresses and names of the pages that the reader is let into and that all words are about; by name first."""
    who = viewer(view.request)
    by_name = [path for path, title in PAGES.items() if _all_in(words, f"{title.zh} {title.en}")]
    by_name += [path for path, title in OF_TERRITORY.items() if _all_in(words, f"{title.zh} {title.en}")]
    wanted = list(dict.fromkeys([*by_name, *(path for path, also in ALSO.items() if _all_in(words, also))]))
    lines = [(view.href(path), view.localized(*PAGES[path])) for path in wanted if path in PAGES and lets_in(who, path)]
    below = [path for path in wanted if path in OF_TERRITORY] if allows(Rule.TERRITORY, who) else []
    units = (await territories.own(view))[-MOST:] if below else []
    return lines + [
        (view.href(path.format(unit["code"])), f"{unit['name']} · {view.localized(*OF_TERRITORY[path])}")
        for path in below
        for unit in reversed(units)
    ]


def _all_in(words: list[str], text: str) -> bool:
    text = text.casefold()
    return all(word in text for word in words)
