"""An event loop of one thread: sockets, signals, and something to do now and then."""

import selectors
import signal
import socket
from collections.abc import Callable

Callback = Callable[[], None]
TICK = 0.1


class Loop:
    """Calls back when a socket can be read, when a signal comes, and ten times a second."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.signals: dict[int, Callback] = {}
        self.ticks: list[Callback] = []
        self.running = True
        self.woken, waker = socket.socketpair()
        self.woken.setblocking(False)
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.detach(), warn_on_full_buffer=False)
        self.watch(self.woken, self.wake)

    def watch(self, sock: socket.socket, callback: Callback) -> None:
        """Call back whenever the socket can be read."""
        self.selector.register(sock, selectors.EVENT_READ, callback)

    def unwatch(self, sock: socket.socket) -> None:
        """Call back no more."""
        self.selector.unregister(sock)

    def on_signal(self, number: int, callback: Callback) -> None:
        """Call back from the loop when the signal has come."""
        self.signals[number] = callback
        signal.signal(
            number, lambda *_: None
        )  # what counts is the byte that it writes to the wakeup socket

    def wake(self) -> None:
        """Call back for the signals that have come."""
        for number in set(self.woken.recv(4096)):
            if number in self.signals:
                self.signals[number]()

    def run(self) -> None:
        """Run until :meth:`stop`."""
        while self.running:
            for key, _ in self.selector.select(TICK):
                key.data()
            for tick in self.ticks:
                tick()

    def stop(self) -> None:
        """End :meth:`run` after this turn."""
        self.running = False
