"""Figures of the process: right in sum, few in number, without a word about anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared.platform import business_figures, tracing
from shared.platform.contract import EventType, Figure
from shared.platform.errors import Conflict
from shared.platform.schemas import WireSchema
from shared.platform.tallies import MOST_SERIES, OTHER, CountFamily, DurationFamily, fit_label, registered


def samples(registry: CollectorRegistry) -> dict[frozenset[str], float]:
    """Each sample by its name and its labels' values, whose order is the parser's own."""
    text = generate_latest(registry).decode()
    return {
        frozenset((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@given(seconds=st.lists(st.floats(min_value=0, max_value=100, allow_nan=False), max_size=50))
def test_durations_are_told_as_prometheus_reads_them(seconds):
    registry = CollectorRegistry()
    family = registered(registry).durations("d", "told", ("service", "method"), (0.1, 1.0))
    series = family.of("review", "decide")
    for item in seconds:
        series.add(item)
    found = samples(registry)
    assert found[frozenset(("d_count", "review", "decide"))] == len(seconds)
    assert found[frozenset(("d_sum", "review", "decide"))] == pytest.approx(sum(seconds))
    for bound in ("0.1", "1.0"):
        assert found[frozenset(("d_bucket", "review", "decide", bound))] == sum(
            item <= float(bound) for item in seconds
        )
    assert found[frozenset(("d_bucket", "review", "decide", "+Inf"))] == len(seconds)


def test_counts_are_told_of_each_series():
    registry = CollectorRegistry()
    family = registered(registry).counts("c", "told", ("service", "kind"))
    family.of("review", "conflict").add()
    family.of("review", "conflict").add(2)
    assert samples(registry)[frozenset(("c_total", "review", "conflict"))] == 3


def test_a_figure_without_a_service_and_a_name_told_twice_are_refused():
    found = registered(CollectorRegistry())
    with pytest.raises(ValueError, match="service first"):
        found.counts("c", "told", ("kind",))
    found.durations("d", "told", ("service",))
    with pytest.raises(ValueError, match="twice"):
        found.counts("d", "told", ("service",))


@pytest.mark.parametrize(
    "family", [CountFamily("c", "", ("service", "x")), DurationFamily("d", "", ("service", "x"), (1,))]
)
def test_no_family_grows_without_end(family):
    for number in range(MOST_SERIES + 50):
        family.of("review", f"x{number}")
    assert len(family._series) == MOST_SERIES + 1
    assert family.of("review", "yet another") is family.of("review", OTHER)


@pytest.mark.parametrize("value", ["REG", "43", "not_accepted", "sync.batch_published.v1", "code-ticket"])
def test_a_word_of_ours_is_a_label(value):
    assert fit_label(value) == value


@pytest.mark.parametrize("value", ["430199199001011234", "13800138000", "张三", "a b", "", "x" * 81, "/me/1"])
def test_what_could_be_somebodys_is_no_label(value):
    assert fit_label(value) == OTHER


@given(value=st.text(max_size=40))
def test_a_label_never_holds_a_long_number_or_a_name(value):
    label = fit_label(value)
    assert label.isascii()
    assert not any(label[at : at + 5].isdecimal() for at in range(len(label) - 4))


def test_an_event_moves_the_counter_of_its_contract(monkeypatch):
    registry = CollectorRegistry()
    monkeypatch.setattr(business_figures, "TALLIES", registered(registry))
    event = EventType("review.decided.v1", "case", WireSchema, figure=Figure("n", "told", ("outcome",)))
    (count,) = business_figures.of_news(event, {"outcome": "approved", "name": "张三"}, "43")
    count.add()
    assert samples(registry) == {frozenset(("n_total", "review", "43", "approved")): 1}
    assert business_figures.of_news(EventType("review.other.v1", "case", WireSchema), {}, "43") == []


def test_a_process_that_does_not_trace_adds_nothing_to_a_message():
    headers: dict[str, str] = {}
    with tracing.span("review", "review.decide") as span:
        span.failed("internal")
        tracing.carry(headers)
    assert headers == {}


def test_an_error_is_told_by_its_kind_alone():
    assert tracing.kind_of(Conflict("case_changed", name="张三")) == "conflict"
    assert tracing.kind_of(RuntimeError("张三")) == "internal"
