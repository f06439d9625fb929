"""Every variable of the environment, from registry/settings.py."""

from __future__ import annotations

from typing import Final

from registry import settings
from tools.reference.tables import page, table

HEAD: Final = """
程序只读下列环境变量；没有配置文件。改动在下次启动时生效。
The program reads these variables of the environment and no file of configuration. A change counts at the next start.
"""
# What the program itself never reads: the container file, the tests, and make do.
OTHERS: Final = (
    (
        "REGISTRY_PASSWORD",
        "`quanze`",
        "`docker-compose.yml`：容器中数据库的密码，首次启动前设定；只用字母和数字，因为它写在连接地址里。",
        "`docker-compose.yml`: the password of the database in its container, set before the first start; letters and digits only, for it is part of a URL.",
    ),
    (
        "REGISTRY_TEST_DATABASE_URL",
        "内置的 · the embedded one",
        "测试所用的数据库服务器；其角色须能建库、建角色。",
        "The server that the tests use; its role must be allowed to create databases and roles.",
    ),
    (
        "REGISTRY_TEST_PROFILE",
        "`suite`",
        "随机测试怎样取例：`suite` 处处取同样的例；`search`（`make search` 用）每次取新的、更多的例。",
        "How the property tests draw their inputs: `suite` the same ones everywhere; `search`, which `make search` uses, more and new ones each time.",
    ),
)


def markdown() -> str:
    """The whole page."""
    head = ("变量 variable", "缺省 default", "含义 meaning")
    own = [
        (
            f"`{one.name}`",
            one.default_zh if one.default_zh == one.default_en else f"{one.default_zh} · {one.default_en}",
            f"{one.zh} {one.en}",
        )
        for one in settings.ALL
    ]
    return page(
        "配置 · Configuration",
        HEAD,
        [
            *table(head, own),
            "",
            "## 不由程序读取 · Not read by the program",
            "",
            *table(head, ((f"`{name}`", default, f"{zh} {en}") for name, default, zh, en in OTHERS)),
        ],
    )
