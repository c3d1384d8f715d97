"""The parties of the bus benchmark, each a process: `python -m benchmarks.bus_parties.<party> serve|call URI`.

A caller prints `ready`, then reads lines `<callers> <seconds>` and answers each with the number of calls it made.
"""

TEXT = "x" * 225  # with its field name and nameko's frame about 250 bytes on the wire
SERVICE = "bench_ours"
CALLER = "bench_caller"
ANNOUNCER = "bench_announcer"
HANDLER = "bench_handler"
