"""How many requests one client may make: a token bucket for each address."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic

from shimoda.web.problems import TooManyRequests

MOST_CLIENTS = 100_000


class Rate:
    """Lets each client make ``rate`` requests a minute, and as many at once; 0 lets everything pass."""

    def __init__(self, rate: float, clock: Callable[[], float] = monotonic):
        self.rate = rate
        self.clock = clock
        self.lock = Lock()
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, address: str) -> None:
        """Count a request; TooManyRequests when the client has none left."""
        if not self.rate:
            return
        client, now = household(address), self.clock()
        with self.lock:
            left, since = self.buckets.pop(client, (self.rate, now))
            left = min(self.rate, left + (now - since) * self.rate / 60)
            self.buckets[client] = (max(left - 1, 0) if left >= 1 else left, now)
            if len(self.buckets) > MOST_CLIENTS:
                self.buckets.popitem(last=False)
        if left < 1:
            wait = (1 - left) * 60 / self.rate
            raise TooManyRequests(
                f"One client may make {self.rate:g} requests a minute here.",
                limit="rate",
                retry_after=wait,
            )


def household(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that one IPv6 customer is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return parsed.exploded[:19]
    return address
