"""The report of a run: tables in Markdown, plots as PNG and SVG."""

from __future__ import annotations

import platform
import shutil
import statistics
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

Result = dict[str, Any]
OURS = "Shimoda"
INTRODUCTION = """# Performance

`make bench` measures Shimoda beside other stores over the same data, each really run, in turn, and writes this page to
`build/benchmarks/report.md`; `OPTIONS="--sizes 1 10 100 1000"` says how many articles, `--keep` keeps it here. The first article is
the real one; the others are made from it, from a seed (`tests/benchmarks/articles.py`): each has its shape, and
things of its own, and some share a dispute with its states, places and people. They pass `shimoda check`. `make bench-smoke` only sees
that the measurements work. A figure is a median; who answers otherwise than Shimoda has no time, but what it answered.

"""


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table in Markdown; numbers get as many digits as tell something."""
    head = [*head]
    lines = [head, ["---"] * len(head), *([shown(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shown(cell: object) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"


def machine(versions: dict[str, str]) -> str:
    """Say on what machine, and with which versions, it ran."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(": ")[2]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{cpu}, {memory} GiB, {platform.platform()}, Python {platform.python_version()}; {told}.\n"
    )


def growth(results: dict[int, Result]) -> Iterator[str]:
    """Tell how the whole grows with the articles, and by how much from one size to the next."""
    rows: dict[str, list[Any]] = {}
    for result in results.values():
        stages = result["build"]["stages"]
        times = [v for v in (row[OURS] for row in result["questions"].values()) if v != str(v)]
        for name, value in {
            "quads": result["build"]["quads"],
            "load (s of processor)": stages["telling"] + stages["reading"],
            "inference (s of processor)": stages["reasoning"] + stages["reasoning views"],
            "memory of the build (MiB)": result["build"]["memory"],
            "ready, in memory (s)": result["start"]["ready, memory"],
            "ready, on disk (s)": result["start"]["ready, store"],
            "memory of the service (MiB)": result["start"]["MiB, memory"],
            "memory of the service on disk (MiB)": result["start"]["MiB, store"],
            "a write (ms)": result["start"]["write"] * 1000,
            "a named question, median (ms)": statistics.median(times),
            "a named question, worst (ms)": max(times),
        }.items():
            rows.setdefault(name, []).append(value)
    yield table(
        ("", *(f"{size:,} articles" for size in results), "greatest growth"),
        ([name, *cells, most(cells)] for name, cells in rows.items()),
    )


def most(cells: list[float]) -> str:
    """Say by how much a figure grew at most from one size to the next."""
    steps = [after / before for before, after in pairwise(cells) if before]
    return f"{max(steps):.1f}×" if steps else ""


def questions(results: dict[int, Result]) -> Iterator[str]:
    """Tell how long each question takes at each size, of each store, those that grew most first."""
    for size, result in results.items():
        stores = [*next(iter(result["questions"].values()))]
        yield f"\n### Named questions, {size:,} articles (ms)\n\n"
        rows = sorted(result["questions"].items(), key=lambda row: -best([row[1][OURS]]))
        yield table(("", *stores), ([name, *row.values()] for name, row in rows))


def best(cells: Iterable[Any]) -> float:
    """Return the least of the cells that are times."""
    return min((cell for cell in cells if not isinstance(cell, str)), default=float("inf"))


def mixed(result: dict[str, list[Any]]) -> Iterator[str]:
    """Tell of the mix: medians of the runs, and between what they lay."""
    yield table(
        ("", "answers a second", "from", "to", "p50 (ms)", "p99 (ms)", "errors"),
        (
            [
                name,
                statistics.median(run[0] for run in runs),
                min(run[0] for run in runs),
                max(run[0] for run in runs),
                statistics.median(run[1] for run in runs),
                statistics.median(run[2] for run in runs),
                sum(run[3] for run in runs),
            ]
            for name, runs in result.items()
        ),
    )


def save(name: str, folder: Path) -> str:
    """Save the plot that was drawn; return the line that shows it."""
    for ending in ("png", "svg"):
        plt.savefig(folder / f"{name}.{ending}", bbox_inches="tight", dpi=120)
    plt.close()
    return f"\n![{name}]({name}.svg)\n"


def draw_growth(results: dict[int, Result], folder: Path) -> str:
    """Draw each question's time over the number of articles, beside lines of linear growth."""
    names = next(iter(results.values()))["questions"]
    for name in names:
        points = [
            (size, value)
            for size, result in results.items()
            if not isinstance(value := result["questions"][name][OURS], str)
        ]
        if points:
            plt.plot(*zip(*points, strict=True), color="tab:blue", alpha=0.3, marker=".")
    for base in (0.1, 1, 10):
        plt.plot([*results], [base * size for size in results], color="grey", linestyle=":")
    plt.xscale("log")
    plt.yscale("log")
    plt.xlabel("articles")
    plt.ylabel("ms for a named question (dotted: linear)")
    return save("growth", folder)


def draw_ratios(result: Result, size: int, folder: Path) -> str:
    """Draw how much longer, or less long, each question takes than with the best of the peers."""
    ratios = {}
    for name, row in result["questions"].items():
        theirs = best(value for store, value in row.items() if store != OURS)
        if best([row[OURS]]) < float("inf") and theirs < float("inf"):
            ratios[name] = row[OURS] / theirs
    names = sorted(ratios, key=lambda name: ratios[name])
    plt.figure(figsize=(7, 0.18 * len(names) + 1))
    plt.barh(names, [ratios[name] for name in names], height=0.7)
    plt.axvline(1, color="black", linewidth=1)
    plt.xscale("log")
    plt.tick_params(axis="y", labelsize=6)
    plt.xlabel(f"time, the best peer's = 1 ({size:,} articles, no cache)")
    return save("ratios", folder)


def keep(folder: Path, docs: Path) -> None:
    """Keep a report, with its plots, in the documentation."""
    shutil.copyfile(folder / "report.md", docs / "performance.md")
    for plot in ("growth.svg", "ratios.svg"):
        shutil.copyfile(folder / plot, docs / plot)


def write(results: Result, folder: Path) -> Path:
    """Write the report of a run into a folder, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {int(size): result for size, result in results["growth"].items()}
    file = folder / "report.md"
    parts = [
        INTRODUCTION,
        machine(results["versions"]),
        "\n## Growth\n\n",
        *growth(sizes),
        draw_growth(sizes, folder),
        "\n## The mix\n\n",
        *mixed(results["mix"]),
        "\n## Questions\n",
        *questions(sizes),
        draw_ratios(sizes[max(sizes)], max(sizes), folder),
    ]
    file.write_text("".join(parts), encoding="utf-8")
    return file
