"""Drafts are seen by whose they are and, shared, by those who draft for the same territory; by nobody else."""

from __future__ import annotations

from functools import partial

from registry.access.roles import Role
from tests.support.counties import Counties, Who, mentioned
from tests.support.draft_pages import Pages, text

SECRET = "只有本县知道的打算"
EDITOR, COLLEAGUE = Who(Role.EDITOR, "A"), Who(Role.ORGANIZER, "A")
OTHERS = (Who(Role.EDITOR, "B"), Who(Role.ORGANIZER, "B"), Who(Role.CLERK, "A-town"), Who(Role.AUDITOR, "A"))
FIELDS = {
    "kind": "delegate",
    "title": SECRET,
    "matter": "D-SAND",
    "from": "A-water",
    "to:A-town": "1",
    "role": "lead",
    "duty_mode": "assigned",
    "instrument": "A号",
}


def pages(counties: Counties, who: Who) -> Pages:
    return Pages(partial(counties.send, who))


def test_a_draft_is_seen_by_its_owner_and_when_shared_by_its_territory_alone(counties: Counties) -> None:
    own = pages(counties, EDITOR)
    given = own.begun(FIELDS, "save")
    address = f"/drafts/{given['id']}"
    assert SECRET in own.get("/drafts")
    for who in (COLLEAGUE, *OTHERS):
        answer = counties.send(who, "GET", address)
        assert answer.status_code in (403, 404)
        assert SECRET not in answer.text + counties.send(who, "GET", "/drafts").text
    assert own.post({**given, "version": "1"}, "share").status_code == 303
    assert SECRET in pages(counties, COLLEAGUE).get(address) + pages(counties, COLLEAGUE).get("/drafts")
    for who in OTHERS:
        answers = [counties.send(who, "GET", each) for each in (address, "/drafts", "/drafts?format=json")]
        assert SECRET not in "".join(answer.text for answer in answers)
    assert counties.send(Who(Role.ANYBODY), "GET", address).status_code in (303, 401)


def test_what_is_not_there_for_somebody_is_neither_changed_nor_deleted_by_them(counties: Counties) -> None:
    own, other = pages(counties, EDITOR), pages(counties, Who(Role.EDITOR, "B"))
    given = own.begun(FIELDS, "save")
    forged = {**other.begun({**FIELDS, "from": "B-water", "title": "别县的"}), "id": given["id"], "version": "1"}
    for act in ("save", "share", "delete", "copy", "record"):
        answer = other.post(forged, act)
        assert answer.status_code in (400, 404, 409), act
        assert SECRET not in answer.text, act
    nothing = other.post({**forged, "id": "CG-20260101-00000001"}, "delete")
    assert (nothing.status_code, text(nothing.text)) == (404, text(other.post(forged, "delete").text))
    assert "第 1 稿" in text(own.get(f"/drafts/{given['id']}"))


def test_a_draft_for_another_territory_is_neither_shared_nor_recorded(counties: Counties) -> None:
    own, before = pages(counties, EDITOR), counties.last()
    given = own.begun({**FIELDS, "from": "B-water", "to:B-town": "1", "instrument": "B号"})
    assert "不在您可以" in text(own.post(given, "share").text)
    assert own.post(given, "record").status_code == 400
    assert counties.last() == before
    shown = text(own.post(given, "look").text)
    assert mentioned(shown) <= {"A-town", "A-town2"}


def test_a_shared_draft_does_not_tell_its_readers_of_units_that_they_do_not_read(counties: Counties) -> None:
    own = pages(counties, EDITOR)
    given = own.begun({**FIELDS, "to:A-town": "", "to:A-town2": "1", "title": ""})
    assert own.post(given, "record").status_code == 303
    page = text(own.get(f"/drafts/{given['id']}"))
    assert "已记录：共 1 项" in page
    assert "组织编制管理员按序号撤回" in page  # an editor takes nothing back
    assert counties.send(Who(Role.EDITOR, "A-town"), "GET", f"/drafts/{given['id']}").status_code == 404
