"""Every kind of business through the running service: from a draft, or a report, to what the register says after it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from shared.contracts import applications as contracts
from tests.integration.applications.running import AUTHORITY_ID, HOSPITAL, OTHER_PROVINCE, TOWNSHIP, Person, Running
from tests.integration.applications.test_running_service import clerk, staff
from tests.support.processes import eventually

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PHOTO_PAGE = {"photo_taken_on": "2026-11-01"}
DECLARED = {
    "full_capacity": True,
    "health_fit": True,
    "criminal_penalty": False,
    "barred_by_law": False,
    "photo_taken_on": "2026-11-01",
    "health_check_on": "2026-11-01",
}


def today() -> date:
    return datetime.now(UTC).date()


def at(institution: UUID) -> dict[str, Any]:
    return {"institution_id": str(institution), "start_on": "2026-12-01"}


def officer() -> Any:
    return staff("officer", organisation=AUTHORITY_ID)


def only(person: Person) -> dict[str, Any]:
    (found,) = person.registrations()
    return found


def by_status(person: Person) -> dict[str, dict[str, Any]]:
    return {found["status"]: found for found in person.registrations()}


def changes_of(running: Running, registration: dict[str, Any]) -> list[str]:
    """What was told of a registration, in order."""
    told = running.told(registration["id"])
    return [data["change"] for kind, data in told if kind == "applications.registration_changed.v1"]


def certificates(person: Person) -> list[tuple[str, str]]:
    """The person's certificates, newest first: code and status."""
    items = person.call(contracts.CERTIFICATES).result["items"]
    return [(item["practice_code"], item["status"]) for item in items]


def test_an_assistant_becomes_a_physician_and_the_old_registration_lapses(running: Running):
    """E32: new ACTIVE and old SUPERSEDED in one transaction, linked both ways, place widened, a new code."""
    person = running.person(level="2").registered()
    old = only(person)
    person.gains(level="1")
    person.begin("UPGRADE", registration_id=old["id"])
    assert person.application["level"] == "1"
    person.answer(personal=DECLARED, scope={"scopes": ["C01"]}).hand_in()
    person.approved()
    now = by_status(person)
    assert set(now) == {"ACTIVE", "SUPERSEDED"}
    new = now["ACTIVE"]
    assert (old["practice_place"], new["practice_place"]) == ("430102", "43")
    assert (new["replaces"], now["SUPERSEDED"]["replaced_by"]) == (old["id"], new["id"])
    assert (old["practice_code"][0], new["practice_code"][0]) == ("2", "1")
    assert certificates(person) == [(new["practice_code"], "valid"), (old["practice_code"], "void")]
    assert changes_of(running, old) == ["opened", "superseded"]


def test_a_move_keeps_the_registration_and_gives_it_a_new_certificate(running: Running):
    """CHANGE: the old entry closes, the new one opens; never two main institutions in one place, never none."""
    person = running.person().registered()
    before = only(person)
    person.begin("CHANGE", "ORG_SAME_AUTH", registration_id=before["id"])
    person.answer(personal=PHOTO_PAGE, institution=at(TOWNSHIP)).hand_in()
    assert person.application["sub_kind"] == "ORG_SAME_AUTH"  # both institutions have one authority here
    assert person.application["releasing"]["id"] == HOSPITAL
    person.approved()
    after = only(person)
    assert (after["id"], after["practice_code"]) == (before["id"], before["practice_code"])
    assert (after["institution_id"], after["status"]) == (TOWNSHIP, "ACTIVE")
    assert certificates(person) == [(after["practice_code"], "valid"), (after["practice_code"], "void")]
    news = [data for kind, data in running.told(after["id"]) if kind.endswith("registration_changed.v1")]
    assert news[-1]["informs_institutions"] == [str(HOSPITAL)]


def test_a_move_across_provinces_opens_a_registration_there(running: Running):
    """license.renumber_on has CROSS_PROVINCE: the old one is moved out and linked, the sub-kind settles by itself."""
    person = running.person().registered()
    before = only(person)
    person.begin("CHANGE", "ORG_SAME_AUTH", registration_id=before["id"])
    person.answer(personal=PHOTO_PAGE, institution=at(OTHER_PROVINCE))
    assert person.application["sub_kind"] == "ORG_CROSS_PROVINCE"
    person.hand_in().approved()
    now = by_status(person)
    assert set(now) == {"ACTIVE", "MOVED_OUT"}
    assert (now["ACTIVE"]["practice_place"], now["ACTIVE"]["replaces"]) == ("44", before["id"])


def test_the_scope_changes_after_training_was_looked_at(running: Running):
    """医师法 art.14: another scope asks for a proof; without one nothing is submitted."""
    person = running.person().registered()
    person.begin("CHANGE", "SCOPE", registration_id=only(person)["id"])
    person.answer(personal=PHOTO_PAGE, scope={"scopes": ["C11"]})
    person.upload("photo")
    refused = person.call(
        contracts.SUBMIT, id=person.application["id"], version=person.application["version"], declaration=True
    )
    assert refused.code in ("materials_missing", "not_ready")
    assert person.upload("training_proof").code is None
    person.do(contracts.SUBMIT, declaration=True)
    person.approved()
    assert only(person)["scopes"] == ["C11"]


def test_another_category_takes_the_place_of_the_first(running: Running):
    """A second qualification of that category; the registration is replaced, its code names the category."""
    person = running.person().registered()
    old = only(person)
    person.gains(level="1", category="41", code="202643141430199199708150249")
    person.begin("CHANGE", "CATEGORY", registration_id=old["id"])
    assert person.application["category"] == "41"
    person.answer(personal=PHOTO_PAGE, scope={"scopes": ["T01"]}).hand_in()
    person.approved()
    now = by_status(person)
    assert set(now) == {"ACTIVE", "SUPERSEDED"}
    assert (now["ACTIVE"]["category"], now["ACTIVE"]["practice_code"][1:3]) == ("41", "41")


def test_a_corrected_name_is_carried_over_and_the_old_one_kept(running: Running):
    """E56: only what the account says otherwise; the earlier holder stays in the history."""
    person = running.person().registered()
    registration = only(person)
    unchanged = person.begin("CHANGE", "PERSON", registration_id=registration["id"])
    unchanged.answer(personal=PHOTO_PAGE)
    person.upload("photo")
    refused = person.call(
        contracts.SUBMIT, id=person.application["id"], version=person.application["version"], declaration=True
    )
    assert refused.code == "not_ready"
    running.change("persons", person.id, name="沈若兮")
    person.do(contracts.SUBMIT, declaration=True)
    person.approved()
    with running.reading() as uow:
        names = [holder.name for holder in uow.register.earlier_holders(registration["id"])]
    assert names == ["沈若溪", "沈若兮"]
    assert person.call(contracts.CERTIFICATES).result["items"][0]["name"] == "沈若兮"


def test_a_further_institution_is_filed_and_taken_back(running: Running):
    """MULTI_ADD and MULTI_DEL: for its days, on the registration; the main registration is untouched."""
    person = running.person().registered()
    registration = only(person)
    term = {
        "valid_from": today().isoformat(),
        "valid_to": (today() + timedelta(days=300)).isoformat(),
        "scopes": ["C01"],
    }
    person.begin("MULTI_ADD", registration_id=registration["id"])
    person.answer(institution={"institution_id": str(TOWNSHIP)}, term=term).hand_in()
    person.approved(final="EFFECTIVE")
    (filing,) = only(person)["filings"]
    assert (filing["institution_id"], filing["status"]) == (TOWNSHIP, "active")
    twice = person.begin("MULTI_ADD", registration_id=registration["id"])
    twice.answer(institution={"institution_id": str(TOWNSHIP)}, term=term)
    person.upload("employment_agreement")
    refused = person.call(
        contracts.SUBMIT, id=person.application["id"], version=person.application["version"], declaration=True
    )
    assert refused.code == "not_ready"
    person.begin("MULTI_DEL", filing_id=filing["id"])
    assert person.application["institution"]["id"] == TOWNSHIP
    person.answer(ending_day={"ends_on": today().isoformat()}).hand_in()
    person.approved(final="EFFECTIVE")
    (filing,) = only(person)["filings"]
    assert filing["valid_to"] == today()  # the day that was named is its last
    assert only(person)["status"] == "ACTIVE"


def test_a_second_place_and_its_end(running: Running):
    """ADD_PLACE beside the first; PLACE_DEL ends that place and not the last one (E68)."""
    person = running.person(paper=True).registered()
    first = only(person)
    person.begin("PLACE_DEL", registration_id=first["id"]).answer()
    refused = person.call(
        contracts.SUBMIT, id=person.application["id"], version=person.application["version"], declaration=True
    )
    assert refused.code == "not_ready"
    person.begin("REG", "ADD_PLACE", registration_id=first["id"])
    person.answer(personal=DECLARED, institution=at(OTHER_PROVINCE), scope={"scopes": ["C01"]}).hand_in()
    person.approved()
    places = {found["practice_place"]: found for found in person.registrations()}
    assert {found["status"] for found in places.values()} == {"ACTIVE"}
    with running.reading() as uow:
        drafts = uow.applications.drafts_of(person.id)
    assert drafts == 1
    person.begin("CANCEL", "VOLUNTARY", registration_id=places["44"]["id"])
    assert person.application["subject"]["practice_place"] == "44"
    person.answer().hand_in()
    person.approved(final="EFFECTIVE")
    assert by_status(person)["CANCELLED"]["ground"] == "X10"
    assert by_status(person)["ACTIVE"]["practice_place"] == "43"


def test_to_the_forces_and_back(running: Running):
    """MIL_OUT transfers and voids; MIL_IN opens a registration again."""
    person = running.person().registered()
    person.begin("MIL_OUT", registration_id=only(person)["id"])
    person.answer(leaving={"ends_on": today().isoformat()}).hand_in()
    person.approved(final="EFFECTIVE")
    assert only(person)["status"] == "TRANSFERRED_MIL"
    assert {status for _, status in certificates(person)} == {"void"}
    service = {"left_service_on": today().isoformat(), "military_document": "军字第0001号"}
    person.begin("MIL_IN", qualification_id=person.qualification_id)
    person.answer(personal=DECLARED, service=service, institution=at(HOSPITAL), scope={"scopes": ["C01"]}).hand_in()
    person.approved()
    assert set(by_status(person)) == {"ACTIVE", "TRANSFERRED_MIL"}


def test_who_cancelled_registers_anew(running: Running):
    """RE after X10: a new code; FIRST is refused and says so."""
    person = running.person().registered()
    person.begin("CANCEL", registration_id=only(person)["id"]).answer().hand_in()
    person.approved(final="EFFECTIVE")
    card = person.call(contracts.READINESS, type="REG", qualification_id=person.qualification_id).result
    assert {item["rule"]: item["remedy"] for item in card["outcomes"] if item["result"] == "failed"}[
        "first_registration"
    ] == {"business": "RE"}
    person.begin("REG", "RE", qualification_id=person.qualification_id)
    person.answer(personal=DECLARED, institution=at(HOSPITAL), scope={"scopes": ["C01"]}).hand_in()
    person.approved()
    codes = {found["practice_code"] for found in person.registrations()}
    assert len(codes) == 2


def test_an_institution_reports_a_death_and_the_physicians_draft_stands_in_nobodys_way(running: Running):
    """医师法 art.17: no submission of the physician is needed; an officer signs."""
    person = running.person().registered()
    registration = only(person)
    person.begin("CHANGE", "SCOPE", registration_id=registration["id"])
    values = {"ground": "X1", "happened_on": today().isoformat(), "known_on": today().isoformat()}
    answer = running.call(contracts.REPORT, clerk(), type="CANCEL", registration_id=registration["id"], values=values)
    assert answer.code is None, answer
    assert (answer.result["state"], answer.result["started_by"]) == ("SUBMITTED", "institution")
    again = running.call(contracts.REPORT, clerk(), type="CANCEL", registration_id=registration["id"], values=values)
    assert again.code in ("not_ready", "open_application")
    person.application = answer.result
    person.case_version = 0
    person.approved("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "ACCEPTED", final="EFFECTIVE")
    assert only(person)["status"] == "CANCELLED"
    assert only(person)["ground"] == "X1"


def test_only_who_deals_with_a_registration_may_report_on_it(running: Running):
    """A clerk elsewhere, an officer elsewhere and the physician learn nothing of it."""
    person = running.person().registered()
    registration = only(person)
    values = {"ground": "X1", "happened_on": today().isoformat(), "known_on": today().isoformat()}
    for actor in (clerk(TOWNSHIP), staff("officer", organisation=TOWNSHIP), person.actor, officer()):
        answer = running.call(contracts.REPORT, actor, type="CANCEL", registration_id=registration["id"], values=values)
        assert (answer.code is None) is (actor.organisation_id == AUTHORITY_ID), (actor.role, answer.code)


def test_a_departure_makes_inactive_and_a_move_brings_back(running: Running):
    """离岗备案 (医师执业注册管理办法 art.19): the certificate is void at once, within two years a move revives it."""
    person = running.person().registered()
    before = only(person)
    for wrong, code in ((today() + timedelta(days=1), "invalid_input"), (today(), None)):
        answer = running.call(
            contracts.FILE_DEPARTURE,
            clerk(),
            registration_id=before["id"],
            version=before["version"],
            left_on=wrong,
            reason="transfer",
        )
        assert answer.code == code
    assert answer.result["status"] == "LEFT_FILED"
    stale = running.call(
        contracts.FILE_DEPARTURE,
        clerk(),
        registration_id=before["id"],
        version=before["version"],
        left_on=today(),
        reason="transfer",
    )
    assert stale.code == "registration_changed"
    assert {status for _, status in certificates(person)} == {"void"}
    person.begin("CHANGE", "ORG_SAME_AUTH", registration_id=before["id"])
    person.answer(personal=PHOTO_PAGE, institution=at(TOWNSHIP)).hand_in()
    person.approved()
    assert only(person)["status"] == "ACTIVE"


def test_a_suspended_physician_does_not_move(running: Running):
    """E48: blocked until the end date; a penalty lasts six to twelve months (医师法 art.55 to 57)."""
    person = running.person().registered()
    before = only(person)
    given = {"registration_id": before["id"], "version": before["version"], "since": today(), "cause": "penalty"}
    short = today() + timedelta(days=60)
    refused = running.call(contracts.SUSPEND, officer(), until=short, decision_number="示卫罚〔2026〕1号", **given)
    assert refused.code == "suspension_length"
    until = today() + timedelta(days=200)
    done = running.call(contracts.SUSPEND, officer(), until=until, decision_number="示卫罚〔2026〕1号", **given)
    assert (done.result["status"], done.result["until"]) == ("SUSPENDED", until)
    card = person.call(contracts.READINESS, type="CHANGE", registration_id=before["id"]).result
    blocked = {item["rule"]: item for item in card["outcomes"]}["registration_may_move"]
    assert (blocked["code"], blocked["remedy"]) == ("registration_suspended", {"after": until.isoformat()})
    entered = running.call(
        contracts.ENTER_ASSESSMENT,
        officer(),
        registration_id=before["id"],
        version=done.result["version"],
        assessed_on=today(),
        passed=True,
    )
    assert entered.code is None
    assert running.call(contracts.SUSPEND, clerk(), until=until, decision_number="1", **given).code is not None


def test_the_roster_shows_whom_an_institution_has_and_nobody_elses(running: Running):
    """By exact name; what belongs to another institution is not on it."""
    person = running.person(name="江映雪").registered()
    found = running.call(contracts.ROSTER, clerk(), name="江映雪").result["items"]
    assert [item["practice_code"] for item in found] == [only(person)["practice_code"]]
    assert running.call(contracts.ROSTER, clerk(TOWNSHIP), name="江映雪").result["items"] == []
    assert [item["name"] for item in running.call(contracts.ROSTER, officer(), name="江映雪").result["items"]] == [
        "江映雪"
    ]


def test_a_proof_of_a_day_can_be_checked_with_its_chain_alone(running: Running):
    """§3.14: whoever has statement, signature and certificate needs nothing of ours; a changed letter breaks it."""
    person = running.person().registered()
    proof = person.call(contracts.STATUS_PROOF, id=only(person)["id"]).result
    leaf = x509.load_pem_x509_certificate(proof["chain"][0].encode())
    key, signature = leaf.public_key(), base64.b64decode(proof["signature"])
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, proof["statement"].encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(proof["statement"])
    assert (said["status"], said["registered"], said["masked_id"]) == ("ACTIVE", True, "4301************49")
    assert "430199199708150249" not in proof["statement"]
    with pytest.raises(Exception, match=""):
        key.verify(signature, proof["statement"].replace("ACTIVE", "active").encode(), ec.ECDSA(hashes.SHA256()))


def test_the_career_tells_everything_in_order(running: Running):
    """Registrations as they stood, the earliest first, and filings."""
    person = running.person().registered()
    registration = only(person)
    person.begin("CANCEL", registration_id=registration["id"]).answer().hand_in()
    person.approved(final="EFFECTIVE")
    career = person.call(contracts.CAREER).result
    # both happened on one day, so that the day itself is told as it ended
    assert [stretch["status"] for stretch in career["stretches"]] == ["CANCELLED"]
    assert career["filings"] == []


def test_a_filing_that_is_over_is_told_once(running: Running):
    """The nightly work: a filing of the past ends by itself; the news of its end comes once."""
    person = running.person().registered()
    registration = only(person)
    term = {"valid_from": today().isoformat(), "valid_to": today().isoformat(), "scopes": ["C01"]}
    person.begin("MULTI_ADD", registration_id=registration["id"])
    person.answer(institution={"institution_id": str(TOWNSHIP)}, term=term).hand_in()
    person.approved(final="EFFECTIVE")
    (filing,) = only(person)["filings"]

    def told() -> list[str]:
        news = running.told(filing["id"])
        return [data["change"] for kind, data in news if kind == "applications.filing_changed.v1"]

    assert told()[0] == "filed"
    running.change("institutions", TOWNSHIP, licence_status="valid")
    eventually(lambda: "ends_soon" in told(), 90)
    assert told().count("ends_soon") == 1
