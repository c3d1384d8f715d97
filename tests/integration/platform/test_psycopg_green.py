"""PostgreSQL under eventlet: ten queries that sleep take as long as one, and the hub goes on meanwhile (design D5)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg.waiting
import pytest

from shared.platform.engine import make_engine
from shared.platform.psycopg_green import wait_on_hub
from tests.support.postgres import Postgres

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.postgres

PRELUDE = """
import eventlet
eventlet.monkey_patch()
import json, sys, time
from eventlet import GreenPool
from sqlalchemy import text
from shared.platform.engine import Database, make_engine
import psycopg
engine = make_engine(sys.argv[1], pool_size=20)
"""

TEN_SLEEPS = """
gaps, last, running = [], time.monotonic(), True
def beat():
    global last
    while running:
        eventlet.sleep(0.005)
        moment = time.monotonic()
        gaps.append(moment - last)
        last = moment
def work(_):
    with engine.connect() as connection:
        return connection.execute(text("SELECT pg_sleep(0.3)")).all()
with engine.connect():
    pass
heart = eventlet.spawn(beat)
start = time.monotonic()
list(GreenPool(10).imap(work, range(10)))
took, running = time.monotonic() - start, False
print(json.dumps({"took": took, "gap": max(gaps)}))
"""

LOST = """
def work(_):
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(30)"))
    except Exception as error:
        return type(error.orig).__name__
pool = GreenPool(5)
results = pool.imap(work, range(3))
eventlet.sleep(1)
with engine.connect() as connection:
    sleeping = "query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
    connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {sleeping}"))
print(json.dumps(list(results)))
"""

KILLED = """
database = Database("review", sys.argv[1], pool_size=1)
def work():
    with database.transaction() as session:
        session.execute(text("SELECT pg_sleep(30)"))
thread = eventlet.spawn(work)
eventlet.sleep(0.5)
thread.kill()
with database.transaction() as session:
    answer = session.scalar(text("SELECT 42"))
print(json.dumps({"answer": answer, "open": len(database._working)}))
"""

LARGE = """
rows = 200_000
with engine.connect() as connection:
    raw = connection.connection.driver_connection
    with raw.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (n int, filler text)")
        with cursor.copy("COPY t FROM STDIN") as copy:
            for n in range(rows):
                copy.write_row((n, "x" * 100))
        count = cursor.execute("SELECT count(*) FROM t").fetchone()[0]
        size = sum(len(row[0]) for row in cursor.execute("SELECT filler FROM t"))
print(json.dumps({"count": count, "size": size}))
"""


def run(script: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRELUDE + script, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ten_sleeping_queries_run_at_once(postgres_server: Postgres) -> None:
    measured = json.loads(run(TEN_SLEEPS, postgres_server.create_database()))
    assert measured["took"] < 1.5  # one after another they take 3 s
    assert measured["gap"] < 0.25


def test_a_lost_connection_is_an_error_and_no_hanging_thread(postgres_server: Postgres) -> None:
    assert run(LOST, postgres_server.create_database()).strip() == '["AdminShutdown", "AdminShutdown", "AdminShutdown"]'


def test_a_killed_thread_leaves_no_half_used_connection(postgres_server: Postgres) -> None:
    assert run(KILLED, postgres_server.create_database()).strip() == '{"answer": 42, "open": 0}'


def test_copy_in_and_a_large_result_pass_through_the_hub(postgres_server: Postgres) -> None:
    expected = '{"count": 200000, "size": 20000000}'
    assert run(LARGE, postgres_server.create_database()).strip() == expected


def test_a_process_that_is_not_patched_keeps_psycopgs_own_wait(postgres_server: Postgres) -> None:
    make_engine(postgres_server.create_database()).dispose()
    assert psycopg.waiting.wait is not wait_on_hub
