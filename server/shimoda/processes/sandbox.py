"""What a process may do: it dies with its parent, keeps to its limits and off the network."""

import ctypes
import os
import resource
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

from shimoda.errors import LimitExceeded, ShimodaError, Unavailable

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER, RET_ERRNO, RET_ALLOW = 2, 0x00050000, 0x7FFF0000
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: int | ctypes.Array[ctypes.c_char]) -> None:
    """Call prctl(2); OSError when the kernel refuses."""
    if libc.prctl(option, *arguments, *[0] * (4 - len(arguments))) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent, which had this id at the start, ends."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(1)


def stay_off_network() -> None:
    """Let this process and its children open no socket but Unix ones, for good (seccomp(2))."""
    words = [
        (LOAD, 0, 0, 0),  # the number of the system call
        (JUMP_EQUAL, 0, 3, SOCKET_CALL[os.uname().machine]),
        (LOAD, 0, 0, 16),  # its first argument: the address family
        (JUMP_EQUAL, 1, 0, socket.AF_UNIX),
        (RETURN, 0, 0, RET_ERRNO | EACCES),
        (RETURN, 0, 0, RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *word) for word in words))
    program = struct.pack("HxxxxxxP", len(words), ctypes.addressof(code))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(program))


def limit_memory(mebibytes: int) -> None:
    """Let what this process may write to grow by so much and no more; at the limit the engine's allocator aborts."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    limit = pages * resource.getpagesize() + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """End this process by SIGALRM when the block takes longer: nothing gentler stops the engine."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def close_all_but(kept: int) -> int:
    """Close every descriptor but the standard ones and one; return where that one now is."""
    if kept != 3:
        with suppress(OSError):
            os.close(3)
        os.dup2(kept, 3, inheritable=False)
    os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return 3


def explain_end(status: int, seconds: float) -> ShimodaError:
    """Say to whoever it worked for why a process ended, from what waitpid(2) says."""
    match os.waitstatus_to_exitcode(status):
        case code if code == -signal.SIGALRM:
            return too_slow(seconds)
        case code if code == -signal.SIGABRT:
            return LimitExceeded("It needed more memory than allowed.", limit="memory")
        case code if code in (-signal.SIGSEGV, -signal.SIGBUS):
            return LimitExceeded("It is nested too deeply.", limit="nesting")
    return Unavailable(
        "The process that worked on it ended. Nothing is known of the outcome; ask again."
    )


def too_slow(seconds: float) -> ShimodaError:
    """Say that the time is up."""
    return LimitExceeded(f"It took longer than the {seconds:g} seconds allowed.", limit="time")
