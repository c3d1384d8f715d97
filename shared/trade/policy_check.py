"""What is to be said of a policy file before it is used: more than a service asks at its start, with the same lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from .divisions import ancestors, listed_years
from .knobs import KNOBS
from .policy_file import NATIONAL, PolicyFile, PolicyFileError, Rule, parse_policy, read_text
from .provinces import MAINLAND


@dataclass(frozen=True)
class Check:
    """A file's content, if it can be read at all; what is wrong with it, and what somebody should look at."""

    file: PolicyFile | None
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_file(path: Path, older: Path | None = None) -> Check:
    """Check a file under the name it was given by, against an older one where there is one.

    A file named `national.toml` or `43.toml` has to speak for who it is named after; a draft may have any name.
    """
    try:
        file = read_draft(path)
        before = None if older is None else read_draft(older)
    except PolicyFileError as wrong:
        return Check(None, wrong.faults)
    faults = [*_missing_defaults(file), *_never_in_force(file)]
    if before is not None:
        faults += _not_a_follower(file, before, str(older))
    return Check(
        file,
        [f"{path}:{line}: {text}" for line, text in faults],
        [f"{path}:{line}: warning: {text}" for line, text in _unlisted(file)],
    )


def read_draft(path: Path) -> PolicyFile:
    """Read a file that may have any name, or raise `PolicyFileError`; its faults carry the path as it was given."""
    named_after = path.stem if path.suffix == ".toml" and path.stem in {NATIONAL, *MAINLAND} else None
    return parse_policy(read_text(path, str(path)), str(path), named_after)


def in_force(file: PolicyFile, day: date, division: str = "") -> list[Rule]:
    """The rules of a file that are in force on a day, by place and key.

    Of one division only those that hold there: for each knob the nearest of county, city and province.
    """
    holding = sorted((rule for rule in file.rules if rule.holds_on(day)), key=lambda rule: rule.is_default)
    wanted = ancestors(division) if division else sorted({rule.division for rule in holding})
    found: dict[tuple[str, str], Rule] = {}
    for level in wanted:
        for rule in holding:
            if rule.division == level:
                found.setdefault(("" if division else level, rule.key), rule)
    return [found[place] for place in sorted(found)]


def _missing_defaults(file: PolicyFile) -> Iterable[tuple[int, str]]:
    """A national file without a default stops every service at its start."""
    if file.division == NATIONAL:
        has = {rule.key for rule in file.rules if rule.is_default}
        yield from ((file.lines["defaults"], f"no default for {key}") for key in sorted(set(KNOBS) - has))


def _never_in_force(file: PolicyFile) -> Iterable[tuple[int, str]]:
    """A division that is gone before the rule begins, or comes after it has ended: no institution lies there then."""
    for rule, years in _with_years(file):
        if years is None or rule.valid_from is None:
            continue
        first, last = years
        if rule.valid_from.year > last:
            yield rule.line_of("division"), f"can never be in force: {rule.division} was given up in {last}"
        elif rule.valid_to is not None and rule.valid_to.year < first:
            yield rule.line_of("division"), f"can never be in force: {rule.division} exists since {first}"


def _unlisted(file: PolicyFile) -> Iterable[tuple[int, str]]:
    """A slip of the keyboard, or a division younger than the table."""
    for rule, years in _with_years(file):
        if years is None:
            yield rule.line_of("division"), f"the public table of divisions does not list {rule.division}"


def _with_years(file: PolicyFile) -> Iterable[tuple[Rule, tuple[int, int] | None]]:
    return ((rule, listed_years(rule.division)) for rule in file.rules if rule.division != NATIONAL)


def _not_a_follower(file: PolicyFile, before: PolicyFile, name: str) -> Iterable[tuple[int, str]]:
    """Whoever has a number has the text: a file with other rules has a larger version, and none goes back."""
    if file.division != before.division:
        yield file.lines["division"], f"{name} speaks for {before.division}"
    elif not _same(file.rules, before.rules):
        if file.version <= before.version:
            yield file.lines["version"], f"version must be larger than {before.version}: the rules differ from {name}"
    elif file.version < before.version:
        yield file.lines["version"], f"version must not be smaller than {before.version}, that of {name}"


def _same(some: tuple[Rule, ...], others: tuple[Rule, ...]) -> bool:
    """The same rules in any order; their values may be lists, which no set can hold."""
    return len(some) == len(others) and all(rule in others for rule in some)
