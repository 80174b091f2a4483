"""Who is at the other end, behind which proxies, and how many requests one client may make."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock
from time import monotonic

from shimoda.errors import InputError
from shimoda.web.problems import TooManyRequests
from shimoda.web.requests import Incoming

MOST_CLIENTS = 100_000


class Rate:
    """Lets each client make ``rate`` requests a minute, and as many at once."""

    def __init__(self, rate: float, clock: Callable[[], float] = monotonic):
        self.rate = rate
        self.clock = clock
        self.lock = Lock()
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, address: str) -> None:
        """Count a request; TooManyRequests when the client has none left."""
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


class Proxies:
    """The proxies that the operator lists."""

    def __init__(self, listed: tuple[str, ...]):
        """Read addresses and networks; InputError for what is neither."""
        try:
            self.networks: list[IPv4Network | IPv6Network] = [
                ip_network(one, strict=False) for one in listed
            ]
        except ValueError as error:
            raise InputError(f"--trusted-proxies: {error}.") from None

    def trust(self, address: str) -> bool:
        """Tell whether an address is one of them."""
        try:
            parsed = ip_address(address.strip())
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def adopt(self, incoming: Incoming) -> None:
        """Take the client's own address, scheme and host from the headers, if a proxy vouches for them."""
        if not self.trust(incoming.client):
            return
        forwarded = incoming.headers.get("x-forwarded-for") or ""
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        client = next((hop for hop in reversed(hops) if not self.trust(hop)), None)
        scheme = incoming.headers.get("x-forwarded-proto")
        known = scheme if scheme in ("http", "https") else None
        incoming.come_from(client, known, incoming.headers.get("x-forwarded-host"))
