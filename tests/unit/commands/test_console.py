"""The command line: one line for what is wrong, keys that are never overwritten, a clock that only goes forward."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from commands.__main__ import COMMANDS, main
from commands.clock import span
from commands.services import SERVICES, chosen, handled_events, known_events, service_class
from shared.platform import config
from shared.platform.clock import clock
from shared.platform.config import SettingsError, forget_settings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def deployment(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("CLOCK_URI", f"file://{tmp_path}/clock")
    monkeypatch.delenv("AMQP_URI", raising=False)
    forget_settings()
    clock.cache_clear()
    yield monkeypatch
    forget_settings()
    clock.cache_clear()


def run(*arguments: str) -> int:
    try:
        return main(list(arguments))
    except SystemExit as end:
        return int(end.code or 0)


def test_the_list_of_commands_names_only_modules_that_exist(capsys):
    assert run("--help") == 0
    shown = re.findall(r"^  ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert set(shown) <= set(COMMANDS)
    assert {"serve", "keys", "declare", "migrate", "clock", "deliveries"} <= set(shown)


def test_an_unknown_command_is_status_2(capsys):
    assert run("seeds") == 2
    assert "usage" in capsys.readouterr().out


def test_a_wrong_setting_is_one_line_and_status_2(deployment, capsys):
    deployment.setenv("ENVIRONMENT", "staging")
    forget_settings()
    assert run("clock", "show") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_keys_are_created_once(tmp_path, capsys):
    assert run("keys", "init") == 0
    before = {path: path.read_bytes() for path in (tmp_path / "keys").rglob("*") if path.is_file()}
    assert len(before) == 2 + 3 * len(SERVICES) + 1  # at last the signer of a trial's documents
    assert run("keys", "init") == 0
    assert "nothing is missing" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in before} == before


def test_production_keys_can_be_made_before_anything_else_is_set(deployment, tmp_path):
    deployment.setenv("ENVIRONMENT", "production")
    forget_settings()
    assert run("keys", "init") == 0
    assert (tmp_path / "keys" / "transport.json").exists()


def test_the_clock_moves_forward(capsys):
    assert run("clock", "advance", "3d") == 0
    assert "3 days" in capsys.readouterr().out


def test_no_clock_is_moved_where_none_is_set(deployment, capsys):
    deployment.delenv("CLOCK_URI")
    forget_settings()
    clock.cache_clear()
    assert run("clock", "advance", "3d") == 2
    assert "CLOCK_URI" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3d", timedelta(days=3)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
        ("9s", timedelta(seconds=9)),
    ],
)
def test_lengths_of_time_are_read(text, length):
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "0d", "-1d", "3", "3w", "d"])
def test_other_lengths_are_refused(text):
    with pytest.raises(typer.BadParameter):
        span(text)


def test_the_in_process_bus_is_not_declared_from_outside(capsys):
    assert run("declare") == 2
    assert "AMQP_URI" in capsys.readouterr().err


def test_services_are_chosen_by_name_in_the_order_in_which_they_start():
    assert chosen(["gateway", "accounts"]) == ("accounts", "gateway")
    assert chosen(["all"]) == SERVICES
    with pytest.raises(SettingsError):
        chosen(["billing"])


def test_every_handled_event_stands_in_a_contract():
    known = {event.name for event in known_events()}
    for name in SERVICES:
        handled = [event.name for event in handled_events(service_class(name))]
        assert set(handled) <= known
        assert len(set(handled)) == len(handled)


def test_every_setting_is_explained_in_the_example():
    source = Path(config.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'_(?:text|number|one_of|of_scheme)\(\w+(?:\([^)]*\))?, "([A-Z_]+)"', source))
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(read) > 15
    assert read - listed - {name.removesuffix("_FILE") for name in listed} == set()
    assert {"SMS_TOKEN_FILE", "REVIEW_DATABASE_URL"} <= listed


def test_a_years_calendar_is_loaded_where_the_services_read_it(deployment, tmp_path, capsys):
    """Design D16: no release; a table that can't be used never gets into the folder."""
    folder = tmp_path / "calendar"
    deployment.setenv("CALENDAR_DIR", str(folder))
    forget_settings()
    table = tmp_path / "notice.toml"
    table.write_text("year = 2027\nholidays = [2027-01-01]\nworkdays = []\n")
    assert run("calendar", "load", str(table)) == 0
    assert [path.name for path in folder.iterdir()] == ["2027.toml"]
    assert run("calendar", "show") == 0
    assert "to 2027;" in capsys.readouterr().out
    table.write_text("year = 2028\nholidays = [2027-01-01]\nworkdays = []\n")
    assert run("calendar", "load", str(table)) == 2
    assert [path.name for path in folder.iterdir()] == ["2027.toml"]


def test_without_a_folder_no_calendar_can_be_loaded(deployment, tmp_path, capsys):
    deployment.delenv("CALENDAR_DIR", raising=False)
    forget_settings()
    table = tmp_path / "notice.toml"
    table.write_text("year = 2027\nholidays = [2027-01-01]\nworkdays = []\n")
    assert run("calendar", "load", str(table)) == 2
    assert "CALENDAR_DIR" in capsys.readouterr().err
