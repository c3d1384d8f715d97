"""Every code that a service may answer has its sentence in the catalogue, so that nobody ever reads a code."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.applications.domain.business import KINDS as BUSINESS
from services.applications.domain.business import FieldKind
from services.gateway import catalogue, view_models
from services.gateway.pages import case_pages
from services.review.domain.conditions import CONDITIONS
from services.review.workflow_files import Workflows
from services.sync.domain.batch import BatchState, RowState
from services.sync.domain.result_file import HELD_REASONS
from shared.contracts.accounts import ACCOUNT_STATES, ID_TYPES
from shared.contracts.applications import DEPARTURES, DOCUMENT_KINDS, STARTERS
from shared.contracts.common import BUSINESS_TYPES
from shared.contracts.review import TABS
from shared.platform.errors import KINDS
from shared.trade.institutions import LicenceStatus
from shared.trade.statuses import ApplicationState, CancellationGround, QualificationStatus, RegistrationStatus

ROOT = Path(__file__).resolve().parents[4]
#: The workflows of all kinds, each with what several of them share.
WORKFLOWS = [tomllib.loads(Workflows.load().current(kind).content) for kind in BUSINESS_TYPES]
REASONS = {code: rule for workflow in WORKFLOWS for code, rule in workflow.get("reasons", {}).items()}
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


def rows(part: str) -> list[dict[str, Any]]:
    """The rows of a part, of all workflows."""
    return [row for workflow in WORKFLOWS for row in workflow.get(part, ())]


def states() -> list[dict[str, Any]]:
    """The states of all workflows."""
    return [state for workflow in WORKFLOWS for state in workflow.get("states", {}).values()]


def tasks() -> list[dict[str, Any]]:
    """What lies on a desk in some state, one task a unit."""
    found = [state["task"] for state in states() if "task" in state]
    return [task for item in found for task in (item if isinstance(item, list) else [item])]


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


def test_every_code_of_a_wrong_answer_has_a_sentence():
    written = {first_text(call) for name, call in calls("services/applications/domain/") if name == "_Wrong"}
    together = {"before_start", "sentence_date_needed", "unknown_field", "locked"}
    assert missing("field", (written - {None}) | together) == []


def test_every_outcome_of_a_rule_has_a_sentence():
    folders = ("services/applications/domain/rules", "services/applications/domain/business")
    written = {first_text(call) for name, call in calls(*folders) if name in OUTCOMES}
    assert missing("rule", (written - {None}) | MADE_CODES) == []


def test_every_finding_that_can_be_changed_says_how():
    """办理条件自查: what would change a condition stands beside it, where an applicant can do anything at all."""
    folders = ("services/applications/domain/rules", "services/applications/domain/business")
    led = {
        first_text(call)
        for name, call in calls(*folders)
        if name in OUTCOMES and any(keyword.arg == "remedy" for keyword in call.keywords)
    }
    assert missing("remedy", led - {None} - {"criminal_penalty_declared"}) == []


def test_every_rule_names_its_condition_and_where_its_value_comes_from():
    """The card shows the condition, its present value and the origin of that value."""
    rules = {rule.name for kind in BUSINESS.values() for rule in kind.rules}
    assert missing("condition", rules) == []
    assert missing("origin", rules) == []


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


def test_every_document_has_a_name():
    assert missing("document", DOCUMENT_KINDS) == []


def test_every_word_of_the_workflows_is_known():
    assert missing("action", {action["name"] for action in rows("actions")}) == []
    assert missing("clock", {name for workflow in WORKFLOWS for name in workflow.get("clocks", {})}) == []
    assert missing("reason", REASONS) == []
    assert missing("panel", {task["step"] for task in tasks()}) == []
    assert missing("tab", TABS) == []
    assert missing("tab", {task["tab"] for task in tasks()}) == []
    assert missing("acts_next", {state["acts_next"] for state in states() if "acts_next" in state}) == []


def test_every_refusal_of_a_condition_has_its_sentence():
    """What a person meets who acts against a condition of the table; what the system alone asks is told to nobody."""
    of_people = {
        name
        for action in rows("actions")
        if any("/" in actor or actor == "applicant" for actor in action["by"])
        for name in action.get("when", ())
    }
    assert missing("error", {CONDITIONS[name].code for name in of_people}) == []


def test_every_decision_of_a_person_has_a_name_and_says_when_it_is_done():
    by_people = {
        action["name"]
        for action in rows("actions")
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
        "reason_targets": {
            "photo_unfit": ["photo"],
            "document_unreadable": ["application_form", "photo", "employment_proof", "id_copy"],
            "document_missing": ["application_form", "photo", "employment_proof", "id_copy"],
            "training_proof_missing": ["training_proof", "assessment_proof"],
            "employment_proof_missing": ["employment_proof"],
        },
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
    named = {target for rule in REASONS.values() if len(rule.get("targets", ())) > 1 for target in rule["targets"]}
    assert [target for target in sorted(named) if not view_models.target(target)] == []


def test_every_step_field_and_material_of_every_kind_has_its_words():
    steps = [step for kind in BUSINESS.values() for step in kind.steps]
    fields = [field for step in steps for field in step.fields]
    materials = [material for kind in BUSINESS.values() for material in kind.materials]
    assert missing("step", {step.name for step in steps}) == []
    assert missing("step_question", {step.name for step in steps}) == []
    assert missing("step_lead", {step.name for step in steps if not step.is_last}) == []
    assert missing("step_summary", {step.name for step in steps}) == []
    assert missing("label", {field.name for field in fields}) == []
    assert missing("material", {material.kind for material in materials}) == []
    assert missing("material_hint", {material.kind for material in materials if not material.paper_only}) == []
    assert missing("media_type", {kind for material in materials for kind in material.media_types}) == []


def test_every_field_that_must_be_filled_in_says_so_by_its_name():
    asked = [
        field
        for kind in BUSINESS.values()
        for step in kind.steps
        for field in step.fields
        if field.required and field.kind is not FieldKind.LOCKED
    ]
    assert missing("field", {f"{field.name}.required" for field in asked if field.kind is not FieldKind.DATE}) == []
    assert missing("field", {f"{field.name}.date_missing" for field in asked if field.kind is FieldKind.DATE}) == []


def test_every_choice_of_every_kind_has_its_word():
    choices = {
        f"{field.name}.{choice}"
        for kind in BUSINESS.values()
        for step in kind.steps
        for field in step.fields
        if field.kind is FieldKind.CHOICE
        for choice in field.choices
    }
    assert choices
    assert missing("choice", choices) == []
    assert missing("choice.reason", DEPARTURES) == []


def test_every_kind_of_business_has_its_title_and_says_what_it_is_for():
    kinds = [kind for kind in BUSINESS.values() if kind.sub_kind]
    assert missing("business", {f"{kind.type.value}.{kind.sub_kind}" for kind in kinds}) == []
    assert missing("business_hint", {f"{kind.type.value}.{kind.sub_kind}" for kind in kinds}) == []
    assert missing("document", {document for kind in BUSINESS.values() for document in kind.documents}) == []
    assert missing("started_by", STARTERS) == []


def test_every_status_of_the_register_has_its_word():
    assert missing("registration_status", [status.value for status in RegistrationStatus]) == []
    assert missing("filing_status", ("active", "planned", "ended")) == []
    assert missing("ground", [ground.value for ground in CancellationGround]) == []


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
