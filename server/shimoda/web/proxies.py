"""Who is at the other end: forwarded headers count only when a listed proxy sent them."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from shimoda.errors import InputError


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

    def adopt(self, environ: dict[str, Any]) -> None:
        """Put the client's own address, scheme and host into the WSGI environment, if a proxy vouches for them."""
        if not self.trust(environ.get("REMOTE_ADDR", "")):
            return
        hops = [
            hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()
        ]
        client = next((hop for hop in reversed(hops) if not self.trust(hop)), None)
        if client:
            environ["REMOTE_ADDR"] = client
        if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
            environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        if environ.get("HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = environ["HTTP_X_FORWARDED_HOST"]
