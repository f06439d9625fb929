"""What the environment of a process sets: every variable that the program reads, declared once.

No other module reads `os.environ` by name; docs/reference/configuration.md is written from this table. What is secret
can also stand in a file that NAME_FILE names, as containers and systemd hand secrets over.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final


class BadSetting(Exception):
    """A variable of the environment that cannot be used; the text never has its value."""

    code = "bad-setting"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment: its name, what holds without it, and what it means, in zh and en.

    `secret`: its value is shown to nobody, and can stand in a file instead, which `NAME_FILE` names.
    """

    name: str
    default_zh: str
    default_en: str
    zh: str
    en: str
    secret: bool = False

    @property
    def file_name(self) -> str:
        """The variable that names a file with the value of a secret."""
        return f"{self.name}_FILE"

    def read(self) -> str:
        """The value without spaces around it; empty where it is not set. Raises BadSetting for a secret's file."""
        value = os.environ.get(self.name, "").strip()
        file = os.environ.get(self.file_name, "").strip() if self.secret else ""
        if not file:
            return value
        if value:
            raise BadSetting(
                f"{self.name} 和 {self.file_name} 只能设一个。", f"Set {self.name} or {self.file_name}, not both."
            )
        return _content(self.file_name, Path(file))

    def paths(self) -> list[Path]:
        """The value as files, separated as PATH separates folders; none where it is not set."""
        return [Path(name) for name in os.environ.get(self.name, "").split(os.pathsep) if name]


def _content(name: str, file: Path) -> str:
    """What stands in the file that a variable names. Raises BadSetting where it cannot be read, or is empty."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as problem:
        raise BadSetting(
            f"{name} 所指的文件 {file} 无法读取：{problem.strerror}。",
            f"The file {file} that {name} names cannot be read: {problem.strerror}.",
        ) from None
    except UnicodeDecodeError:
        raise BadSetting(
            f"{name} 所指的文件 {file} 不是 UTF-8 文本。", f"The file {file} that {name} names is no UTF-8 text."
        ) from None
    if not text:
        raise BadSetting(f"{name} 所指的文件 {file} 是空的。", f"The file {file} that {name} names is empty.")
    return text


DATABASE_URL: Final = Setting(
    "REGISTRY_DATABASE_URL",
    "内置的 PostgreSQL，在 REGISTRY_HOME 下",
    "the embedded PostgreSQL under REGISTRY_HOME",
    "数据库的连接地址，PostgreSQL 15 及以上：`postgresql://用户:密码@主机:5432/数据库`。可含密码，程序不显示。",
    "Where the database is, PostgreSQL 15 or later: `postgresql://user:password@host:5432/database`. "
    "It may hold a password, which the program never shows.",
    secret=True,
)
READ_URL: Final = Setting(
    "REGISTRY_READ_URL",
    "都在主库上读",
    "everything is read from the primary",
    "只读副本的连接地址，可写几个主机：`postgresql://用户:密码@主机甲,主机乙:5432/数据库`。查询在副本上进行；"
    "连不上或落后的副本不用。可含密码，程序不显示。",
    "Where replicas are read, one host or several: `postgresql://user:password@a,b:5432/database`. Questions are asked "
    "of them; one that cannot be reached or is behind is left out. It may hold a password, which is never shown.",
    secret=True,
)
HOME: Final = Setting(
    "REGISTRY_HOME",
    "`~/.local/share/quanze`",
    "`~/.local/share/quanze`",
    "程序保存一切的文件夹：内置数据库（`postgresql/`）、签名密钥（`signing.key`）和公钥（`signing.pub`）。",
    "The folder of everything the program keeps: the embedded database (`postgresql/`), the signing key "
    "(`signing.key`) and its public half (`signing.pub`).",
)
SIGNING_KEY: Final = Setting(
    "REGISTRY_SIGNING_KEY",
    "REGISTRY_HOME 下的 `signing.key`，没有就生成",
    "`signing.key` under REGISTRY_HOME, made when first needed",
    "签发检查点的私钥（C2SP signed note 格式，Ed25519）。",
    "The private key that signs checkpoints (C2SP signed note, Ed25519).",
    secret=True,
)
LOG_NAME: Final = Setting(
    "REGISTRY_LOG_NAME",
    "`quanze`",
    "`quanze`",
    "首次生成签名密钥时，本登记簿日志的名称（检查点的第一行）。交给外部证人的，须取唯一的名称，"
    "如 `quanze.example.gov.cn/yicheng`；密钥生成后不再改变。",
    "The name of this registry's log, the first line of its checkpoints, when its signing key is first made. A log "
    "that others witness needs a name of its own, such as `quanze.example.gov.cn/yicheng`; later it does not change.",
)
WITNESS_POLICY: Final = Setting(
    "REGISTRY_WITNESS_POLICY",
    "没有证人",
    "no witnesses",
    "证人文件（C2SP tlog-policy 格式）：每个证人的公钥、地址，以及几个证人副署才算数。",
    "The file of witnesses (C2SP tlog-policy): the key and address of each, and how many must cosign a checkpoint.",
)
THESAURUS: Final = Setting(
    "REGISTRY_THESAURUS",
    "只用随程序发布的词库",
    "the thesaurus that comes with the program, alone",
    "县自有的换名词库文件，几个用 `:` 隔开；重启后生效。",
    "A county's own thesaurus files, separated by `:`; they count after a restart.",
)
CERTIFICATE_WORDS: Final = Setting(
    "REGISTRY_CERTIFICATE_WORDS",
    "只用随程序发布的用语",
    "the words that come with the program, alone",
    "县自有的证明用语文件，几个用 `:` 隔开；重启后生效。",
    "A county's own files of words for certificates, separated by `:`; they count after a restart.",
)
HOSTS: Final = Setting(
    "REGISTRY_HOSTS",
    "本机监听：本机的名称和地址（localhost、127.0.0.1、[::1]）；监听其他地址：另加数字地址和本机的主机名",
    "listening on loopback: this machine's (localhost, 127.0.0.1, [::1]); elsewhere also addresses in digits and this "
    "machine's host names",
    "服务以哪些名称提供，用逗号隔开，如 `quanze.example.gov.cn`；写明端口的只限该端口，`*` 为不限（由前面的代理核对）。"
    "以其他名称来的请求答 421，防止别的网站借域名指向本机（DNS 重绑定）；本机的名称和 /health、/ready 总是可以。",
    "The names under which the server answers, separated by commas, such as `quanze.example.gov.cn`; one with a port "
    "is for that port only, `*` is any name (then a proxy in front must check). Requests under other names get 421, so "
    "that no other site can point a name of its own at this machine (DNS rebinding); this machine's names and /health, "
    "/ready always work.",
)
PROXIES: Final = Setting(
    "REGISTRY_PROXIES",
    "没有；本机上的代理可以说明来者的地址和是否 https",
    "none; one on this machine may say from where a request comes and whether by https",
    "反向代理的地址或网段，用逗号隔开，如 `10.0.0.5,10.1.0.0/16`。只有从这些地址来的 `X-Forwarded-Host`、"
    "`X-Forwarded-Proto`、`X-Forwarded-For` 和登录名请求头才算数。",
    "Addresses or networks of reverse proxies, separated by commas, such as `10.0.0.5,10.1.0.0/16`. "
    "`X-Forwarded-Host`, `X-Forwarded-Proto`, `X-Forwarded-For` and the header of who is logged in count from these "
    "only.",
)
RATE_OF_ACCOUNT: Final = Setting(
    "REGISTRY_RATE_OF_ACCOUNT",
    "`300:9000`",
    "`300:9000`",
    "一个账号（连同其令牌）每秒最多几个请求，冒号后是一时最多几个（不写为半分钟的个数）；`0` 为不限。"
    "每个服务进程各自计数，WebSocket 上的每个操作算一个请求；超过的答 429（`too-many-requests`）和 Retry-After。",
    "How many requests a second an account may send, its tokens included, and after the colon how many at once "
    "(without it what comes in half a minute); `0` is no limit. Each server process counts its own, an operation on a "
    "WebSocket is a request; more get 429 (`too-many-requests`) and Retry-After.",
)
RATE_OF_ADDRESS: Final = Setting(
    "REGISTRY_RATE_OF_ADDRESS",
    "`300:9000`",
    "`300:9000`",
    "没有登录的，一个地址（IPv6 按 /64）每秒最多几个请求，写法同上；令牌无效的请求也算。经反向代理的，代理须写 "
    "`X-Forwarded-For`，否则都算代理一个地址的。没有账号时的本机和 /health、/ready、/metrics 不计。",
    "The same of an address (of IPv6 a /64) for who is not logged in; requests with a token that does not work count "
    "too. A reverse proxy must write `X-Forwarded-For`, else all count as its own. Not counted: this machine where "
    "there are no accounts, and /health, /ready, /metrics.",
)
RUNTIME_DIR: Final = Setting(
    "XDG_RUNTIME_DIR",
    "系统的临时文件夹",
    "the temporary folder of the system",
    "REGISTRY_HOME 的路径太长、放不下套接字时，内置数据库的套接字所在文件夹。",
    "Where the embedded database puts its socket when the path of REGISTRY_HOME is too long for one.",
)
SUDO_USER: Final = Setting(
    "SUDO_USER",
    "`USER`",
    "`USER`",
    "决定由谁记录：经 sudo 运行时的登录名；命令的 `--by` 优先。",
    "By whom a decision is recorded: the login name behind sudo; a command's `--by` goes before it.",
)
USER: Final = Setting(
    "USER",
    "`LOGNAME`",
    "`LOGNAME`",
    "决定由谁记录：登录名。",
    "By whom a decision is recorded: the login name.",
)
LOGNAME: Final = Setting(
    "LOGNAME",
    "不写记录人",
    "no name is recorded",
    "决定由谁记录：没有 `USER` 时的登录名。",
    "By whom a decision is recorded: the login name where there is no `USER`.",
)

ADMIN: Final = Setting(
    "REGISTRY_ADMIN",
    "不设",
    "none is made",
    "还没有任何账号时，启动服务即以此名设立系统管理员（容器用）；已有账号时不起作用。",
    "The administrator that a server makes as it starts where there is no account yet, for containers; where there is "
    "one it does nothing.",
)
ADMIN_PASSWORD: Final = Setting(
    "REGISTRY_ADMIN_PASSWORD",
    "不设",
    "none",
    "该系统管理员的第一个密码；登录后请改掉。",
    "The first password of that administrator; change it once logged in.",
    secret=True,
)
PUBLIC_URL: Final = Setting(
    "REGISTRY_PUBLIC_URL",
    "请求中的地址",
    "the address in the request",
    "外面打开本系统的地址，如 `https://quanze.example.gov.cn`；统一身份认证登录后回到这里。",
    "The address by which others open the registry, as `https://quanze.example.gov.cn`: to it the identity provider "
    "sends people back.",
)
PROXY_USER_HEADER: Final = Setting(
    "REGISTRY_PROXY_USER_HEADER",
    "代理不管登录",
    "the proxy logs nobody in",
    "代理写登录名的请求头，如 `X-Remote-User`。代理须删去来访者自己带的同名请求头。",
    "The header in which the proxies say who is logged in, as `X-Remote-User`. They must take away what a visitor "
    "sends under that name.",
)
PROXY_ROLE_HEADER: Final = Setting(
    "REGISTRY_PROXY_ROLE_HEADER",
    "角色只在本系统授予",
    "roles are given here only",
    "代理写角色的请求头，几个用逗号隔开。",
    "The header in which the proxies say the roles, separated by commas.",
)
PROXY_UNIT_HEADER: Final = Setting(
    "REGISTRY_PROXY_UNIT_HEADER",
    "角色不带单位",
    "roles come without a unit",
    "代理写单位代码的请求头，几个用逗号隔开。",
    "The header in which the proxies say the units, by their codes, separated by commas.",
)
ROLES: Final = Setting(
    "REGISTRY_ROLES",
    "名称与本系统相同",
    "they are called as here",
    "统一身份认证或代理的角色名对应本系统的哪个角色：`组织部=organizer, 审计=auditor:420684`；没有对应的不给角色。",
    "Which role the names mean that the identity provider or the proxies use: "
    "`org-dept=organizer, audit=auditor:420684`; other names give no role.",
)
OIDC_ISSUER: Final = Setting(
    "REGISTRY_OIDC_ISSUER",
    "不用统一身份认证",
    "no identity provider",
    "统一身份认证（OpenID Connect）的签发者地址，须支持自动发现；以 https 开头。",
    "The issuer of the identity provider (OpenID Connect with discovery); begins with https.",
)
OIDC_CLIENT_ID: Final = Setting(
    "REGISTRY_OIDC_CLIENT_ID",
    "不设",
    "none",
    "在统一身份认证登记的客户端编号。",
    "The client id registered at the provider.",
)
OIDC_CLIENT_SECRET: Final = Setting(
    "REGISTRY_OIDC_CLIENT_SECRET",
    "公开客户端，只用 PKCE",
    "a public client, with PKCE alone",
    "客户端的密钥。",
    "The client's secret.",
    secret=True,
)
OIDC_SCOPES: Final = Setting(
    "REGISTRY_OIDC_SCOPES",
    "`openid profile`",
    "`openid profile`",
    "申请的范围，须含 `openid`。",
    "The scopes asked for; `openid` must be among them.",
)
OIDC_TITLE: Final = Setting(
    "REGISTRY_OIDC_TITLE",
    "统一身份认证",
    "the identity provider",
    "登录页上怎样称呼它：`中文 / English`。",
    "What the page for logging in calls it: `中文 / English`.",
)
OIDC_NAME_CLAIM: Final = Setting(
    "REGISTRY_OIDC_NAME_CLAIM",
    "`preferred_username`",
    "`preferred_username`",
    "哪项声明是账号名。",
    "Which claim is the account's name.",
)
OIDC_ROLE_CLAIM: Final = Setting(
    "REGISTRY_OIDC_ROLE_CLAIM",
    "`role`",
    "`role`",
    "哪项声明是角色；里面的一项写作 `realm_access.roles`。",
    "Which claim has the roles; one inside another is written `realm_access.roles`.",
)
OIDC_UNIT_CLAIM: Final = Setting(
    "REGISTRY_OIDC_UNIT_CLAIM",
    "`unit`",
    "`unit`",
    "哪项声明是单位代码。",
    "Which claim has the units, by their codes.",
)
LOG: Final = Setting(
    "REGISTRY_LOG",
    "`text`",
    "`text`",
    "服务日志的写法：`text` 供人阅读，`json` 每行一个 JSON 对象。",
    "How the server writes its log: `text` for people, `json` for one JSON object a line.",
)
LOG_LEVEL: Final = Setting(
    "REGISTRY_LOG_LEVEL",
    "`warning`",
    "`warning`",
    "服务日志写到哪一级：`error`、`warning`、`info`（每个请求一行）、`debug`（还写错误原文，可能含查询内容）。",
    "What the server logs: `error`, `warning`, `info` (a line for each request), `debug` (errors in their own words as "
    "well, which may have parts of a question in them).",
)
METRICS_TOKEN: Final = Setting(
    "REGISTRY_METRICS_TOKEN",
    "只答复本机（回环地址）",
    "answered on this machine only (loopback)",
    "读取 /metrics 须出示的令牌（`Authorization: Bearer …`）；设了以后本机读取也要出示。",
    "The token that whoever reads /metrics must show (`Authorization: Bearer …`); once it is set, on this machine too.",
    secret=True,
)
TRACES_ENDPOINT: Final = Setting(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "不发送调用链",
    "no traces are sent",
    "OpenTelemetry 收集器的地址（OTLP/HTTP），需安装附加项 `traces`；OpenTelemetry 的其余变量同样有效。",
    "Where the OpenTelemetry collector is (OTLP over HTTP); needs the extra `traces`. OpenTelemetry's other variables "
    "count as well.",
)

PREFIX: Final = "REGISTRY_"
OF_TESTS: Final = "REGISTRY_TEST_"
ALL: Final = (
    DATABASE_URL,
    READ_URL,
    HOME,
    SIGNING_KEY,
    LOG_NAME,
    WITNESS_POLICY,
    THESAURUS,
    CERTIFICATE_WORDS,
    HOSTS,
    ADMIN,
    ADMIN_PASSWORD,
    PUBLIC_URL,
    PROXIES,
    RATE_OF_ACCOUNT,
    RATE_OF_ADDRESS,
    PROXY_USER_HEADER,
    PROXY_ROLE_HEADER,
    PROXY_UNIT_HEADER,
    ROLES,
    OIDC_ISSUER,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_SCOPES,
    OIDC_TITLE,
    OIDC_NAME_CLAIM,
    OIDC_ROLE_CLAIM,
    OIDC_UNIT_CLAIM,
    LOG,
    LOG_LEVEL,
    METRICS_TOKEN,
    TRACES_ENDPOINT,
    RUNTIME_DIR,
    SUDO_USER,
    USER,
    LOGNAME,
)


def meaning_of_roles() -> dict[str, str]:
    """What role each name means that others use for roles (REGISTRY_ROLES). Raises BadSetting."""
    meaning: dict[str, str] = {}
    for part in ROLES.read().split(","):
        name, equals, role = (piece.strip() for piece in part.partition("="))
        if part.strip() and not (name and equals and role):
            raise BadSetting(
                "REGISTRY_ROLES 写成 名称=角色，几个用逗号隔开。",
                "REGISTRY_ROLES is written NAME=ROLE, separated by commas.",
            )
        if name:
            meaning[name] = role
    return meaning


def check_secrets() -> None:
    """Read every secret once, so that a server does not start with a file that cannot be read. Raises BadSetting."""
    for setting in ALL:
        if setting.secret:
            setting.read()


# What does nothing without another. Whoever sets the one believes that the registry is closed, or that others log in.
_ONLY_WITH: Final = (
    (ADMIN_PASSWORD, ADMIN),
    (PROXY_USER_HEADER, PROXIES),
    (PROXY_ROLE_HEADER, PROXY_USER_HEADER),
    (PROXY_UNIT_HEADER, PROXY_USER_HEADER),
    (OIDC_CLIENT_SECRET, OIDC_ISSUER),
)


def check_together() -> None:
    """Raises BadSetting where what decides who may enter is set, and that without which it does nothing is not."""
    for setting, needed in _ONLY_WITH:
        if setting.read() and not needed.read():
            raise BadSetting(
                f"设了 {setting.name}，而没有设 {needed.name}：它就不起作用。请两个都设，或都不设。",
                f"{setting.name} does nothing without {needed.name}, which is not set: set both, or neither.",
            )


def secret_files() -> list[str]:
    """The files that secrets of this process stand in."""
    names = [os.environ.get(setting.file_name, "").strip() for setting in ALL if setting.secret]
    return [name for name in names if name]


def unread() -> list[str]:
    """The variables of this process that look like the program's own, and that nothing reads: mistyped, or gone."""
    known = {setting.name for setting in ALL} | {setting.file_name for setting in ALL if setting.secret}
    return sorted(
        name for name in os.environ if name.startswith(PREFIX) and not name.startswith(OF_TESTS) and name not in known
    )
