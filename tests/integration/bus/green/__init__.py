"""Tests that run in a monkey-patched process, and only there: `python -m tests.integration.bus`."""
