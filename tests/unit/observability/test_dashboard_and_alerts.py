"""The dashboard and the alert rules read only what the code tells."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric

from commands.services import SERVICES, known_events
from services.applications.repository.certificates import UNRENDERED
from shared.platform.business_figures import family_of
from shared.platform.figures import ServiceFigures
from shared.platform.health import Health, HealthFigures
from shared.platform.tallies import TALLIES

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "observability"
# What the modules of a process tell once they are imported.
TELLING = (
    "shared.platform.bus.server",
    "shared.platform.bus.client",
    "shared.platform.inbox_process",
    "services.gateway.observation",
    "services.sync.importing",
    "services.notices.providers",
)
OF_PROMETHEUS = {"instance", "le", "job"}
TOLD_FROM_TABLES = {
    "yizhu_outbox_waiting": {"service"},
    "yizhu_outbox_lag_seconds": {"service"},
    "yizhu_inbox_unfinished": {"service", "status"},
    "yizhu_failed_items": {"service", "status"},
    "yizhu_queue_depth": {"service", "queue"},
}


def told() -> dict[str, set[str]]:
    """Every sample's name with its labels."""
    for module in TELLING:
        importlib.import_module(module)
    families = [family for event in known_events() if (family := family_of(event)) is not None]
    families += [family for family in TALLIES._families.values() if family not in families]
    found: dict[str, set[str]] = {}
    for family in families:
        labels = set(family.labels)
        endings = ("_total",) if family.metric().type == "counter" else ("_bucket", "_count", "_sum")
        found |= {f"{family.name}{ending}": labels for ending in endings}
    found |= {UNRENDERED.name: {"service", "state"}, "yizhu_ready": {"service", "check"}}
    return found | TOLD_FROM_TABLES


def expressions() -> list[str]:
    """Every query of the dashboard and of the alert rules."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    queries += [item["query"]["query"] for item in dashboard["templating"]["list"] if item["type"] == "query"]
    return queries + [rule["expr"] for rule in rules()]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return list(chain.from_iterable(group["rules"] for group in groups))


def test_every_figure_that_is_read_is_told():
    exported = told()
    read = set(re.findall(r"\byizhu_\w+", "\n".join(expressions())))
    assert read
    assert read <= exported.keys()


def test_every_label_that_is_read_is_told():
    exported = told()
    for expression in expressions():
        for name, matchers in re.findall(r"\b(yizhu_\w+)\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) <= exported[name], expression
        known = set().union(*(exported[name] for name in re.findall(r"\byizhu_\w+", expression))) | OF_PROMETHEUS
        for grouping in re.findall(r"\bby \(([^)]*)\)", expression):
            assert {label.strip() for label in grouping.split(",")} <= known, expression


@pytest.mark.parametrize("collector", [ServiceFigures(), HealthFigures(Health())], ids=["tables", "checks"])
def test_what_is_read_from_tables_and_checks_is_named_as_the_dashboard_reads_it(collector):
    names = {family.name for family in metrics(collector)}
    assert names == set(TOLD_FROM_TABLES) or names == {"yizhu_ready"}


def metrics(collector: Any) -> Iterator[Metric]:
    yield from collector.collect()


def test_every_figure_names_its_service():
    """Six services may share a process."""
    assert [name for name, labels in told().items() if "service" not in labels] == []


def test_no_figure_has_a_label_that_could_name_a_person_or_a_record():
    fit = {
        *("service", "method", "kind", "target", "type", "outcome", "status", "queue", "route", "province"),
        *("change", "state", "check"),
    }
    assert set().union(*told().values()) <= fit


def test_every_alert_says_how_urgent_it_is_and_where_its_recipe_stands():
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        document, _, place = rule["annotations"]["recipe"].partition(", ")
        assert document == "docs/operations.md"
        assert place.split(":")[0] in headings, rule["alert"]


def test_what_has_to_wake_somebody_has_an_alert():
    read = "\n".join(rule["expr"] for rule in rules())
    for name in (
        *("yizhu_ready", "yizhu_outbox_lag_seconds", "yizhu_inbox_unfinished", "yizhu_failed_items"),
        *("yizhu_rpc_call_errors_total", "yizhu_rpc_duration_seconds_bucket", "yizhu_certificates_unrendered"),
        "yizhu_sms_total",
    ):
        assert name in read


def test_prometheus_looks_for_every_service_where_compose_puts_its_figures():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    (looked_for,) = jobs[0]["dns_sd_configs"]
    assert set(looked_for["names"]) == set(SERVICES)
    assert {compose["services"][name]["environment"]["ADMIN_PORT"] for name in SERVICES} == {str(looked_for["port"])}


def test_a_service_of_which_nothing_is_scraped_has_an_alert():
    (silent,) = [rule["expr"] for rule in rules() if rule["alert"] == "YizhuSilent"]
    assert set(re.findall(r'absent\(yizhu_ready\{service="(\w+)"\}\)', silent)) == set(SERVICES)


def test_every_alert_is_tried_on_wrong_and_on_healthy_figures():
    """`promtool test rules` itself runs where Prometheus is: tests/compose/test_observability.py."""
    wrong, healthy = yaml.safe_load((FOLDER / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    alerts = {rule["alert"] for rule in rules()}
    assert {tried["alertname"] for tried in wrong["alert_rule_test"] if tried["exp_alerts"]} == alerts
    assert {tried["alertname"] for tried in healthy["alert_rule_test"] if not tried["exp_alerts"]} == alerts
