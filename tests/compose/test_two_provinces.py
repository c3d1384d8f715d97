"""Two provinces on one machine, and what is left of one that is taken down."""

from __future__ import annotations

from tests.compose.containers import province as new_province
from tests.compose.people import populated
from tests.compose.registrations import acts, assert_nothing_waits, assert_registered_exactly_once


def test_a_second_province_runs_beside_the_first_and_leaves_nothing(province, deployment, tmp_path):
    """44 beside 43, with one database server a service: nothing shared, nothing known of each other, nothing left."""
    with new_province("44", tmp_path / "44", servers="each") as other:
        other.up()
        there = populated(other, tmp_path, size=200, seed=44)
        doctor = there.doctor(region="44")
        place = there.hospital("44")
        there.hospital = lambda province="44": place  # type: ignore[method-assign]  # this deployment's own hospital
        for act in acts(there, doctor):
            act()
        assert_registered_exactly_once(other, doctor)
        assert_nothing_waits(other)
        here = province.rows("accounts", "SELECT count(*) AS n FROM accounts")[0]["n"]
        assert other.rows("accounts", "SELECT count(*) AS n FROM accounts")[0]["n"] < here
        shared = set(other.inspect("review")["NetworkSettings"]["Networks"]) & set(
            province.inspect("review")["NetworkSettings"]["Networks"]
        )
        assert shared == set()
        secrets = [(each.folder / "passwords" / "broker-review").read_text() for each in (province, other)]
        assert secrets[0] != secrets[1]
        other.down()
        assert other.leftovers() == []
    assert province.is_healthy("gateway")
