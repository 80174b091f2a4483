"""Notes which modules of ours run, in every process that Python starts here; a child that is forked goes on noting."""

import os
import sys
import threading
from pathlib import Path

FOLDER = Path(os.environ["TRACE_FOLDER"])
PACKAGE = os.environ["TRACE_PACKAGE"]
noted: set[tuple[int, str]] = set()


def note(frame, event, _):
    """Note a module when the first of its functions is called while the folder holds a file ``on``."""
    name = frame.f_code.co_filename
    if event != "call" or not name.startswith(PACKAGE) or frame.f_code.co_name == "<module>":
        return
    if (os.getpid(), name) not in noted and (FOLDER / "on").exists():
        noted.add((os.getpid(), name))
        with (FOLDER / str(os.getpid())).open("a") as file:
            file.write(f"{name}\n")


threading.setprofile(note)
sys.setprofile(note)
