"""Organisations and staff from files: line by line, again without effect, with their news."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from services.accounts.domain.knobs import AccountKnobs
from services.accounts.domain.organisations import ExamScope
from services.accounts.domain.sessions import Session
from services.accounts.domain.staff import PhoneProof
from services.accounts.loading.files import read_lines
from services.accounts.loading.organisations import OrganisationLoader
from services.accounts.loading.staff import StaffLoader
from services.accounts.models import StaffRow
from services.accounts.passwords import hash_password_here
from services.accounts.schemas import AuthorityLine, InstitutionLine, StaffLine
from shared.platform.ids import new_id
from shared.trade.resident_id import ResidentId
from tests.support.processes import ROOT
from tests.unit.accounts.makers import NOW, A

from .world import enter_person, everything_stored, news

EXAMPLES = ROOT / "examples"
HOSPITAL = "99900011X43010211A1001"


def load(unit_of_work, name, lines=None, *, now=NOW, provinces=("43", "44")):
    """Load lines (those of the example file by default); the report."""
    form = {"authorities": AuthorityLine, "institutions": InstitutionLine, "staff": StaffLine}[name]
    lines = read_lines(EXAMPLES / f"{name}.csv", form) if lines is None else lines
    if name == "staff":
        return StaffLoader(unit_of_work, now, AccountKnobs()).load(lines)
    loader = OrganisationLoader(unit_of_work, now, "operator:test", provinces)
    return loader.load_authorities(lines) if name == "authorities" else loader.load_institutions(lines)


def example(name, key) -> dict[str, str]:
    """One line of an example file by its first cell."""
    with (EXAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if key in row.values())


@pytest.fixture
def organised(unit_of_work):
    load(unit_of_work, "authorities")
    load(unit_of_work, "institutions")
    return unit_of_work


def test_what_another_deployment_serves_is_refused_by_line(unit_of_work):
    """Design §1: institutions and authorities of the deployment's provinces; the exam centre has its seat anywhere."""
    report = load(unit_of_work, "authorities", provinces=("43",))
    refused = {line.key for line in report.lines if line.details == ("division: province_not_served",)}
    assert refused
    assert all(key.startswith("AUTH-44") for key in refused)
    assert report.counts["created"] == 5
    load(unit_of_work, "authorities")
    report = load(unit_of_work, "institutions", provinces=("44",))
    assert {line.details for line in report.lines if line.outcome == "refused"} == {("division: province_not_served",)}
    military = example("institutions", HOSPITAL) | {"is_military": "true"}
    assert load(unit_of_work, "institutions", [(2, military)], provinces=("44",)).counts["created"] == 1


def test_the_example_files_are_loaded_whole_and_again_without_effect(unit_of_work):
    for name, lines in (("authorities", 8), ("institutions", 7), ("staff", 37)):
        assert load(unit_of_work, name).counts == {"created": lines, "changed": 0, "unchanged": 0, "refused": 0}
    with unit_of_work() as uow:
        told = len(news(uow.session))
    for name, lines in (("authorities", 8), ("institutions", 7), ("staff", 37)):
        assert load(unit_of_work, name).counts == {"created": 0, "changed": 0, "unchanged": lines, "refused": 0}
    with unit_of_work() as uow:
        assert len(news(uow.session)) == told


def test_the_order_of_the_file_does_not_matter_for_the_tree(unit_of_work):
    lines = read_lines(EXAMPLES / "authorities.csv", AuthorityLine)
    report = load(unit_of_work, "authorities", lines[::-1])
    assert report.is_clean
    assert [line.line for line in report.lines] == sorted(number for number, _ in lines)


def test_a_bad_line_is_refused_and_the_others_go_on(organised):
    """Each line is a transaction: all reasons of the bad one come back, nothing of it stays."""
    good = example("institutions", HOSPITAL) | {"beds": "1801"}
    bad = good | {"licence_number": "99900012X43010211A1001", "division": "99", "credit_code": "1"}
    unknown = good | {"authority": "AUTH-99"}
    report = load(organised, "institutions", [(2, bad), (3, good), (4, unknown)])
    assert [line.outcome.value for line in report.lines] == ["refused", "changed", "refused"]
    assert set(report.lines[0].details) == {
        "licence_number: licence_check_character",
        "division: division_unknown",
        "credit_code: credit_code_length",
    }
    assert report.lines[1].details == ("beds",)
    assert report.lines[2].details == ("authority: authority_unknown",)


def test_a_code_named_twice_in_one_file_is_refused_the_second_time(unit_of_work):
    line = example("authorities", "AUTH-43")
    report = load(unit_of_work, "authorities", [(2, line), (3, line | {"name": "另一个委员会"})])
    assert [line.outcome.value for line in report.lines] == ["created", "refused"]
    assert report.lines[1].details == ("code: named_twice",)


def test_an_authority_outside_its_superior_is_refused(organised):
    line = example("authorities", "AUTH-430102") | {"code": "AUTH-X", "division": "430211"}
    assert load(organised, "authorities", [(2, line)]).lines[0].details == ("superior: superior_not_above",)


def test_a_desk_of_the_exam_centre_keeps_and_tells_for_which_regions_it_acts(organised):
    """Domain §6.4: not where it sits but what its line says."""
    desk = example("authorities", "EXAM-CENTRE")
    report = load(organised, "authorities", [(2, desk | {"scope": "region"}), (3, desk | {"scope": "", "code": "X1"})])
    assert [line.details for line in report.lines] == [("scope",), ("scope: required",)]
    with organised() as uow:
        authority = uow.authorities.by_code("EXAM-CENTRE")
        assert authority.scope is ExamScope.REGION
        assert news(uow.session)[-1][1]["scope"] == "region"
        assert [facts["scope"] for facts in uow.institutions.history(authority.id)] == ["national", "region"]
    office = example("authorities", "AUTH-43") | {"scope": "region"}
    assert load(organised, "authorities", [(2, office)]).lines[0].details == ("scope: scope_of_exam_centre",)


def test_a_change_of_the_licence_is_told_with_its_day(organised):
    """E45: the others learn that an institution may no longer practise, and since when."""
    line = example("institutions", HOSPITAL) | {"licence_status": "cancelled"}
    report = load(organised, "institutions", [(2, line)], now=NOW + timedelta(days=3))
    assert report.lines[0].details == ("licence_status",)
    with organised() as uow:
        institution = uow.institutions.by_licence(HOSPITAL)
        last = news(uow.session)[-2:]
    assert [name for name, _ in last] == [
        "accounts.organisation_changed.v1",
        "accounts.licence_status_changed.v1",
    ]
    assert last[1][1] == {"institution_id": str(institution.id), "status": "cancelled", "since": "2022-11-23"}
    assert (institution.version, institution.status_since.isoformat()) == (2, "2022-11-23")


def test_a_new_licence_remembers_where_the_institution_came_from(organised):
    """历史沿革: renamed, merged or split under a new number; both stay, joined."""
    line = example("institutions", HOSPITAL) | {
        "licence_number": "99900030443010211A1001",
        "credit_code": "",
        "name": "湘岳示例医院新院",
        "predecessor": HOSPITAL,
    }
    assert load(organised, "institutions", [(2, line)]).lines[0].outcome.value == "created"
    assert load(organised, "institutions", [(2, line)]).lines[0].outcome.value == "unchanged"
    with organised() as uow:
        new, old = uow.institutions.by_licence("99900030443010211A1001"), uow.institutions.by_licence(HOSPITAL)
        assert uow.institutions.predecessors(new.id) == [old.id]
    lost = line | {"licence_number": "430102000112", "predecessor": "430102999912"}
    assert load(organised, "institutions", [(2, lost)]).lines[0].details == ("predecessor: institution_unknown",)


def test_flags_follow_from_tier_and_category_unless_said(organised):
    """Domain §5.5."""
    with organised() as uow:
        found = {item: uow.institutions.by_licence(item) for item in (HOSPITAL, "99900038X43012111C2201")}
        city_hospital = uow.institutions.by_licence("99900054X43012111A1001")
    assert not found[HOSPITAL].is_county_or_below
    assert found["99900038X43012111C2201"].is_county_or_below
    assert found["99900038X43012111C2201"].is_township_or_village
    assert city_hospital.is_county_or_below


def test_staff_are_told_with_role_and_sealed_contact(organised):
    report = load(organised, "staff", [(2, example("staff", "clerk_xiangyue"))])
    assert report.is_clean
    with organised() as uow:
        told = news(uow.session)[-2:]
        stored = everything_stored(uow.session)
    assert [name for name, _ in told] == ["accounts.staff_changed.v1", "accounts.contact_changed.v1"]
    assert (told[0][1]["role"], told[0][1]["organisation_kind"], told[0][1]["active"]) == ("clerk", "institution", True)
    for secret in ("13900000101", "clerk_xiangyue", "Yizhu-Demo-1"):
        assert secret not in stored


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"role": "officer"}, "role: role_not_of_organisation"),
        ({"organisation": "AUTH-43"}, "role: role_not_of_organisation"),
        ({"organisation": "nowhere"}, "organisation: organisation_unknown"),
        ({"organisation": "430102999912"}, "organisation: organisation_unknown"),
        ({"password": ""}, "password: required"),
        ({"password": "weak"}, "password: password_length"),
        ({"login_name": "1clerk"}, "login_name: login_name_format"),
        ({"name": "Clerk"}, "name: name_characters"),
        ({"phone": "1"}, "phone: phone_format"),
        ({"id_number": "1"}, "id_number: id_length"),
    ],
)
def test_staff_that_do_not_fit_are_refused(organised, changes, reason):
    report = load(organised, "staff", [(2, example("staff", "clerk_xiangyue") | changes)])
    assert report.lines[0].details == (reason,)
    with organised() as uow:
        assert uow.credentials.find("clerk_xiangyue") is None


def test_the_id_number_of_staff_is_sealed_and_stays_where_a_file_has_none(organised):
    """回避 rests on it: a later file without the column must not let anybody decide their own application."""
    line = example("staff", "clerk_xiangyue")
    assert load(organised, "staff", [(2, line | {"id_number": A})]).is_clean
    assert load(organised, "staff", [(2, line)]).counts["unchanged"] == 1
    with organised() as uow:
        account_id = uow.credentials.find("clerk_xiangyue").account_id
        assert uow.staff.of_account(account_id).id_number == ResidentId.parse(A)
        assert A not in everything_stored(uow.session)


def test_a_login_name_of_a_person_is_not_given_to_staff(organised):
    with organised() as uow:
        enter_person(uow, login_name="clerk_xiangyue")
        uow.commit()
    report = load(organised, "staff", [(2, example("staff", "clerk_xiangyue"))])
    assert report.lines[0].details == ("login_name: login_name_taken",)


def test_who_leaves_is_told_and_their_sessions_end(organised):
    """Design D11: no new context for those who left."""
    line = example("staff", "clerk_xiangyue")
    load(organised, "staff", [(2, line)])
    with organised() as uow:
        account_id = uow.credentials.find("clerk_xiangyue").account_id
        session = Session(new_id(), account_id, "staff", ("password",), NOW, NOW)
        uow.sessions.add(session, secret="s", address="hash")
        uow.commit()
    report = load(organised, "staff", [(2, line | {"active": "false", "password": ""})])
    assert report.lines[0].details == ("is_active",)
    with organised() as uow:
        assert uow.sessions.get("s") == replace(session, ended_at=NOW)
        assert [data["active"] for name, data in news(uow.session) if name.endswith("staff_changed.v1")] == [
            True,
            False,
        ]


def test_a_password_in_the_file_is_a_first_one(organised):
    """Loading again never sets back what its owner has changed."""
    line = example("staff", "clerk_xiangyue")
    load(organised, "staff", [(2, line)])
    with organised() as uow:
        before = uow.credentials.find("clerk_xiangyue")
        uow.credentials.replace_password(before.account_id, hash_password_here("Other-Pass-1"), now=NOW)
        uow.commit()
    assert load(organised, "staff", [(2, line | {"password": "Third-Pass-1"})]).lines[0].outcome.value == "unchanged"
    with organised() as uow:
        assert uow.credentials.find("clerk_xiangyue").password_hash != before.password_hash


def contacts_told(unit_of_work) -> list[tuple[bool, str]]:
    """What was told of the phone, each time it was."""
    with unit_of_work() as uow:
        told = [data for name, data in news(uow.session) if name == "accounts.contact_changed.v1"]
    return [(data["phone_verified"], data["phone_proof"]) for data in told]


def test_whoever_loads_the_file_vouches_for_its_phones_and_is_kept_with_them(organised):
    """No code is asked for: deadlines are told to a phone that the organisation says is its staff's."""
    line = example("staff", "clerk_xiangyue") | {"phone": "13800000050"}
    load(organised, "staff", [(2, line)])
    later = NOW + timedelta(days=1)
    load(organised, "staff", [(2, line | {"email": "b@example.org"})], now=later)
    with organised() as uow:
        member = uow.staff.of_account(uow.credentials.find("clerk_xiangyue").account_id)
        assert member.phone_proof == PhoneProof(uow.context.actor, NOW), "the same phone keeps who vouched for it first"
    load(organised, "staff", [(2, line | {"phone": "13800000051"})], now=later)
    with organised() as uow:
        member = uow.staff.of_account(member.account_id)
        assert member.phone_proof == PhoneProof(uow.context.actor, later)
    load(organised, "staff", [(2, line | {"phone": ""})], now=later)
    load(organised, "staff", [(2, line)], now=later)
    load(organised, "staff", [(2, line | {"active": "false"})], now=later)
    vouched, nothing = (True, "organisation"), (False, "")
    assert contacts_told(organised) == [vouched, vouched, vouched, nothing, vouched, nothing]


def test_a_phone_from_before_is_nobodys_until_the_file_is_loaded_again(organised):
    line = example("staff", "clerk_xiangyue") | {"phone": "13800000052"}
    load(organised, "staff", [(2, line)])
    with organised() as uow:
        uow.session.execute(update(StaffRow).values(phone_proved_by=None, phone_proved_at=None))
        uow.commit()
    report = load(organised, "staff", [(2, line)])
    assert [(item.outcome.value, item.details) for item in report.lines] == [("changed", ("phone_proof",))]
    assert contacts_told(organised)[-1] == (True, "organisation")


def test_an_authority_names_who_looks_after_security(organised):
    """domain.md §10.1: others than the administrators."""
    line = example("staff", "officer_43")
    assert load(organised, "staff", [(2, line | {"login_name": "security_x", "role": "security"})]).is_clean
    clerk = example("staff", "clerk_xiangyue") | {"role": "security"}
    assert not load(organised, "staff", [(2, clerk)]).is_clean
