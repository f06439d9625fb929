"""What a question can be refused for: a code, a sentence in zh and en, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError

from registry.domain.problems import HINTS
from registry.recording.unit_of_work import LineError

# What is wrong with a decision keeps the journal's hints; these are for who asks.
REQUEST_HINTS: Final[dict[str, tuple[str, str]]] = {
    "bad-value": (
        "核对这一项的写法，改正后重试。",
        "Check how this is written, correct it, and try again.",
    ),
    "unknown-unit": (
        "核对单位的代码或名称。",
        "Check the unit's code or name.",
    ),
    "unknown-matter": (
        "核对事项的编码或名称。",
        "Check the matter's code or name.",
    ),
    "unknown-list": (
        "核对清单的编号。",
        "Check the list's code.",
    ),
    "unknown-instrument": (
        "核对文号。",
        "Check the document's number.",
    ),
    "unknown-ref": (
        "核对编号。",
        "Check the id.",
    ),
    "bad-query": (
        "对照 graphql/schema.graphql 检查查询语句。",
        "Check the query against graphql/schema.graphql.",
    ),
    "bad-request": (
        '以 POST 发送 JSON 对象：{"query": …, "variables": {…}}。',
        'POST a JSON object: {"query": …, "variables": {…}}.',
    ),
    "too-costly": (
        "减少嵌套，或给 first 一个较小的数，分几次查询。",
        "Nest less, or give first a smaller number and ask several times.",
    ),
    "too-large": (
        "把请求分成几次发送；大量决定请用 registry import 导入。",
        "Send it in several requests; for many decisions use registry import.",
    ),
    "unsupported-media-type": (
        "加上请求头 Content-Type: application/json。",
        "Send the header Content-Type: application/json.",
    ),
    "method-not-allowed": (
        "查询用 GET 或 POST，修改用 POST。",
        "Use GET or POST for questions, POST for mutations.",
    ),
    "not-found": (
        "核对地址；首页是 /，查询接口是 /graphql。",
        "Check the address; the first page is /, the query endpoint /graphql.",
    ),
    "forbidden": (
        "请用有相应角色和范围的账号登录；表单请从本站页面提交。",
        "Log in with an account that has the role and the territory; send forms from the pages of this server.",
    ),
    "unknown-host": (
        "用服务启动时显示的地址访问；要用这个名称，请管理员把它写入 REGISTRY_HOSTS 后重启服务。",
        "Use the address that the server shows; to use this name, have it added to REGISTRY_HOSTS and start again.",
    ),
    "not-logged-in": (
        "请登录；程序须换用有效的令牌，可在“我的账号”里新发一个。",
        "Log in; a program needs a token that works, which is made on the page of your account.",
    ),
    "login-failed": (
        "核对账号和密码；忘记密码的，请系统管理员重设。",
        "Check the account and the password; an administrator can set another one.",
    ),
    "login-expired": (
        "请从登录页重新登录。",
        "Begin again on the page for logging in.",
    ),
    "too-many-attempts": (
        "过一会儿再试；不是本人在试的，请告诉系统管理员。",
        "Try again later; if it was not you who tried, tell the administrator.",
    ),
    "account-disabled": (
        "需要恢复使用的，请找系统管理员。",
        "Ask an administrator to let it be used again.",
    ),
    "account-exists": (
        "换一个名字；登录时遇到的，请找系统管理员。",
        "Choose another name; if it happens as you log in, ask an administrator.",
    ),
    "unknown-account": (
        "在账号页上核对账号名。",
        "Check the name on the page of accounts.",
    ),
    "weak-password": (
        "换一个长一些、别人想不到的密码，比如几个不相干的词。",
        "Choose a longer one that nobody would think of, such as a few unrelated words.",
    ),
    "last-administrator": (
        "先让另一个账号担任系统管理员。",
        "Make another account an administrator first.",
    ),
    "provider-unavailable": (
        "稍后再试；本系统的账号仍可用密码登录。",
        "Try again later; accounts of this registry can still log in with their password.",
    ),
    "provider-refused": (
        "请重新登录；一直如此的，请系统管理员核对统一身份认证的设置。",
        "Log in again; if it stays so, have the settings of the identity provider checked.",
    ),
    "metrics-closed": (
        "在本机读取，或设定令牌并在请求头 Authorization: Bearer 中出示。",
        "Read them on that machine, or set a token and show it in the header Authorization: Bearer.",
    ),
    "too-many-connections": (
        "关闭不用的 WebSocket 和事件流；一个连接可以同时订阅多项。",
        "Close WebSockets and event streams that are not used; one connection takes many subscriptions.",
    ),
    "too-many-requests": (
        "等到 Retry-After 的秒数过去，再放慢些；程序可在一次查询里问多项。有账号的请先登录，登录后按账号计。",
        "Wait as Retry-After says, then go slower; a query can ask much. If you can, log in: you count alone.",
    ),
    "too-much-work": (
        "等前面的办完再发起，在“后台工作”（/work）里看进度。",
        "Wait until some of it is done: see Background work (/work).",
    ),
    "overloaded": (
        "过一会儿再发送；有账号的请先登录，或使用令牌。",
        "Send it again in a while; log in, or use a token, if you have an account.",
    ),
    "busy": (
        "等正在进行的记录完成后重试。",
        "Try again when the recording under way is done.",
    ),
    "bad-key": (
        "请管理员检查签名密钥。",
        "Have the signing key checked.",
    ),
    "bad-witnesses": (
        "请管理员改正证人文件（REGISTRY_WITNESS_POLICY）。",
        "Have the file of witnesses corrected (REGISTRY_WITNESS_POLICY).",
    ),
    "bad-thesaurus": (
        "请管理员改正这个词库文件，或从 REGISTRY_THESAURUS 中去掉。",
        "Have this thesaurus file corrected, or taken out of REGISTRY_THESAURUS.",
    ),
    "bad-certificate-words": (
        "请管理员改正这个用语文件，或从 REGISTRY_CERTIFICATE_WORDS 中去掉，然后重启服务。",
        "Have this file of words corrected, or taken out of REGISTRY_CERTIFICATE_WORDS, and the server started again.",
    ),
    "unknown-position": (
        "写日志已有的序号，或一个时间；缺省为最新。",
        "Give a position that the log has, or a time; without either it is the newest.",
    ),
    "timeout": ("缩小范围后重试。", "Ask about less, then try again."),
    "database-unavailable": (
        "稍后重试；若一直如此，请管理员检查数据库。",
        "Try again later; if it stays so, have the database checked.",
    ),
    "database-not-ready": (
        "等待数据库迁移完成，或运行与数据库版本相符的程序。",
        "Wait until the database is migrated, or run the program that fits it.",
    ),
    "internal": (
        "这是程序的错误，请把时间和查询告诉管理员。",
        "This is an error of the program: tell the administrator the time and the query.",
    ),
}


def hint(code: str) -> dict[str, str]:
    """What to do about a code."""
    zh, en = REQUEST_HINTS.get(code) or HINTS[code]
    return {"zh": zh, "en": en}


def problem(code: str, zh: str, en: str, **more: Any) -> GraphQLError:
    """An error for the client: its message has both languages, `extensions` the code, each language, and the hint."""
    return GraphQLError(f"{zh} / {en}", extensions=extensions(code, zh, en, **more))


def extensions(code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    """What stands in `extensions` of an error."""
    return {"code": code, "message": {"zh": zh, "en": en}, "hint": hint(code), **more}


def line_errors(errors: Iterable[LineError]) -> list[dict[str, int | str | None]]:
    """What is wrong with each decision: as the contract prints it, and its sentence in each language apart."""
    return [error.as_object() | {"zh": error.message.zh, "en": error.message.en} for error in errors]


def bad_value(field: str, zh: str, en: str) -> GraphQLError:
    """An argument that cannot be."""
    return problem("bad-value", zh, en, field=field)


def presented(error: GraphQLError) -> dict[str, Any]:
    """An error as the client reads it: `message`, `extensions`, and where it stands in the query."""
    return dict(presentable(error).formatted)


def presentable(error: GraphQLError) -> GraphQLError:
    """An error with its code. What was not meant for clients becomes `internal`, without its text."""
    if "code" in (error.extensions or {}):
        return error
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        code = "bad-value" if "invalid value" in error.message or error.path else "bad-query"
        zh = "参数的值不合要求" if code == "bad-value" else "查询语句有误"
        message, details = f"{zh}：{error.message}", extensions(code, zh, error.message)
    else:
        internal = problem("internal", "服务器内部错误。", "An error inside the server.")
        message, details = internal.message, internal.extensions or {}
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=details)
