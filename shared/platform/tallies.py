"""Counts and durations of a busy process, for Prometheus: kept as plain numbers, so that a call pays a microsecond."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

#: Upper bounds in seconds, from a look into memory to the longest deadline.
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: No family grows beyond so many series, whatever its labels are given.
MOST_SERIES: Final = 2000
OTHER: Final = "other"

# A label's value is a word of ours. Whatever looks like a number of a person, a name or an address is not shown.
_WORD: Final = re.compile(r"(?!.*\d{5})[A-Za-z0-9_.\-]{1,80}")

Labels = tuple[str, ...]


def fit_label(value: object) -> str:
    """The value as a label: a short word of ours, or `other`."""
    text = str(getattr(value, "value", value))
    return text if _WORD.fullmatch(text) else OTHER


class Durations:
    """One series of a `DurationFamily`; keep it and `add` to it."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """One more took so long."""
        self.counts[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """How many took at most so long, in the form that Prometheus wants."""
        found, so_far = [], 0
        for bound, count in zip((*map(floatToGoString, self._bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            found.append((bound, float(so_far)))
        return found


class Count:
    """One series of a `CountFamily`; keep it and `add` to it."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def add(self, how_many: int = 1) -> None:
        """So many more."""
        self.value += how_many


class DurationFamily:
    """A histogram with labels; the first label is the service."""

    def __init__(self, name: str, told: str, labels: Labels, bounds: tuple[float, ...]) -> None:
        self.name, self.told, self.labels, self._bounds = name, told, labels, bounds
        self._series: dict[Labels, Durations] = {}

    def of(self, *values: str) -> Durations:
        """The series of these values, in the order of the labels."""
        series = self._series.get(values)
        if series is None:
            series = self._series.setdefault(_bounded(values, self.labels, len(self._series)), Durations(self._bounds))
        return series

    def metric(self) -> Metric:
        """As it is now."""
        family = HistogramMetricFamily(self.name, self.told, labels=self.labels)
        for values, series in tuple(self._series.items()):
            family.add_metric(values, series.buckets(), series.total)
        return family


class CountFamily:
    """A counter with labels; the first label is the service."""

    def __init__(self, name: str, told: str, labels: Labels) -> None:
        self.name, self.told, self.labels = name, told, labels
        self._series: dict[Labels, Count] = {}

    def of(self, *values: str) -> Count:
        """The series of these values, in the order of the labels."""
        series = self._series.get(values)
        if series is None:
            series = self._series.setdefault(_bounded(values, self.labels, len(self._series)), Count())
        return series

    def metric(self) -> Metric:
        """As it is now."""
        family = CounterMetricFamily(self.name, self.told, labels=self.labels)
        for values, series in tuple(self._series.items()):
            family.add_metric(values, series.value)
        return family


class Tallies(Collector):
    """All families of the process, each known by name once."""

    def __init__(self) -> None:
        self._families: dict[str, DurationFamily | CountFamily] = {}

    def durations(self, name: str, told: str, labels: Labels, bounds: tuple[float, ...] = SECONDS) -> DurationFamily:
        """A histogram, made when its module is imported."""
        family = DurationFamily(name, told, labels, bounds)
        self._add(family)
        return family

    def counts(self, name: str, told: str, labels: Labels) -> CountFamily:
        """A counter, `name` without `_total`; asked for again, the same one."""
        known = self._families.get(name)
        if isinstance(known, CountFamily) and known.labels == labels:
            return known
        family = CountFamily(name, told, labels)
        self._add(family)
        return family

    def _add(self, family: DurationFamily | CountFamily) -> None:
        if family.name in self._families:
            raise ValueError(f"{family.name} is told twice")
        if family.labels[:1] != ("service",):
            raise ValueError(f"{family.name} does not tell its service first")
        self._families[family.name] = family

    def collect(self) -> Iterator[Metric]:
        """Every family, those without a series too, so that a dashboard finds its name."""
        for family in tuple(self._families.values()):
            yield family.metric()

    def describe(self) -> list[Metric]:
        """Nothing: families come as modules are imported."""
        return []


def registered(registry: CollectorRegistry = REGISTRY) -> Tallies:
    """The tallies that `/metrics` shows."""
    tallies = Tallies()
    registry.register(tallies)
    return tallies


TALLIES: Final = registered()


def _bounded(values: Labels, labels: Labels, so_many: int) -> Labels:
    if len(values) != len(labels):
        raise ValueError(f"{len(labels)} labels, {len(values)} values")
    return values if so_many < MOST_SERIES else (values[0], *(OTHER for _ in values[1:]))
