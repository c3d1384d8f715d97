"""Two provinces on one machine, and what is left of one that is taken down."""

from __future__ import annotations

from commands.backups.manifest import Manifest
from tests.compose.containers import province as new_province
from tests.compose.containers import run
from tests.compose.people import populated
from tests.compose.registrations import WITH_DATABASE, assert_nothing_waits, assert_registered_exactly_once
from tests.support.registration_acts import acts

ACCOUNTS = "SELECT count(*) AS n FROM accounts"


def test_a_second_province_runs_beside_the_first_and_leaves_nothing(province, deployment, tmp_path):
    """44 beside 43, with one database server a service: nothing shared, nothing known of each other, nothing left."""
    before = province.rows("accounts", ACCOUNTS)
    with new_province("44", tmp_path / "44", servers="each") as other:
        other.up()
        there = populated(other, tmp_path, seed=44)
        doctor = there.doctor(region="44")
        county = there.cast.at("AUTH-440106", "officer")
        for act in acts(there, doctor, there.hospital("44"), paper_certificate=True, first_look=county):
            act()
        assert_registered_exactly_once(other, doctor)
        assert_nothing_waits(other)
        assert other.rows("accounts", ACCOUNTS) == [{"n": 1}]
        assert province.rows("accounts", ACCOUNTS) == before
        shared = set(other.inspect("review")["NetworkSettings"]["Networks"]) & set(
            province.inspect("review")["NetworkSettings"]["Networks"]
        )
        assert shared == set()
        secrets = [(each.folder / "passwords" / "broker-review").read_text() for each in (province, other)]
        assert secrets[0] != secrets[1]
        run("make", "-s", "backup", f"P={other.folder}", "TO=each")  # of five servers as of one
        assert set(Manifest.read(other.folder / "backups" / "each").services) == set(WITH_DATABASE)
        other.down()
        assert other.leftovers() == []
    assert province.is_healthy("gateway")
