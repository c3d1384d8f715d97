"""The invented cohort is the same for the same seed, realistic in its spread, and tells its faults exactly."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from commands.exam_cohort.defects import PAIRED, SINGLE
from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import clean_passes, manifest_of, write_manifest
from services.sync.domain.candidate import FileRules, read_row
from shared.trade.divisions import exists
from shared.trade.names import normalise

TODAY = date(2026, 11, 23)
RULES = FileRules(year=2026, round=1, today=TODAY)


@pytest.fixture(scope="module")
def cohort():
    return generate(2000, seed=7, year=2026)


@pytest.fixture(scope="module")
def manifest(cohort):
    return manifest_of(cohort)


def test_the_same_seed_gives_the_same_file(tmp_path, cohort):
    cohort.write(tmp_path / "one.csv")
    generate(2000, seed=7, year=2026).write(tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert generate(2000, seed=8, year=2026).rows != cohort.rows


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 40, 170, 1000, 2000])
def test_every_row_reads_with_exactly_the_reasons_it_was_given(n, seed):
    """What two rows have with each other is found in the whole file only, so those reasons are left out here."""
    made = generate(n, seed=seed, year=2026)
    assert len(made.rows) == n
    for row in made.rows:
        expected = [reason for reason in row.reasons if reason not in ("ticket_duplicate", "name_conflict")]
        assert list(read_row(row.values, RULES).reasons) == expected, row.values


def test_there_is_a_fault_of_every_kind(cohort, manifest):
    assert sum(manifest["reasons"].values()) == 2 * (len(SINGLE) + 2 * len(PAIRED))
    assert manifest["refused"] + manifest["held"] + manifest["clean"] == manifest["rows"] == 2000
    assert len(manifest["faulty_lines"]) == manifest["refused"] + manifest["held"]


def test_pairs_share_a_ticket_or_an_id(cohort):
    tickets = Counter(row.get("ticket") for row in cohort.rows if len(row.values) == 25)
    repeated = {ticket for ticket, times in tickets.items() if times > 1}
    assert repeated == {row.get("ticket") for row in cohort.rows if "ticket_duplicate" in row.reasons}
    names: dict[str, set[str]] = {}
    for row in cohort.rows:
        if len(row.values) == 25 and "id_type_unknown" not in row.reasons:
            names.setdefault(row.get("id_number"), set()).add(normalise(row.get("name")))
    conflicts = {number for number, known in names.items() if len(known) > 1}
    assert conflicts == {row.get("id_number") for row in cohort.rows if "name_conflict" in row.reasons}


def test_the_spread_is_realistic(manifest):
    assert 0.33 < manifest["assistants"] / manifest["clean"] < 0.47
    assert 0.6 < manifest["passed"] / manifest["clean"] < 0.8
    assert manifest["people_twice"] > 5  # E22
    assert manifest["provincial_line"] > 5  # E26
    assert min(manifest["names"][kind] for kind in ("minority", "rare", "common")) > 10
    assert len(manifest["passed_by_region"]) == 31
    assert manifest["passed_by_region"]["43"] > 300


def test_some_people_share_name_and_birth_date(cohort):
    """E01."""
    people = {
        (normalise(row.get("name")), row.get("birth_date"), row.get("id_number"))
        for row in cohort.rows
        if not row.reasons
    }
    assert Counter((name, born) for name, born, _ in people).most_common(1)[0][1] > 2


def test_no_invented_id_can_be_a_real_persons(cohort):
    assert not any(exists(row.person.resident_id.value[:6]) for row in cohort.rows)


def test_round_two_is_sat_by_those_who_failed_round_one(cohort):
    """E23: the same ticket in both rounds."""
    again = generate(2000, seed=7, year=2026, round_=2)
    failed = {(row.get("id_number"), row.get("ticket")) for row in cohort.rows if not row.reasons and not row.passed}
    assert {(row.get("id_number"), row.get("ticket")) for row in again.rows} == failed
    rules = FileRules(year=2026, round=2, today=TODAY)
    assert all(read_row(row.values, rules).reasons == () for row in again.rows)
    assert any(row.passed for row in again.rows)


def test_clean_passes_of_a_region_can_be_read_back(tmp_path, cohort, manifest):
    cohort.write(tmp_path / "c.csv")
    write_manifest(cohort, tmp_path / "c.json")
    found = clean_passes(tmp_path / "c.csv", tmp_path / "c.json", "43")
    assert len(found) == manifest["passed_by_region"]["43"]
    assert all(row["region"] == "43" for row in found)
