"""Whatever is sent to whichever endpoint, by whomever: a clear refusal with a stable code, never a fault."""

from __future__ import annotations

import os
import re

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.gateway.app import create_app
from shared.platform.config import forget_settings, load_deployment
from tests.support.deployment import deployed
from tests.support.processes import System

EXAMPLES_EACH = 6
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


def operations():
    """Method and path of every operation, read from the application itself."""
    before = os.environ.get("ENVIRONMENT")
    os.environ["ENVIRONMENT"] = "test"
    forget_settings()
    try:
        document = create_app(None, load_deployment()).test_client().get("/api/openapi.json").get_json()
    finally:
        os.environ.pop("ENVIRONMENT") if before is None else os.environ.update(ENVIRONMENT=before)
        forget_settings()
    return [
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
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
        role = data.draw(st.sampled_from(sorted(tokens)))
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
