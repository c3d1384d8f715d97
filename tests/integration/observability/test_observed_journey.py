"""One registration in a running system, as an operator sees it: counters move, traces hold, nobody is named."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from commands.journey.api import ApiProblem
from commands.journey.people import Doctor
from tests.integration.observability.receiver import Receiver, Seen, receiver
from tests.support.deployment import Deployment, deployed
from tests.support.processes import ALL, System
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass
class Observed:
    """A registered doctor, and what was seen of the way there."""

    deployment: Deployment
    collector: Receiver
    doctor: Doctor
    before: Figures
    after: Figures
    text: str

    def moved(self, name: str, **labels: str) -> float:
        """By how much the samples of this name with at least these labels have grown."""
        return _sum(self.after, name, labels) - _sum(self.before, name, labels)


def _sum(figures: Figures, name: str, labels: dict[str, str]) -> float:
    return sum(
        value for (found, given), value in figures.items() if found == name and labels.items() <= dict(given).items()
    )


def _scrape(system: System) -> str:
    port = system.processes[ALL].environment["ADMIN_PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        return answer.read().decode()


def _parsed(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def observed(tmp_path_factory) -> Iterator[Observed]:
    """One doctor's way from exam result to certificate."""
    folder = tmp_path_factory.mktemp("observed")
    with receiver() as collector:
        system = System.embedded(
            folder / "system",
            TRACING="otlp",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
            OTEL_BSP_SCHEDULE_DELAY="200",
        )
        with deployed(system, folder, size=120) as deployment:
            before = _parsed(_scrape(system))
            doctor = deployment.accepted()
            deployment.officer("officer").decide(doctor.application["number"], "approve", step="decide")
            doctor.certificate()
            text = _scrape(system)
            yield Observed(deployment, collector, doctor, before, _parsed(text), text)


def test_the_business_counters_move(observed: Observed):
    assert observed.moved("yizhu_accounts_activated_total", service="accounts", province="43") == 1
    assert observed.moved("yizhu_applications_submitted_total", service="applications", type="REG") == 1
    assert observed.moved("yizhu_cases_decided_total", service="review", outcome="approved", province="43") == 1
    assert observed.moved("yizhu_registrations_changed_total", service="applications", change="opened") == 1
    assert observed.moved("yizhu_certificates_issued_total", service="applications", province="43") == 1
    assert _sum(observed.before, "yizhu_exam_rows_imported_total", {"service": "sync"}) >= 120
    assert observed.moved("yizhu_sms_total", service="notices", outcome="taken") > 0


def test_calls_events_and_requests_are_counted_where_they_happen(observed: Observed):
    assert observed.moved("yizhu_rpc_duration_seconds_count", service="applications", method="submit") == 1
    assert observed.moved("yizhu_rpc_call_duration_seconds_count", service="gateway", target="applications") > 0
    assert observed.moved("yizhu_rpc_call_duration_seconds_count", service="accounts", target="sync") > 0
    submitted = {"service": "review", "type": "applications.application_submitted.v1", "outcome": "applied"}
    assert observed.moved("yizhu_event_duration_seconds_count", **submitted) == 1
    assert observed.moved("yizhu_http_requests_total", service="gateway", method="POST", status="201") > 0
    assert _sum(observed.after, "yizhu_queue_depth", {"queue": "review.inbox"}) >= 0
    queues = {dict(labels)["queue"] for name, labels in observed.after if name == "yizhu_queue_depth"}
    assert {"review.inbox", "review.inbox.bulk", "notices.inbox"} <= queues
    assert {dict(labels)["service"] for name, labels in observed.after if name == "yizhu_outbox_lag_seconds"} == {
        *("accounts", "sync", "applications", "review", "notices")
    }
    assert _sum(observed.after, "yizhu_certificates_unrendered", {"state": "pending"}) == 0
    checks = {labels: value for (name, labels), value in observed.after.items() if name == "yizhu_ready"}
    assert checks
    assert set(checks.values()) == {1.0}


def test_a_refusal_is_counted_by_its_kind(observed: Observed):
    with pytest.raises(ApiProblem, match=r"^404 "):
        observed.doctor.api.get(f"/applications/{uuid4()}")
    after = _parsed(_scrape(observed.deployment.system))
    assert _sum(after, "yizhu_rpc_errors_total", {"service": "applications", "kind": "not_found"}) > 0
    assert _sum(after, "yizhu_rpc_call_errors_total", {"service": "gateway", "kind": "not_found"}) > 0


def test_a_route_is_told_by_its_template(observed: Observed):
    routes = {dict(labels)["route"] for name, labels in observed.after if name == "yizhu_http_requests_total"}
    assert any("<" in route for route in routes)
    assert not [route for route in routes if re.search(r"[0-9a-f]{8}-|\d{5}|\?", route)]
    unknown = f"{observed.deployment.url}/api/v1/no/{observed.doctor.candidate.id_number}"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(unknown, timeout=20)
    text = _scrape(observed.deployment.system)
    assert 'route="unmatched"' in text
    assert observed.doctor.candidate.id_number not in text


def test_every_series_names_its_service_and_there_are_few(observed: Observed):
    ours = [dict(labels) for name, labels in observed.after if name.startswith("yizhu_")]
    assert all(labels.get("service") for labels in ours)
    series = {
        (name, labels) for name, labels in observed.after if name.startswith("yizhu_") and "le" not in dict(labels)
    }
    assert len(series) < 2000


def _personal(doctor: Doctor) -> list[str]:
    candidate = doctor.candidate
    return [candidate.id_number, candidate.name, candidate.ticket, doctor.phone, doctor.application["number"]]


def test_no_person_is_in_the_figures(observed: Observed):
    assert not [value for value in _personal(observed.doctor) if value in observed.text]
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"(?m)^#.*$", "", observed.text))
    assert not re.search(r'="[^"]*\d{6}[^"]*"', observed.text)


def _submission(collector: Receiver) -> list[Seen]:
    """The trace of the request that submitted the application."""
    roots = [span for span in collector.spans if span.name.startswith("POST") and "submission" in span.name]
    return collector.trace(roots[-1].trace) if roots else []


def test_one_trace_holds_the_request_its_calls_and_the_events_they_set_off(observed: Observed):
    def complete() -> bool:
        return {"gateway", "applications", "review", "notices"} <= {
            span.service for span in _submission(observed.collector)
        }

    wait_until(complete, 30, lambda: f"{[(s.service, s.kind, s.name) for s in observed.collector.spans][-60:]}")
    spans = _submission(observed.collector)
    by_id = {span.id: span for span in spans}
    (root,) = [span for span in spans if not span.parent]
    assert (root.service, root.kind) == ("gateway", "server")
    asked = next(
        span for span in spans if (span.service, span.kind, span.name) == ("gateway", "client", "applications.submit")
    )
    answered = next(span for span in spans if (span.service, span.kind) == ("applications", "server"))
    opened = next(span for span in spans if (span.service, span.kind) == ("review", "consumer"))
    told = next(span for span in spans if (span.service, span.kind) == ("notices", "consumer"))
    assert by_id[asked.parent] is root
    assert by_id[answered.parent] is asked
    assert by_id[opened.parent] is answered
    assert opened.name == "applications.application_submitted.v1"
    assert told.parent in by_id
    assert len({span.attributes.get("yizhu.correlation_id") for span in (answered, opened, told)}) == 1
    assert root.attributes["http.route"].startswith("/api/v1/")
    assert "<" in root.attributes["http.route"]


def test_no_person_is_in_the_traces(observed: Observed):
    sent = b"".join(observed.collector.bodies)
    assert sent
    assert not [value for value in _personal(observed.doctor) if value.encode() in sent]
    for span in observed.collector.spans:
        # The correlation id is random hexadecimal, by which a line of the log is found; it is nobody's.
        facts = {name: value for name, value in span.attributes.items() if name != "yizhu.correlation_id"}
        assert not re.search(r"\d{6}|[\u4e00-\u9fff]|[0-9a-f]{8}-[0-9a-f]{4}", f"{span.name} {facts}")
