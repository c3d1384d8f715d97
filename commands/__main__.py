"""Finds the command that was asked for and runs it; only its own module is imported."""

import sys

if sys.argv[1:2] in (["serve"], ["declare"]):
    # Has to come before every other import, or locks and sockets stay those of real threads (runtime.md §7).
    import eventlet

    eventlet.monkey_patch()

import importlib
import importlib.util

from shared.platform.config import SettingsError
from shared.platform.crypto import Unreadable

COMMANDS = {
    "serve": "run services in this process: names, or `all`",
    "up": "run every service as its own process under a supervisor",
    "keys": "create the keys that are missing",
    "declare": "declare exchanges and queues on the broker",
    "migrate": "bring the databases to the newest schema",
    "calendar": "load a year's working days into a running deployment",
    "clock": "move the clock of a trial deployment forward",
    "dead-letters": "list, show and replay events that could not be applied",
    "deliveries": "list messages that could not be delivered, and try again",
    "outbox": "count, list and publish again what a service announced",
    "organisations": "load authorities and institutions",
    "staff": "load staff with their roles",
    "accounts": "disable an account",
    "cohort": "generate an example cohort of candidates",
    "province": "write the folder from which docker-compose runs a province",
    "backup": "write, restore and compare a backup of all databases and files",
    "exam": "import, publish and undo exam results",
    "demo": "play the whole job through the HTTP API",
}


def main(arguments: list[str]) -> int:
    """Run one command; a wrong setting or a missing key is one line and status 2."""
    name = arguments[0] if arguments else "--help"
    if name not in COMMANDS:
        _explain()
        return 0 if name in ("--help", "-h", "help") else 2
    try:
        module = importlib.import_module(f"commands.{name.replace('-', '_')}")
        module.app(args=arguments[1:], prog_name=f"python -m commands {name}")
    except (SettingsError, Unreadable) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


def _explain() -> None:
    print("usage: python -m commands COMMAND [ARGUMENTS]\n")
    for name, purpose in COMMANDS.items():
        if importlib.util.find_spec(f"commands.{name.replace('-', '_')}"):
            print(f"  {name:<15}{purpose}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
