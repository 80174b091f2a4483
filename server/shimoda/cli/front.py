"""The process that speaks HTTP: granian, and the application in its workers."""

import os
import sys
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from shimoda.engine.interface import Engine
from shimoda.processes.pooled import SocketEngine
from shimoda.processes.sandbox import die_with_parent
from shimoda.processes.shared import Run, concurrency, take_part
from shimoda.settings import Settings
from shimoda.web.app import create_app
from shimoda.web.server import Bridge

RUN = "SHIMODA_RUN"
SPARE_THREADS = 4


def application() -> object:
    """Make the application; granian calls this in each of its workers."""
    die_with_parent(os.getppid())
    settings = Settings.gather({}, os.environ)
    flask = create_app(engine_of(settings), settings)
    queries = settings.queue + 2 * concurrency(settings)
    return Bridge(
        flask, settings, threads=3 * queries + SPARE_THREADS
    )  # for queries, federation and writes


def engine_of(settings: Settings) -> Engine:
    """Return the engine of this service, or the one elsewhere that the settings name."""
    if settings.engine:
        from shimoda.engine.remote import RemoteEngine

        return RemoteEngine(settings.engine, settings)
    return SocketEngine(settings, Run(Path(os.environ[RUN])))


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.cli.front PARENT FOLDER``."""
    with take_part(int(sys.argv[1])):
        settings = Settings.gather({}, os.environ)
        os.environ[RUN] = sys.argv[2]
        create_app(
            engine_of(settings), settings
        )  # what is wrong with the settings is said before granian starts
        Granian(
            "shimoda.cli.front:application",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            factory=True,
            workers=settings.http_workers,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=int(settings.header_timeout * 1000),
                max_buffer_size=max(8192, settings.max_header),
            ),
            websockets=False,
            log_enabled=False,
            respawn_failed_workers=True,
            respawn_interval=0.1,
            workers_kill_timeout=10,
        ).serve()


if __name__ == "__main__":
    main()
