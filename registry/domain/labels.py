"""What users read for the contract's words: levels, kinds, roles and modes, in Chinese and in English."""

from __future__ import annotations

from typing import Final

from registry.domain.text import Text

LEVEL: Final[dict[str, Text]] = {
    "central": Text("中央", "central"),
    "province": Text("省级", "province"),
    "prefecture": Text("市级", "prefecture"),
    "county": Text("县级", "county"),
    "township": Text("乡级", "township"),
    "village": Text("村级", "village"),
}
UNIT_KIND: Final[dict[str, Text]] = {
    "government": Text("政府（办事处）", "government"),
    "village": Text("村（社区）组织", "village organisation"),
    "department": Text("部门", "department"),
    "party": Text("党委部门", "party body"),
    "dispatched": Text("派驻机构", "dispatched team"),
}
# What a unit is for, as the laws name those who hold a matter; another word stands as it was given.
FUNCTION: Final[dict[str, Text]] = {
    "government": Text("政府", "government"),
    "emergency": Text("应急管理部门", "emergency management"),
    "urban-management": Text("城市管理执法部门", "urban management"),
    "civil-affairs": Text("民政部门", "civil affairs"),
    "natural-resources": Text("自然资源部门", "natural resources"),
    "agriculture": Text("农业农村部门", "agriculture"),
    "water": Text("水利部门", "water"),
    "ecology": Text("生态环境部门", "ecology"),
    "housing": Text("住房和城乡建设部门", "housing"),
    "transport": Text("交通运输部门", "transport"),
    "market": Text("市场监管部门", "market regulation"),
    "health": Text("卫生健康部门", "health"),
    "human-resources": Text("人力资源社会保障部门", "human resources"),
    "education": Text("教育部门", "education"),
    "public-security": Text("公安机关", "public security"),
    "justice": Text("司法行政部门", "justice"),
    "veterans": Text("退役军人事务部门", "veterans"),
    "forestry": Text("林业部门", "forestry"),
    "culture": Text("文化和旅游部门", "culture"),
    "statistics": Text("统计部门", "statistics"),
    "finance": Text("财政部门", "finance"),
    "medical-insurance": Text("医疗保障部门", "medical insurance"),
    "commerce": Text("商务部门", "commerce"),
    "development": Text("发展改革部门", "development"),
    "science-industry": Text("科技、经济和信息化部门", "science and industry"),
    "petition": Text("信访部门", "petitions"),
    "disabled": Text("残疾人联合会", "disabled persons' federation"),
    "staffing": Text("机构编制部门", "staffing"),
    "organization": Text("组织部门", "organization"),
    "discipline": Text("纪检监察机关", "discipline inspection"),
    "data": Text("数据管理部门", "data"),
    "fire": Text("消防救援机构", "fire and rescue"),
    "audit": Text("审计部门", "audit"),
    "general-office": Text("政府办公室", "government office"),
    "party-office": Text("党委办公室", "party committee's office"),
    "political-legal": Text("党委政法委员会", "political and legal affairs commission"),
    "propaganda": Text("宣传部门", "publicity"),
    "united-front": Text("统一战线工作部门", "united front work"),
    "society": Text("社会工作部门", "social work"),
    "planning": Text("城乡规划部门", "town and country planning"),
    "livestock": Text("畜牧兽医部门", "livestock"),
    "rural-revitalization": Text("乡村振兴（扶贫开发）部门", "rural revitalization"),
    "food-drug": Text("食品药品监管部门", "food and drugs"),
    "realty": Text("不动产登记机构", "real estate registration"),
    "enforcement": Text("综合行政执法机构", "comprehensive enforcement"),
    "archives": Text("档案部门", "archives"),
    "tax": Text("税务机关", "taxation"),
    "meteorology": Text("气象部门", "meteorology"),
    "sport": Text("体育部门", "sport"),
    "ethnic-religious": Text("民族宗教事务部门", "ethnic and religious affairs"),
    "women": Text("妇女联合会", "women's federation"),
    "youth": Text("共产主义青年团组织", "youth league"),
    "unions": Text("工会", "trade unions"),
}
INSTRUMENT_KIND: Final[dict[str, Text]] = {
    "law": Text("法律", "a law"),
    "regulation": Text("法规", "a regulation"),
    "rule": Text("规章", "a ministerial or local rule"),
    "provincial_decision": Text("省级决定", "a provincial decision"),
    "government_document": Text("政府文件", "a government document"),
    "notice": Text("通知", "a notice"),
    "letter": Text("责任书", "a letter of responsibility"),
    "minutes": Text("会议纪要", "minutes of a meeting"),
    "verbal": Text("口头交办", "word of mouth"),
}
POWER_KIND: Final[dict[str, Text]] = {
    "penalty": Text("行政处罚", "penalty"),
    "licence": Text("行政许可", "licence"),
    "coercion": Text("行政强制", "coercion"),
    "levy": Text("行政征收", "levy"),
    "payment": Text("行政给付", "payment"),
    "inspection": Text("行政检查", "inspection"),
    "confirmation": Text("行政确认", "confirmation"),
    "award": Text("行政奖励", "award"),
    "adjudication": Text("行政裁决", "adjudication"),
    "other": Text("其他行政权力", "other power"),
}
MATTER_KIND: Final[dict[str, Text]] = {
    "duty": Text("职责", "duties"),
    "power": Text("权力", "powers"),
    "certificate": Text("证明", "certificates"),
    "service": Text("“一件事”", "services"),
    "form": Text("报表", "forms"),
    "inspection": Text("检查考核", "inspections"),
    "meeting": Text("会议", "meetings"),
    "document": Text("文件", "documents"),
    "mechanism": Text("机制牌子", "mechanisms"),
    "workgroup": Text("工作群和应用程序", "chat groups and apps"),
}
POLARITY: Final[dict[str, Text]] = {
    "positive": Text("正面清单", "a positive list"),
    "negative": Text("负面清单", "a negative list"),
}
ROLE: Final[dict[str, Text]] = {
    "lead": Text("牵头", "leads"),
    "share": Text("共同承担", "shares"),
    "assist": Text("配合", "assists with"),
}
CASE_OUTCOME: Final[dict[str, Text]] = {
    "exempted": Text("免责", "exempted"),
    "lightened": Text("从轻或减轻", "lightened"),
    "held": Text("追责", "held"),
}
REPORT_OUTCOME: Final[dict[str, Text]] = {
    "upheld": Text("属实", "upheld"),
    "rejected": Text("不属实", "rejected"),
    "resolved": Text("已解决", "resolved"),
}
RECTIFICATION_OUTCOME: Final[dict[str, Text]] = {
    "done": Text("已整改", "done"),
    "extended": Text("申请延期", "extended"),
    "disputed": Text("有异议", "disputed"),
}
RECTIFICATION_STATE: Final[dict[str, Text]] = {
    "OPEN": Text("待答复", "open"),
    "OVERDUE": Text("逾期", "overdue"),
    "ANSWERED": Text("已延期", "given more time"),
    "ON_PAPER": Text("纸面整改", "rectified on paper"),
    "DISPUTED": Text("有异议", "disputed"),
    "CLOSED": Text("已销号", "closed"),
}
MODE: Final[dict[str, Text]] = {"devolved": Text("下放", "devolved"), "entrusted": Text("委托", "entrusted")}
# Where people hand something in, as they know the place, by its level.
WINDOW: Final[dict[str, Text]] = {
    "central": Text("国家部门的政务服务窗口", "the window of the national authority"),
    "province": Text("省政务服务中心", "the province's service centre"),
    "prefecture": Text("市政务服务中心", "the prefecture's service centre"),
    "county": Text("县（市、区）政务服务中心", "the county's service centre"),
    "township": Text("乡镇（街道）便民服务中心", "the township's service centre"),
    "village": Text("村（社区）便民服务站", "the village's service point"),
}
