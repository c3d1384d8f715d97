"""What an operator sees of a province in containers: Prometheus' targets, figures and alerts, and traces."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from commands.exam_cohort.generator import generate
from commands.journey.api import ApiProblem
from commands.services import SERVICES
from tests.compose.containers import Province, run
from tests.compose.prometheus import FOLDER, Prometheus, prometheus_of
from tests.compose.registrations import assert_registered_exactly_once
from tests.integration.observability.receiver import spans_in
from tests.support.deployment import ROUND, YEAR, Deployment
from tests.support.registration_acts import acts
from tests.support.waiting import eventually, wait_until

COUNTERS = (
    "yizhu_accounts_activated_total",
    "yizhu_applications_submitted_total",
    "yizhu_cases_decided_total",
    "yizhu_registrations_changed_total",
    "yizhu_certificates_issued_total",
)
#: What these show goes wrong, and nothing does.
EMPTY_WHILE_ALL_IS_WELL = {"Server errors by route", "Calls made: not answered or failed"}
#: A collector that writes down what it is sent, one request a line.
COLLECTOR = """
import base64, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print(base64.b64encode(self.rfile.read(int(self.headers["Content-Length"]))).decode(), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_request(self, *answered):
        pass
http.server.ThreadingHTTPServer(("0.0.0.0", 4318), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def prometheus(province, deployment) -> Iterator[Prometheus]:
    """The province's Prometheus, with two rules that don't wait."""
    with prometheus_of(province, impatient=("YizhuNotReady", "YizhuSilent")) as running:
        eventually(lambda: set(running.up()) == {*SERVICES, "rabbitmq"}, within=60, every=0.5)
        yield running


@pytest.mark.parametrize(
    "check",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")],
    ids=["configuration", "rules", "rules on figures"],
)
def test_prometheus_itself_accepts(province, check):
    """promtool reads what is shipped, and each alert fires and keeps silent as alerts_test.yml says."""
    *words, file = check
    image = province.images.get("PROMETHEUS_IMAGE", "prom/prometheus:v2.53.0")
    folder = f"{FOLDER}:/etc/prometheus:ro"
    run("docker", "run", "--rm", "-v", folder, "--entrypoint", "promtool", image, *words, f"/etc/prometheus/{file}")


def test_prometheus_is_contained_and_answers_on_this_machine_alone(province, prometheus):
    found = province.inspect("prometheus")
    assert found["Config"]["User"] == "nobody"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert found["HostConfig"]["Memory"] > 0
    published = [each for ports in found["NetworkSettings"]["Ports"].values() for each in ports or []]
    assert [(each["HostIp"], each["HostPort"]) for each in published] == [
        ("127.0.0.1", prometheus.url.rpartition(":")[2])
    ]
    eventually(lambda: province.is_healthy("prometheus"), within=60, every=0.5)


def test_every_container_is_scraped_once(province, prometheus):
    """Also those with two networks: `gateway` and `notices` are found under one address."""
    assert {name: len(addresses) for name, addresses in prometheus.up().items()} == dict.fromkeys(
        [*SERVICES, "rabbitmq"], 1
    )
    ready = prometheus.query("min by (service) (yizhu_ready)")
    assert {sample["metric"]["service"]: sample["value"][1] for sample in ready} == dict.fromkeys(SERVICES, "1")
    assert prometheus.value("rabbitmq_disk_space_available_bytes") > 0


def test_a_replica_is_scraped_too(province, prometheus):
    """Figures of each; what they read from the same tables is joined by max, as the rules do."""
    province.compose("up", "-d", "--no-deps", "--no-recreate", "--scale=sync=2", "sync", within=180)
    try:
        eventually(lambda: len(prometheus.up().get("sync", ())) == 2, within=60, every=0.5)
    finally:
        province.compose("up", "-d", "--no-deps", "--no-recreate", "--scale=sync=1", "sync", within=180)
    eventually(lambda: len(prometheus.up().get("sync", ())) == 1, within=60, every=0.5)


def test_a_registration_is_counted_shown_and_alarms_nobody(province, deployment, prometheus, tmp_path):
    """Business counters move, each query of the dashboard gives data, and no alert fires."""
    before = {name: prometheus.value(f"sum({name})") for name in COUNTERS}
    rows = prometheus.value("sum(yizhu_exam_rows_imported_total)")
    _deliver_anew(deployment, tmp_path / "results.csv")
    doctor = deployment.doctor()
    for act in acts(deployment, doctor):
        act()
    assert_registered_exactly_once(province, doctor)
    with pytest.raises(ApiProblem, match=r"^404 "):
        doctor.api.get(f"/applications/{uuid4()}")

    def moved() -> dict[str, float]:
        return {name: prometheus.value(f"sum({name})") - before[name] for name in COUNTERS}

    eventually(lambda: set(moved().values()) == {1}, within=30, every=0.5)
    eventually(lambda: prometheus.value("sum(yizhu_exam_rows_imported_total)") > rows, within=60, every=0.5)
    wait_until(lambda: not _without_data(prometheus), 30, lambda: f"no data: {_without_data(prometheus)}", every=1.0)
    assert prometheus.alerts() == []


def _deliver_anew(deployment: Deployment, path: Path) -> None:
    """Another file of results, which stays unreleased: sync's process may be younger than the cohort's import."""
    generate(20, seed=99, year=YEAR, round_=ROUND).write(path)
    deployment.examiner().deliver_results(path.read_bytes(), YEAR, ROUND)


def _without_data(prometheus: Prometheus) -> list[str]:
    """The dashboard's queries that give nothing though a registration has run, as Grafana would ask them."""
    panels = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))["panels"]
    asked = [
        (panel["title"], re.sub(r"\$(service|province)", ".*", target["expr"]).replace("$__rate_interval", "2m"))
        for panel in panels
        for target in panel.get("targets", ())
    ]
    assert len(asked) > 20
    found = {expression: prometheus.query(expression) for title, expression in asked}
    return [
        expression
        for title, expression in asked
        if title not in EMPTY_WHILE_ALL_IS_WELL
        and not [sample for sample in found[expression] if sample["value"][1] != "NaN"]
    ]


def test_a_service_that_is_gone_alarms(province, prometheus):
    """Its address leaves the targets, so that nothing of it fails: its absence does."""
    province.compose("stop", "review", within=120)
    try:
        alarm = {"alertname": "YizhuSilent", "service": "review", "severity": "page"}
        eventually(lambda: alarm in prometheus.alerts(), within=60, every=0.5)
    finally:
        province.compose("start", "review", within=120)
    province.wait_healthy()
    eventually(lambda: prometheus.alerts() == [], within=60, every=0.5)


def test_a_service_that_cannot_work_alarms(province, prometheus):
    """Every service with a database says which check fails; the gateway has none and stays ready."""
    province.compose("stop", "postgres", within=120)
    try:
        eventually(lambda: _not_ready(prometheus) == {*SERVICES} - {"gateway"}, within=90, every=0.5)
    finally:
        province.compose("start", "postgres", within=120)
    province.wait_healthy()
    eventually(lambda: prometheus.alerts() == [], within=90, every=0.5)


def _not_ready(prometheus: Prometheus) -> set[str]:
    alarms = prometheus.alerts()
    return {
        each["service"] for each in alarms if (each["alertname"], each.get("check")) == ("YizhuNotReady", "database")
    }


def test_traces_are_off_until_the_settings_turn_them_on_for_all(province):
    assert _settings_of_all(province, "TRACING") == dict.fromkeys(SERVICES, "off")
    with _traces_on(province, "collector-of-nobody"):
        assert _settings_of_all(province, "TRACING") == dict.fromkeys(SERVICES, "otlp")
        assert set(_settings_of_all(province, "OTEL_EXPORTER_OTLP_ENDPOINT").values()) == {"http://collector:4318"}
        assert set(_settings_of_all(province, "OTEL_TRACES_SAMPLER").values()) == {"always_on"}


def test_a_collector_beside_the_province_gets_the_trace_of_a_request(province, deployment):
    """Over the network that docker-compose.tracing.yml adds: HTTP, call, event, in one trace."""
    network = f"traces-{province.project}"
    run("docker", "network", "create", "--internal", network)
    try:
        image = province.images.get("YIZHU_IMAGE", "yizhu:local")
        at_network = ("--network", network, "--network-alias", "collector")
        program = ("--entrypoint", "python", image, "-c", COLLECTOR)
        collector = run("docker", "run", "-d", *at_network, *program).stdout.strip()
        try:
            with _traced(province, network, "gateway", "applications", "review"):
                deployment.submitted()
                eventually(lambda: _complete(collector), within=60, every=0.5)
        finally:
            run("docker", "rm", "-f", collector)
    finally:
        run("docker", "network", "rm", network)


def _complete(collector: str) -> bool:
    """Whether one trace holds the request that submits, the call that it made, and the event that was applied."""
    sent = run("docker", "logs", collector).stdout.split()
    spans = [span for body in sent for span in spans_in(base64.b64decode(body))]
    wanted = {("gateway", "server"), ("gateway", "client"), ("applications", "server"), ("review", "consumer")}
    of_submission = {span.trace for span in spans if span.kind == "server" and "submission" in span.name}
    return any(
        wanted <= {(span.service, span.kind) for span in spans if span.trace == trace} for trace in of_submission
    )


@contextmanager
def _traces_on(province: Province, network: str) -> Iterator[None]:
    """Settings as docs/operations.md has them, for the block."""
    compose, settings = province.folder / "compose.env", province.folder / "settings.env"
    before = compose.read_text(), settings.read_text()
    compose.write_text(
        re.sub(r"(?m)^(COMPOSE_FILE=.*)$", r"\1:docker-compose.tracing.yml", before[0]) + f"TRACING_NETWORK={network}\n"
    )
    turned_on = before[1].replace("TRACING=off", "TRACING=otlp").replace("#OTEL_EXPORTER", "OTEL_EXPORTER")
    settings.write_text(f"{turned_on}OTEL_BSP_SCHEDULE_DELAY=200\nOTEL_TRACES_SAMPLER=always_on\n")
    try:
        yield
    finally:
        compose.write_text(before[0])
        settings.write_text(before[1])


@contextmanager
def _traced(province: Province, network: str, *services: str) -> Iterator[None]:
    """Containers of these services made anew with traces, and without them after the block."""
    try:
        with _traces_on(province, network):
            province.compose("up", "-d", "--no-deps", *services, within=180)
            province.wait_healthy(*services)
            yield
    finally:
        province.compose("up", "-d", "--no-deps", *services, within=180)
        province.wait_healthy(*services)


def _settings_of_all(province: Province, name: str) -> dict[str, str]:
    services = yaml.safe_load(province.compose("config").stdout)["services"]
    return {service: services[service]["environment"].get(name) for service in SERVICES}
