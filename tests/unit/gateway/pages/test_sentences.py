"""Every code that a service may answer has its sentence in the catalogue, so that nobody ever reads a code."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from services.applications.domain.business.reg import REG
from services.gateway import catalogue, view_models
from services.gateway.pages import case_pages
from services.sync.domain.batch import BatchState, RowState
from services.sync.domain.result_file import HELD_REASONS
from shared.contracts.accounts import ACCOUNT_STATES, ID_TYPES
from shared.contracts.common import BUSINESS_TYPES
from shared.contracts.review import TABS
from shared.platform.errors import KINDS
from shared.trade.institutions import LicenceStatus
from shared.trade.statuses import ApplicationState, QualificationStatus

ROOT = Path(__file__).resolve().parents[4]
WORKFLOW = tomllib.loads((ROOT / "services/review/workflows/REG.toml").read_text(encoding="utf-8"))
ERRORS = {kind.__name__ for kind in KINDS.values()}
OUTCOMES = {"passed", "failed", "needs_proof", "human_decision"}
#: What a rule's code is made of where it is not written out; the places in the code are few.
DECLARED = ("full_capacity", "criminal_penalty", "barred_by_law", "health_fit")
RECORDED = ("re_entry_assessment_failed", "organised_cheating", "forged_qualification", "ban_on_applications")
WAITING = ("licence_revoked", "assessment_failed")
MADE_CODES = {
    *(f"licence_{status.value}" for status in LicenceStatus if status is not LicenceStatus.VALID),
    *(f"qualification_{status.value}" for status in QualificationStatus if status is not QualificationStatus.PUBLISHED),
    *(f"{question}_declared_fine" for question in DECLARED),
    *(f"{question}_to_examine" for question in DECLARED),
    *RECORDED,
    *(f"no_{name}" for name in (*RECORDED, *WAITING)),
    *(f"{name}_recently" for name in WAITING),
    *(f"{name}_long_ago" for name in WAITING),
    "institution_not_chosen",
    "scope_not_chosen",
}


def calls(*folders: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function that is named plainly, in all sources below the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    yield name, node


def first_text(call: ast.Call) -> str | None:
    """The first argument, where it is a text."""
    argument = call.args[0] if call.args else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def missing(prefix: str, codes: object) -> list[str]:
    return sorted(f"{prefix}.{code}" for code in set(codes) if not catalogue.has(f"{prefix}.{code}"))  # type: ignore[call-overload]


def test_every_error_code_has_a_sentence():
    codes = {first_text(call) for name, call in calls("services", "shared") if name in ERRORS}
    assert missing("error", codes - {None}) == []


def test_every_code_beside_a_field_has_a_sentence():
    """A value's own check raises `InvalidInput(code)`, which becomes the code of its field."""
    written = {
        first_text(call)
        for name, call in calls("shared/trade/", "services/applications/domain/form.py")
        if name in ("InvalidInput", "_Wrong")
    }
    found = {
        argument.value
        for name, call in calls("services/accounts")
        if name in ("field_fault", "add") and len(call.args) == 2
        for argument in call.args[1:]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    personal = {code for code in written if code and code.startswith(("id_", "name_", "phone_", "email_", "password_"))}
    assert missing("field", personal | found) == []


def test_every_outcome_of_a_rule_has_a_sentence():
    written = {first_text(call) for name, call in calls("services/applications/domain/rules") if name in OUTCOMES}
    assert missing("rule", (written - {None}) | MADE_CODES) == []


def test_the_sentence_of_an_outcome_shows_terms_instead_of_codes():
    found = {
        "code": "scope_outside_category",
        "result": "failed",
        "seen": {"scopes": ["C04", "D01"]},
        "remedy": {"step": "scope"},
    }
    assert view_models.outcome(found) == "执业范围不在执业类别之内：儿科专业、口腔专业"
    gate = {"code": "paper_certificate_needed", "result": "failed", "seen": {"province": "44"}, "remedy": {}}
    assert view_models.outcome(gate) == "广东省需要先取得纸质医师资格证书"


def test_every_state_has_a_word_for_applicants_and_for_staff():
    assert missing("status.applicant", [state.value for state in ApplicationState]) == []
    assert missing("status.staff", [state.value for state in ApplicationState]) == []
    for state in ApplicationState:
        assert view_models.status(state.value, "staff").text


def test_every_word_of_the_workflow_is_known():
    assert missing("action", [action["name"] for action in WORKFLOW["actions"]]) == []
    assert missing("clock", WORKFLOW["clocks"]) == []
    assert missing("reason", WORKFLOW["reasons"]) == []
    assert missing("panel", [state["task"]["step"] for state in WORKFLOW["states"].values() if "task" in state]) == []
    assert missing("tab", TABS) == []


def test_every_decision_of_a_person_has_a_name_and_says_when_it_is_done():
    by_people = {
        action["name"]
        for action in WORKFLOW["actions"]
        if any("/" in actor for actor in action["by"]) and action["name"] != "receive_paper"
    }
    assert missing("decision", by_people) == []
    assert missing("done", by_people) == []


def test_a_reason_that_may_concern_several_documents_is_offered_for_each_that_the_case_has():
    codes = [
        "photo_unfit",
        "document_unreadable",
        "document_missing",
        "training_proof_missing",
        "employment_proof_missing",
    ]
    option = {
        "action": "supplement",
        "needs_reasons": True,
        "reason_codes": codes,
        "reason_targets": {code: WORKFLOW["reasons"][code]["targets"] for code in codes},
        "takes_paper": False,
    }
    case = {"actions": [option], "paper_materials": ["application_form", "employment_proof"]}
    application = {"materials": [{"kind": "photo"}, {"kind": "employment_proof"}]}
    (choice,) = case_pages.choices_of(case, application)
    assert choice.reasons == [
        ("photo_unfit", "照片不符合要求"),
        ("document_unreadable:application_form", "医师执业注册申请审核表：材料不清晰，无法辨认"),
        ("document_unreadable:photo", "近期免冠照片：材料不清晰，无法辨认"),
        ("document_unreadable:employment_proof", "聘用证明：材料不清晰，无法辨认"),
        ("document_missing:application_form", "医师执业注册申请审核表：材料缺失"),
        ("document_missing:photo", "近期免冠照片：材料缺失"),
        ("training_proof_missing:training_proof", "培训考核合格证明：缺少证明"),
        ("training_proof_missing:assessment_proof", "考核合格证明：缺少证明"),
        ("employment_proof_missing", view_models.word("reason.employment_proof_missing")),
    ]


def test_every_target_of_a_reason_has_a_name():
    named = {
        target
        for rule in WORKFLOW["reasons"].values()
        for target in rule.get("targets", ())
        if len(rule["targets"]) > 1
    }
    assert [target for target in sorted(named) if not view_models.target(target)] == []


def test_every_step_field_and_material_of_a_registration_has_its_words():
    assert missing("step", [step.name for step in REG.steps]) == []
    assert missing("step_question", [step.name for step in REG.steps]) == []
    assert missing("step_lead", [step.name for step in REG.steps if not step.is_last]) == []
    assert missing("step_summary", [step.name for step in REG.steps]) == []
    assert missing("label", [field.name for step in REG.steps for field in step.fields]) == []
    assert missing("material", [material.kind for material in REG.materials]) == []
    assert missing("media_type", {kind for material in REG.materials for kind in material.media_types}) == []


def test_every_business_account_state_and_document_has_its_word():
    assert missing("business", BUSINESS_TYPES) == []
    assert missing("business_official", BUSINESS_TYPES) == []
    assert missing("business_hint", BUSINESS_TYPES) == []
    assert missing("account_state", ACCOUNT_STATES) == []
    assert missing("id_type", ID_TYPES) == []
    for case in range(1, 5):
        assert missing(f"excluded.{case}", ("title", "message", "who", "bring", "basis")) == []


def test_every_state_and_defect_of_exam_data_has_its_word():
    written = {
        node.args[0].value
        for name, node in calls("services/sync/domain")
        if name in ("append", "_matching") and node.args and isinstance(node.args[-1], ast.Constant)
        if isinstance(node.args[0], ast.Constant) and name == "append"
    }
    parsed = {
        code
        for name, call in calls("shared/trade/")
        if name == "InvalidInput" and (code := first_text(call)) and code.startswith(("id_", "name_", "ticket_"))
    }
    assert missing("batch_state", [state.value for state in BatchState]) == []
    assert missing("row_state", [state.value for state in RowState]) == []
    assert missing("row_reason", written | parsed | set(HELD_REASONS)) == []


def test_no_sentence_ends_like_an_alarm():
    """ui §10: no exclamation marks, none of the words that blame."""
    for message_id, text in catalogue.sentences().items():
        assert "！" not in text, message_id
        assert not any(word in text for word in ("非法", "登陆", "帐号", "其它", "驳回", "你")), message_id
