"""The folder of a province in containers: written once, each container's part apart, and the compose files in step."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from commands.deploying.folder import ROOT, WITH_DATABASE, DeploymentFolder, Plan
from commands.deploying.rolling import order
from commands.keys import key_files
from commands.province import app
from commands.services import SERVICES
from shared.contracts.calls import CALLS


@pytest.fixture
def folder(tmp_path) -> DeploymentFolder:
    return DeploymentFolder(tmp_path / "43")


def content(folder: DeploymentFolder) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def test_a_folder_is_written_once(folder):
    assert folder.write(Plan("43"))
    before = content(folder)
    assert folder.write(Plan("43", environment="test", port="9999")) == []
    assert content(folder) == before


def test_what_the_operator_changed_is_kept_and_shown(folder):
    folder.write(Plan("43"))
    policy = folder.path / "provinces" / "43.toml"
    policy.write_text(policy.read_text() + "# ours\n")
    (folder.path / "passwords" / "sms_token").write_text("token\n")
    (folder.path / "passwords" / "broker-review").write_text("another")
    folder.write(Plan("43"))
    assert policy.read_text().endswith("# ours\n")
    assert folder.policy_differs("43")
    assert (folder.path / "secrets" / "notices" / "sms_token").read_text() == "token"
    assert ":another@" in (folder.path / "secrets" / "review" / "amqp_uri").read_text()


def test_production_tells_what_is_still_to_do(folder):
    """Nothing weak by default: the folder is one for production until something else is asked for."""
    folder.write(Plan("43"))
    told = "\n".join(folder.shortcomings())
    assert all(word in told for word in ("PUBLIC_URL", "SMS_PROVIDER", "sms_token", "signer.pem"))


def test_a_trial_has_nothing_to_do(folder):
    folder.write(Plan("43", environment="test"))
    assert folder.shortcomings() == []


def test_nobody_else_gets_into_the_folder(folder):
    """Files that a container reads are open to any user: the only door to them is closed."""
    folder.write(Plan("43"))
    assert folder.path.stat().st_mode & 0o777 == 0o700
    private = [*(folder.path / "keys").rglob("*"), *(folder.path / "passwords").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in private} == {0}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_shown_its_own_secrets_only(folder, service):
    folder.write(Plan("43", environment="test"))
    shown = folder.path / "secrets" / service
    keys = {str(path.relative_to(shown / "keys")) for path in (shown / "keys").rglob("*") if path.is_file()}
    assert keys - {"documents/signer.pem"} == set(key_files(service))
    others = [
        (folder.path / "passwords" / name).read_bytes()
        for other in SERVICES
        for name in (f"broker-{other}", f"database-{other}")
        if other != service and (folder.path / "passwords" / name).exists()
    ]
    assert not [
        path for path in shown.rglob("*") if path.is_file() and any(text in path.read_bytes() for text in others)
    ]


def test_the_operators_container_is_shown_every_database_and_no_key(folder):
    """What it writes can be opened by nobody who has it and not the keys."""
    folder.write(Plan("43", environment="test"))
    secrets = folder.path / "secrets"
    shown = {str(path.relative_to(secrets / "operations")): path for path in (secrets / "operations").rglob("*")}
    assert {name for name, path in shown.items() if path.is_file()} == {
        "amqp_uri",
        *(f"databases/{service}" for service in WITH_DATABASE),
    }
    for service in WITH_DATABASE:
        assert shown[f"databases/{service}"].read_bytes() == (secrets / service / "database_url").read_bytes()
    assert shown["amqp_uri"].read_text().startswith("amqp://operations:")


@pytest.mark.parametrize("name", ["broker/definitions.json", "postgres/init/10-services.sql"])
def test_servers_are_shown_no_password_in_the_clear(folder, name):
    folder.write(Plan("43"))
    shown = (folder.path / "secrets" / name).read_text()
    passwords = [path.read_text() for path in (folder.path / "passwords").iterdir() if path.read_text()]
    assert not [password for password in passwords if password in shown]


def test_each_service_may_have_its_own_database_server(folder):
    folder.write(Plan("43", servers="each"))
    hosts = {
        service: re.findall(r"@([a-z-]+):", (folder.path / "secrets" / service / "database_url").read_text())[0]
        for service in WITH_DATABASE
    }
    assert len(set(hosts.values())) == len(WITH_DATABASE)
    for service, host in hosts.items():
        sql = (folder.path / "secrets" / host / "init" / "10-services.sql").read_text()
        assert re.findall(r"ALTER ROLE (\w+)", sql) == [f"yizhu_{service}"]


@pytest.mark.parametrize(
    ("gateways", "file"), [("published", "docker-compose.published.yml"), ("proxied", "docker-compose.proxy.yml")]
)
def test_either_the_gateway_or_a_proxy_is_published(folder, gateways, file):
    folder.write(Plan("43", gateways=gateways))
    (files,) = re.findall("^COMPOSE_FILE=(.*)$", (folder.path / "compose.env").read_text(), re.MULTILINE)
    assert files.split(":") == ["docker-compose.yml", file]


def test_who_is_asked_is_replaced_before_who_asks():
    """A caller of the new release may ask what only the new release answers."""
    replaced = order()
    assert sorted(replaced) == sorted(SERVICES)
    for caller, callees in CALLS.items():
        assert all(replaced.index(callee) < replaced.index(caller) for callee in callees)


def test_every_user_of_the_broker_is_in_the_table_of_calls(folder):
    folder.write(Plan("43"))
    broker = json.loads((folder.path / "secrets" / "broker" / "definitions.json").read_text())
    others = {"deploy", "operations"}
    assert {user["name"] for user in broker["users"]} == set(SERVICES) | others == set(CALLS) | others
    assert not any(user["tags"] for user in broker["users"])


def test_an_option_that_the_folder_contradicts_is_refused(tmp_path):
    """Options count for a new folder; silently keeping the old choice would be found out by the next command."""
    write = ["write", "43", "--into", str(tmp_path / "43")]
    runner = CliRunner()
    assert runner.invoke(app, [*write, "--environment", "test"]).exit_code == 0
    before = content(DeploymentFolder(tmp_path / "43"))
    for options in (["--gateways", "proxied"], ["--servers", "each"], ["--environment", "production"], ["--port", "1"]):
        refused = runner.invoke(app, [*write, *options])
        assert refused.exit_code == 2, options
        assert f"was written with {options[0].removeprefix('--')} " in refused.stderr
    assert content(DeploymentFolder(tmp_path / "43")) == before
    assert runner.invoke(app, [*write, "--environment", "test", "--gateways", "published"]).exit_code == 0
    assert runner.invoke(app, write).exit_code == 0


def test_two_provinces_share_nothing(tmp_path):
    folders = [DeploymentFolder(tmp_path / code) for code in ("43", "44")]
    for folder, code in zip(folders, ("43", "44"), strict=True):
        folder.write(Plan(code))
    settings = [(folder.path / "compose.env").read_text() for folder in folders]
    for name in ("COMPOSE_PROJECT_NAME", "DEPLOYMENT_DIR", "PUBLISH_PORT"):
        assert len({re.findall(f"^{name}=(.*)$", text, re.MULTILINE)[0] for text in settings}) == 2
    secrets = [{path.read_bytes() for path in (folder.path / "passwords").iterdir()} - {b""} for folder in folders]
    assert not secrets[0] & secrets[1]


def test_the_compose_files_know_every_service():
    """A new service without a container, a migration step or a clock in trials would only be missed in production."""
    files = {
        name: yaml.safe_load((ROOT / f"docker-compose{name}.yml").read_text())
        for name in ("", ".trial", ".databases", ".published", ".proxy")
    }
    services = files[""]["services"]
    assert set(SERVICES) <= set(services)
    assert {f"migrate-{service}" for service in WITH_DATABASE} <= set(services)
    assert set(files[".trial"]["services"]) == {*SERVICES, "operations"}
    for service in WITH_DATABASE:
        assert services[service]["depends_on"][f"migrate-{service}"]["condition"] == "service_completed_successfully"
    assert {f"postgres-{service}" for service in WITH_DATABASE[1:]} <= set(files[".databases"]["services"])
    published = {
        (name, service) for name, file in files.items() for service, what in file["services"].items() if "ports" in what
    }
    assert published == {(".published", "gateway"), (".proxy", "proxy")}
    assert not [name for name, service in services.items() if not service.get("read_only")]


@pytest.mark.parametrize("name", ["", ".databases", ".proxy", ".observability"])
def test_every_container_is_limited(name):
    """Memory, processors and processes, also of servers, proxy and steps: one province may not take all."""
    services = yaml.safe_load((ROOT / f"docker-compose{name}.yml").read_text())["services"]
    new = {service: what for service, what in services.items() if "image" in what}
    assert new
    for limit in ("mem_limit", "cpus", "pids_limit", "read_only"):
        assert not [service for service, what in new.items() if not what.get(limit)], limit


def test_the_operators_container_reaches_every_database_and_starts_only_when_asked():
    """A service whose address it lacks would be missing in every backup."""
    operations = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["operations"]
    assert operations["profiles"] == ["operations"]
    assert {name for name in operations["environment"] if name.endswith("_DATABASE_URL_FILE")} == {
        f"{service.upper()}_DATABASE_URL_FILE" for service in WITH_DATABASE
    }
