"""A whole registration played through the HTTP API by everybody who takes part; for demo, tests and benchmarks."""
