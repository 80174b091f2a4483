"""Real stores on loopback, each started for the tests and ended by its process id."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.serving import free_port

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
VIRTUOSO, ISQL = shutil.which("virtuoso-t"), shutil.which("isql-vt")
GRANT = "GRANT SPARQL_UPDATE TO \"SPARQL\"; DB.DBA.RDF_DEFAULT_USER_PERMS_SET ('nobody', 7);"
CONFIGURATION = """[Database]
DatabaseFile={folder}/v.db
ErrorLogFile={folder}/v.log
LockFile={folder}/v.lck
TransactionFile={folder}/v.trx
xa_persistent_file={folder}/v.pxa
[TempDatabase]
DatabaseFile={folder}/vt.db
TransactionFile={folder}/vt.trx
[Parameters]
ServerPort=127.0.0.1:{sql}
DisableUnixSocket=1
NumberOfBuffers={buffers}
MaxDirtyBuffers=2500
DirsAllowed={folder}
CaseMode=2
[HTTPServer]
ServerPort=127.0.0.1:{http}
ServerRoot={folder}
ServerThreads=8
Charset=UTF-8
[SPARQL]
ResultSetMaxRows={rows}
[Zero Config]
ServerName=shimoda-test
"""


@dataclass(frozen=True)
class Address:
    """Where a store is asked, and where it is written to."""

    name: str
    url: str
    update_url: str
    sql: int = 0
    """The port of Virtuoso's own protocol."""


def wait(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while True:
        try:
            if httpx.post(url, data={"query": "ASK {}"}).is_success:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None and time.monotonic() < give_up, f"no answer from {url}"
        time.sleep(0.2)


@contextmanager
def running(command: list[str], url: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(url, process)
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def oxigraph(folder: Path) -> Iterator[Address]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [str(OXIGRAPH), "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with running(command, f"{base}/query"):
        yield Address("oxigraph", f"{base}/query", f"{base}/update")


@contextmanager
def virtuoso(folder: Path, rows: int = 1_000_000, buffers: int = 4000) -> Iterator[Address]:
    sql, http = free_port(), free_port()
    file = folder / "virtuoso.ini"
    settings = {"sql": sql, "http": http, "rows": rows, "buffers": buffers}
    file.write_text(CONFIGURATION.format(folder=folder, **settings))
    url = f"http://127.0.0.1:{http}/sparql"
    with running([str(VIRTUOSO), "+configfile", str(file), "+foreground"], url):
        subprocess.run(
            [str(ISQL), f"127.0.0.1:{sql}", "dba", "dba", f"exec={GRANT}"],
            check=True,
            capture_output=True,
        )
        yield Address("virtuoso", url, url, sql)
