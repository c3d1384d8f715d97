"""What a message carries beside its body."""

import os

import pytest

from shared.platform.bus.headers import CallContext, context_data, next_message_id


def test_ids_are_never_given_twice():
    ids = {next_message_id() for _ in range(1000)}
    assert len(ids) == 1000


@pytest.mark.filterwarnings("ignore:Using fork")
def test_a_forked_process_gives_ids_of_its_own():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, next_message_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 100).decode()
    os.close(reader)
    os.close(writer)
    assert theirs.partition("-")[0] != next_message_id().partition("-")[0]


def test_a_context_is_read_from_the_headers_it_travelled_in():
    headers = {
        "yz-identity": "t",
        "yz-correlation": "c",
        "yz-causation": "m",
        "yz-idempotency": "k",
        "yz-deadline": 1500,
    }
    assert CallContext.from_headers(headers) == CallContext("t", "c", "m", "k", 1.5)
    assert CallContext.from_headers({}) == CallContext()
    assert CallContext.from_headers({"yz-deadline": "soon"}).deadline is None


def test_a_workers_data_are_our_headers_and_namekos_without_their_prefix():
    headers = {"yz-correlation": "c", "nameko.call_id_stack": ["a"], "x-death": [{}]}
    assert context_data(headers) == {"yz-correlation": "c", "call_id_stack": ["a"]}
