"""Keeps the green tests out of the ordinary run, which is never monkey-patched; `test_green_run.py` runs them there."""

from eventlet.patcher import is_monkey_patched

collect_ignore = [] if is_monkey_patched("socket") else ["green"]
