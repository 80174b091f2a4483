"""The writer: alone writes a store on disk, a request at a time, each whole or not at all.

It is never forked (a forked child that writes corrupts the store). What it writes goes into a working copy;
what counts is the generation that it publishes then. When it is killed at a limit, the copy is gone.
"""

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from shimoda.engine import wire
from shimoda.engine.changes import carry_out
from shimoda.engine.confinement import limit_memory, stay_off_network, time_limit
from shimoda.engine.effects import effect_of
from shimoda.engine.foundation import settle
from shimoda.engine.generations import Generations
from shimoda.engine.protection import Protection, follow
from shimoda.engine.protocol import GraphWrite, Update
from shimoda.engine.run import Run, take_part
from shimoda.engine.worker import serve
from shimoda.errors import ShimodaError
from shimoda.reasoning import LocalStore, Upkeep
from shimoda.settings import Settings

RETRY = 0.02


class Writer:
    """A working copy of the current generation, and how it becomes the next one."""

    def __init__(self, settings: Settings, run: Run) -> None:
        assert settings.store
        self.settings, self.run = settings, run
        self.generations = Generations(settings.store)
        self.store, stated = settle(self.generations, settings)
        self.upkeep: Upkeep | None = None
        self.protection = (
            None if settings.empty else Protection([] if settings.unprotected else stated)
        )
        if self.protection:
            with suppress(ShimodaError):  # the first write would meet it, and say so
                self.upkeep = follow(self.store)
        self.show(self.generations.current() or 0)

    def handle(self, request: wire.Request) -> tuple[wire.Head, bytes]:
        """Carry out a request; when this returns, it is on disk and every reader sees it."""
        assert isinstance(request, Update | GraphWrite)
        try:
            with time_limit(self.settings.update_timeout):
                created = self.change(request)
        except (ShimodaError, MemoryError):
            self.store = self.generations.checkout()
            if self.upkeep:
                self.upkeep.store = LocalStore(self.store)
            raise
        number = self.generations.next()
        self.generations.publish(self.store, number)
        self.show(number)
        return {"created": created}, b""

    def change(self, request: Update | GraphWrite) -> bool:
        """Change the working copy, and what follows from it; tell whether that made a new graph."""
        if self.protection is None:
            return carry_out(request, self.store)
        self.upkeep = self.upkeep or Upkeep(self.store)
        effect = effect_of(request, self.store)
        self.protection.observe(self.store, effect)
        created = carry_out(request, self.store)
        self.protection.check(self.store, request, effect)
        upkeep, self.upkeep = self.upkeep, None  # whoever stops it on the way leaves it out of step
        self.upkeep = follow(self.store, upkeep, effect)
        return created

    def show(self, number: int) -> None:
        """Have the reader turn to a generation, and drop those that nobody reads any more."""
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as reader:
                    reader.connect(self.run.address("control"))
                    wire.send(reader, {"open": number})
                    self.generations.prune(wire.receive_head(reader)[0]["oldest"])
                    return
            except (OSError, ShimodaError):  # the reader has ended; the supervisor starts another
                time.sleep(RETRY)


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.engine.writer PARENT FOLDER CHANNEL``."""
    with take_part(int(sys.argv[1])):
        stay_off_network()
        settings = Settings.gather({}, os.environ)
        writer = Writer(settings, Run(Path(sys.argv[2])))
        limit_memory(settings.memory)
        serve(socket.socket(fileno=int(sys.argv[3])), writer.handle)


if __name__ == "__main__":
    main()
