"""``make bench``: every measurement, one after the other."""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

from tests.benchmarks import bystander, finding, http, kills, latency, mixed_load, pages, reasoning

if __name__ == "__main__":
    for measurement in (reasoning, http, pages, latency, finding, bystander, kills, mixed_load):
        print(f"\n{(measurement.__doc__ or '').partition(': ')[0]}", flush=True)
        measurement.main()
