"""Headings that counties publish over their lists, and the field that each is; written by eye."""

from __future__ import annotations

import pytest

from registry.exchange.sheets.recognising.headings import field_of

HEADINGS = {
    "number": "序号 编号 顺序号 项次 总序号 目录编号",
    "category": "类别 事项类别 业务条线 工作条线 抽查领域 抽查类别 检查领域 监管领域 职责领域 事项大类 职责板块"
    " 所属条线",
    "subcategory": "二级类别 业务小类 事项小类 二级领域",
    "code": "事项编码 目录编码 权责编码 职权代码",
    "name": "事项名称 抽查事项 联合抽查事项 抽查项目 检查事项名称 监管事项 行政检查事项 行政执法事项 权责事项 权责名称"
    " 主项名称 承接事项 委托事项 准入事项 禁入事项 负面事项 属地管理事项 村级事务 服务事项 公共服务事项 职权事项名称",
    "department": "责任主体 主要责任单位 第一责任单位 抽查主体 发起部门 监管部门 执法主体 委托机关 赋权主体 移交部门"
    " 归口管理部门 法定主体 实施机关 收回主体 条线部门 县直责任部门"
    " 布置单位 任务布置部门 工作安排单位 报表制发机关 表格下发科室 制表单位 文件印发单位 任务交办部门 主抓部门",
    "supporting": "配合部门 配合责任单位 联合部门 参与单位 联合抽查部门 其他责任单位 协作部门"
    " 工作配合科室 任务参与单位",
    "department_duties": "主要责任 主体责任 本部门职责 牵头单位职责 行业主管部门责任 监管责任 牵头职责",
    "township_duties": "配合责任 属地管理责任 属地监管职责 乡镇（街道）具体职责 镇街配合责任 乡镇协助内容",
    "part": "子项 子项名称 子项（具体事项） 业务办理项 具体子项",
    "duties": "职责分工 责任分工 职责边界 责任界定",
    "exerciser": "行使主体 权力行使主体 实际行使主体",
    "tier": "实施层级 行使层级 填报层级 抽查层级 权限划分",
    "responsibilities": "责任事项 对应责任事项",
    "accountability": "追责情形 追责情形及依据 问责依据 免责情形 监督方式",
    "limit": "法定时限 承诺时限 办件类型",
    "share": "抽查比例 检查比例",
    "basis": "设定依据 政策法规 抽查依据 职责依据 实施依据及条款",
    "power_kind": "职权类型 事项性质 权责类别 执法类别",
    "mode": "赋权方式 移交形式 授权方式",
    "recipient": "承接单位 关联镇街 涉及镇街 适用乡镇（街道） 受托单位",
    "since": "生效时间 启用日期 施行日期 委托开始时间",
    "until": "有效期至 到期时间 委托期限",
    "brings": "经费保障 资金来源 人财物保障 要素保障 补助标准",
    "object": "抽查对象 检查对象 监管对象 适用对象",
    "manner": "抽查方式 检查方法 上报方式",
    "frequency": "抽查频次 检查周期 报送次数",
    "time": "抽查时间 实施月份 上报时限",
    "person": "联系方式 监督电话 分管负责人 经办人及电话",
    "page": "页码 所在页",
    "reason": "调整原因 变更说明",
}
KNOWN = [(field, heading) for field, headings in HEADINGS.items() for heading in headings.split()]


@pytest.mark.parametrize(("field", "heading"), KNOWN, ids=[heading for _, heading in KNOWN])
def test_a_published_heading(field: str, heading: str) -> None:
    assert field_of(heading) == field


def test_there_are_many() -> None:
    assert len(KNOWN) > 130
