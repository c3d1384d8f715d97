"""A RabbitMQ for tests: the one at AMQP_URI, or a private one on free ports that leaves nothing behind."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_WITHIN = 60.0
STOP_WITHIN = 30.0
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_PR_SET_PDEATHSIG = 1


class RabbitmqMissing(RuntimeError):
    """Neither AMQP_URI names a broker nor are RabbitMQ's programs installed."""


def is_available() -> bool:
    """Whether `rabbitmq()` can give a broker on this machine."""
    return _given_uri() is not None or (SERVER.exists() and shutil.which("epmd") is not None)


class Rabbitmq:
    """A broker that somebody else runs: it can be used, not stopped."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.is_private = False

    def start(self) -> None:
        """Not ours to start."""
        raise RuntimeError("the broker at AMQP_URI can't be started by a test")

    def stop(self) -> None:
        """Not ours to stop."""
        raise RuntimeError("the broker at AMQP_URI can't be stopped by a test")

    def kill(self) -> None:
        """Not ours to kill."""
        raise RuntimeError("the broker at AMQP_URI can't be killed by a test")


class PrivateRabbitmq(Rabbitmq):
    """A broker of our own: node, ports, data and epmd are private, so that several can run side by side."""

    def __init__(self, folder: Path, *, plugins: tuple[str, ...] = (), configuration: str = "") -> None:
        self.port, self._dist_port, self._epmd_port = free_ports(3)
        super().__init__(f"amqp://guest:guest@127.0.0.1:{self.port}//")
        self.is_private = True
        self._folder = folder
        self._plugins = plugins
        self._configuration = configuration
        self._node = f"yizhu-{secrets.token_hex(4)}@localhost"
        self._server: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the node has logged so far."""
        return "".join(path.read_text(errors="replace") for path in (self._folder / "log").glob("*.log"))

    def start(self) -> None:
        """Start, or start again on the same data and port; returns when it accepts clients."""
        if self._epmd is None:
            self._epmd = _spawn(
                [str(shutil.which("epmd")), "-address", "127.0.0.1", "-port", str(self._epmd_port)],
                self._environment(),
                self._folder / "epmd.out",
            )
            _wait_for(lambda: _accepts(self._epmd_port), 10, "epmd did not start")
        self._server = _spawn([str(SERVER)], self._environment(), self._folder / "server.out")
        _wait_for(self._is_ready, START_WITHIN, f"RabbitMQ did not start:\n{self._tail()}")

    def stop(self) -> None:
        """End it in good order; durable queues and persistent messages stay for the next `start`."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End everything that was started here."""
        self._end(signal.SIGKILL)
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
            self._epmd = None

    def _end(self, how: signal.Signals) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(how)
        server.send_signal(signal.SIGCONT)
        try:
            server.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _is_ready(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise RuntimeError(f"RabbitMQ ended with {self._server.returncode}:\n{self._tail()}")
        return _greets(self.port)

    def _tail(self) -> str:
        output = self._folder / "server.out"
        return output.read_text(errors="replace")[-2000:] if output.exists() else ""

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        (folder / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n")
        settings = ["loopback_users = none", "vm_memory_high_watermark.relative = 0.8", self._configuration]
        (folder / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_", "AMQP_")) and name != "NOTIFY_SOCKET"
        }
        return inherited | {
            "HOME": str(folder),  # the Erlang cookie
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # Makes the start script become the broker instead of its parent: the process id is the broker's own.
            "RABBITMQ_ALLOW_INPUT": "1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Idle schedulers shall sleep: the machine is shared with what is tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput +sbwt none +sbwtdcpu none +sbwtdio none",
        }


@contextmanager
def rabbitmq(*, plugins: tuple[str, ...] = (), private: bool = False) -> Iterator[Rabbitmq]:
    """A running broker; a private one is gone afterwards, with its data and its processes.

    `private` makes one even where AMQP_URI names a broker: for tests that stop it, or need its queues for themselves.
    """
    given = None if private else _given_uri()
    if given is not None:
        yield Rabbitmq(given)
        return
    with private_rabbitmq(plugins=plugins) as server:
        yield server


@contextmanager
def private_rabbitmq(*, plugins: tuple[str, ...] = (), configuration: str = "") -> Iterator[PrivateRabbitmq]:
    """A broker of our own whatever AMQP_URI says, with additional lines for its `rabbitmq.conf`."""
    if not SERVER.exists() or shutil.which("epmd") is None:
        raise RabbitmqMissing("set AMQP_URI or install rabbitmq-server")
    folder = Path(tempfile.mkdtemp(prefix="yizhu-rabbitmq-"))
    server = PrivateRabbitmq(folder, plugins=plugins, configuration=configuration)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


def _given_uri() -> str | None:
    uri = os.environ.get("AMQP_URI", "")
    return uri if uri.startswith(("amqp://", "amqps://", "pyamqp://")) else None


def _spawn(command: list[str], environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    with output.open("ab") as sink:
        return subprocess.Popen(
            command,
            env=environment,
            cwd=output.parent,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            # A terminal's Ctrl-C is for the tests; a killed test run must not leave a broker behind.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )


def _end_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(_PROTOCOL_HEADER)
            return client.recv(1) == b"\x01"
    except OSError:
        return False


def _wait_for(condition: object, seconds: float, complaint: str) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(complaint)
        time.sleep(0.1)
