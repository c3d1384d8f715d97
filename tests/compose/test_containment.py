"""What a container is allowed: no root, nothing to write to, its own secrets, one port of the whole province."""

from __future__ import annotations

import json

import pytest

from commands.services import SERVICES
from tests.compose.containers import ALL, run
from tests.compose.registrations import WITH_DATABASE
from tests.support.waiting import accepts, free_port, get_status, wait_until

#: Says of each address whether its door is open to the login in it.
CONNECT = """
import psycopg, sys
for address in sys.argv[1:]:
    try:
        psycopg.connect(address).close()
        print("open")
    except psycopg.OperationalError as refusal:
        print("closed" if "permission denied for database" in str(refusal) else refusal)
"""


@pytest.mark.parametrize("service", ALL)
def test_a_container_runs_without_root_on_a_read_only_file_system(province, service):
    host, config = (province.inspect(service)[part] for part in ("HostConfig", "Config"))
    assert config["User"] not in ("", "0", "root")
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert province.compose("exec", "-T", service, "id", "-u").stdout.strip() != "0"
    assert province.compose("exec", "-T", service, "sh", "-c", "touch /etc/x", check=False).returncode != 0


def test_only_the_gateway_is_published_and_only_on_this_machine(province):
    published = {
        service: [each for each in (province.inspect(service)["NetworkSettings"]["Ports"] or {}).values() if each]
        for service in ALL
    }
    assert {service for service, ports in published.items() if ports} == {"gateway"}
    assert [(each["HostIp"], each["HostPort"]) for each in published["gateway"][0]] == [
        ("127.0.0.1", str(province.port))
    ]


def test_on_a_range_of_ports_there_are_as_many_gateways(province):
    """`up --scale gateway=3` without a proxy: each has a port of the range, and answers on it."""
    ports = three_free_ports()
    province.set(PUBLISH_PORT=f"{ports[0]}-{ports[-1]}")
    try:
        province.compose("up", "-d", "--no-deps", "--scale", "gateway=3", "gateway", within=600)
        wait_until(lambda: province.is_healthy("gateway"), 240, lambda: province.tail("gateway"))
        assert [get_status(f"http://127.0.0.1:{port}/healthz") for port in ports] == [200, 200, 200]
    finally:
        province.set(PUBLISH_PORT=str(province.port))
        province.compose("up", "-d", "--no-deps", "--scale", "gateway=1", "gateway", within=600)
        province.wait_healthy()


def three_free_ports():
    """Three ports in a row that nobody listens on."""
    while True:
        first = free_port()
        if first < 65000 and not any(accepts(port) for port in (first + 1, first + 2)):
            return [first, first + 1, first + 2]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sees_its_own_secrets_and_no_others(province, service):
    seen = province.compose("exec", "-T", service, "find", "/run/secrets", "-type", "f").stdout.split()
    assert {path.split("/")[3] for path in seen} == {service}
    keys = {path.partition("/keys/")[2] for path in seen if "/keys/" in path}
    own = {f"storage/{service}.json", f"index/{service}.json", f"identity/{service}.pem"}
    assert keys - {"documents/signer.pem"} == own | {"transport.json", "identity/public.json"}
    assert ("documents/signer.pem" in keys) == (service == "applications")


def test_no_secret_stands_in_compose_file_environment_or_image(province):
    passwords = [path.read_text() for path in (province.folder / "passwords").iterdir() if path.read_text()]
    shown = [province.compose("config").stdout]
    shown += [json.dumps(province.inspect(service)["Config"]) for service in ALL]
    image = province.inspect("gateway")["Image"]
    shown.append(run("docker", "history", "--no-trunc", image).stdout)
    assert len(passwords) > 10
    assert [password for password in passwords if any(password in text for text in shown)] == []
    files = run(
        "docker", "run", "--rm", "--entrypoint", "find", image, "/opt/yizhu", "-name", "*.pem", "-o", "-name", "*.env"
    )
    assert files.stdout == ""


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_a_role_reads_its_own_database_and_no_other(province, service):
    """The role of one service at the server of all: the door to the others is closed, not only their tables."""
    address = (province.folder / "secrets" / service / "database_url").read_text()
    others = [f"yizhu_{other}" for other in WITH_DATABASE if other != service] + ["postgres", "template1"]
    server = address.rpartition("/")[0]
    urls = [address, *(f"{server}/{name}" for name in others)]
    asked = province.compose("exec", "-T", service, "python", "-c", CONNECT, *urls)
    assert asked.stdout.split() == ["open", *(["closed"] * len(others))]


def test_only_who_sends_messages_or_is_published_has_a_way_out(province):
    """Another container's address outside the inner network: `notices` gets there, services without business don't."""
    network = province.inspect("gateway")["NetworkSettings"]["Networks"][f"{province.project}_outside"]
    program = f"import socket; socket.create_connection(('{network['IPAddress']}', 8000), timeout=3)"
    reached = {
        service: province.compose("exec", "-T", service, "python", "-c", program, check=False).returncode == 0
        for service in ("notices", "accounts", "review")
    }
    assert reached == {"notices": True, "accounts": False, "review": False}


def test_the_broker_refused_nothing(province, deployment):
    """The least rights are enough for everything that ran before."""
    log = run("docker", "logs", province.container("rabbitmq"))
    assert "refused" not in (log.stdout + log.stderr).lower()
