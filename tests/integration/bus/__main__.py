"""Run the bus's tests in a green process of their own: `python -m tests.integration.bus [pytest arguments]`."""

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402 - patching comes before every other import

eventlet.monkey_patch()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

if __name__ == "__main__":
    tests = str(Path(__file__).parent / "green")
    # The brokers that the tests start are plain programs: nothing green goes on in the forked child.
    forks = "ignore:Using fork() is a bad idea:DeprecationWarning"
    arguments = ["-p", "no:cacheprovider", "-W", forks, *sys.argv[1:]]
    if not any("::" in argument or argument.endswith(".py") for argument in arguments):
        arguments.append(tests)
    sys.exit(pytest.main(arguments))
