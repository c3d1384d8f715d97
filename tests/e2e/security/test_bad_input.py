"""Whatever is sent to whichever endpoint, by whomever: a clear refusal with a stable code, never a fault."""

from __future__ import annotations

import os
import re

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commands.journey.api import Api
from services.gateway.app import create_app
from shared.platform.config import forget_settings, load_deployment
from tests.support.deployment import deployed
from tests.support.processes import System

EXAMPLES_EACH = 6
EXAMPLES_BEYOND = 8
CODE = re.compile(r"^[a-z0-9_]+$")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """An embedded deployment with a doctor in the middle of things, and tokens of every role."""
    folder = tmp_path_factory.mktemp("fuzz")
    with deployed(System.embedded(folder / "system"), folder, size=60) as deployment:
        doctor = deployment.submitted()
        tokens = {
            "visitor": None,
            "physician": doctor.api.token,
            "clerk": deployment.clerk().api.token,
            "officer": deployment.officer().api.token,
            "examiner": deployment.examiner().api.token,
        }
        schema = schemathesis.openapi.from_url(f"{deployment.url}/api/openapi.json")
        yield deployment, tokens, schema
        assert not deployment.system.faults(), deployment.system.faults()[0]


def document():
    """The OpenAPI document, read from the application itself."""
    before = os.environ.get("ENVIRONMENT")
    os.environ["ENVIRONMENT"] = "test"
    forget_settings()
    try:
        return create_app(None, load_deployment()).test_client().get("/api/openapi.json").get_json()
    finally:
        os.environ.pop("ENVIRONMENT") if before is None else os.environ.update(ENVIRONMENT=before)
        forget_settings()


def operations(*, versioned=False):
    """Method and path of every operation, or of those that demand `If-Match`."""
    return [
        (method.upper(), path)
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
        and (not versioned or any(each.get("name") == "If-Match" for each in operation.get("parameters", ())))
    ]


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda value: value)
def test_no_input_makes_a_fault(running, method, path):
    """Bounded: a few generated cases an operation and role, well-formed and not; no answer is a 5xx."""
    deployment, tokens, schema = running
    operation = schema[path][method]

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def check(data):
        # Logging out is tried by a visitor: a session that it ended would be missing to every test that follows.
        role = "visitor" if path.endswith("/sessions/current") else data.draw(st.sampled_from(sorted(tokens)))
        if "/demo/clock" in path:
            return
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        headers = {"Authorization": f"Bearer {tokens[role]}"} if tokens[role] else {}
        response = case.call(base_url=deployment.url, headers=headers, timeout=20)
        asked.append(response.status_code)
        assert response.status_code < 500, (role, case.as_curl_command(), response.text[:500])
        if response.status_code >= 400:
            assert_is_problem(response)

    asked = []
    check()
    assert asked or "/demo/clock" in path, "nothing was sent"


@pytest.mark.parametrize(("method", "path"), operations(versioned=True), ids=lambda value: value)
def test_what_demands_a_version_is_reached_with_one(running, method, path):
    """Well-formed cases with `If-Match` get past 428 to the record itself, as those who may reach it: no 5xx there."""
    deployment, tokens, schema = running
    operation = schema[path][method]
    mine = ids_in(deployment, tokens)
    fitting = [role for role in ("physician", "clerk", "officer", "examiner") if role in reaching(path)]

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES_BEYOND,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    def check(data):
        role = data.draw(st.sampled_from(fitting))
        case = data.draw(operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
        if data.draw(st.booleans()):
            case.path_parameters |= {name: mine[name] for name in case.path_parameters if name in mine}
        assert re.fullmatch(r'"[0-9]{1,18}"', case.headers["If-Match"])
        headers = {"Authorization": f"Bearer {tokens[role]}"}
        sent = {}
        if path.endswith("/materials/{kind}"):  # a raw body is of no type that could be generated from a schema
            headers["Content-Type"] = "image/png"
            sent["data"] = data.draw(st.binary(min_size=1, max_size=500))
        response = case.call(base_url=deployment.url, headers=headers, timeout=20, **sent)
        answered.append(response.status_code)
        assert response.status_code < 500, (role, case.as_curl_command(), response.text[:500])
        if response.status_code >= 400:
            assert_is_problem(response)

    answered = []
    check()
    assert 428 not in answered
    # What is refused for its form never came as far as the version: the owner of the record has to have answered.
    assert set(answered) - {400, 401, 405, 415, 428}, answered


def reaching(path):
    """The roles that are let as far as a record of this kind."""
    if "/exam-batches" in path:
        return {"examiner"}
    return {"clerk", "officer"} if "/tasks" in path or "/cases" in path else {"physician"}


def ids_in(deployment, tokens):
    """Path parameter -> a record that exists: the doctor's application, its case and task, the published batch."""
    doctor, clerk, examiner = Api(deployment.url), Api(deployment.url), Api(deployment.url)
    doctor.token, clerk.token, examiner.token = tokens["physician"], tokens["clerk"], tokens["examiner"]
    application = doctor.get("/me/applications")["items"][0]
    task = clerk.get("/tasks", number=application["number"])["items"]
    return {
        "application_id": application["id"],
        "kind": "photo",
        "batch_id": examiner.get("/exam-batches")["items"][0]["id"],
        **({"task_id": task[0]["task_id"], "case_id": task[0]["case_id"]} if task else {}),
    }


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"name": "\\ud800"}', "application/json"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"", "text/plain"),
        (b"x" * (2 * 1024 * 1024), "application/json"),
    ],
    ids=["cut off", "a list", "null", "not UTF-8", "half a surrogate", "a form", "nothing", "too large"],
)
def test_a_body_that_is_no_json_object_is_refused(running, body, content_type):
    deployment, _, _ = running
    response = requests.post(
        f"{deployment.url}/api/v1/signups", data=body, headers={"Content-Type": content_type}, timeout=20
    )
    assert 400 <= response.status_code < 500
    assert_is_problem(response)


def assert_is_problem(response):
    """Problem details with a stable code and a sentence in Chinese."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    content_type = headers["content-type"]
    content_type = content_type[0] if isinstance(content_type, list) else content_type
    assert content_type.startswith("application/problem+json"), (content_type, response.text[:300])
    body = response.json()
    assert CODE.match(body["code"]), body
    assert re.search("[\u4e00-\u9fff]", body["detail"]), body
    assert body["status"] == response.status_code
    for error in body.get("errors", []):
        assert CODE.match(error["code"]), error
        assert re.search("[\u4e00-\u9fff]", error["detail"]), error
