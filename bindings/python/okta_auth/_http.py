"""Vault's HTTP API over the door: what the WSGI and the ASGI application have in common."""

import http.client
import ipaddress
import json
import re
from typing import Any, Dict, Iterable, List, Optional, Tuple, Union

from ._answer import Answer
from ._errors import Error
from ._generated import abi

# The library's limit of a body, in bytes.
MAX_BODY = 32 << 20

# The library's limit of a User-Agent, in bytes.
MAX_USER_AGENT = 1024

# Other verbs have none that counts.
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

# What stands for the library's negative numbers; 500 for the others.
NO_ANSWER = {
    abi.OKTA_AUTH_TOO_LARGE: 413,
    abi.OKTA_AUTH_FORKED: 503,
    abi.OKTA_AUTH_CANCELLED: 503,
    abi.OKTA_AUTH_CLOSED: 503,
}

_BRACKETED = re.compile(r"\[(.*)\](?::([0-9]{1,5}))?")
_WITH_PORT = re.compile(r"([0-9.]+):([0-9]{1,5})")

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Reply:
    """An answer on its way back over HTTP."""

    def __init__(self, status: int, body: bytes, retry_after: Optional[int] = None) -> None:
        self.status = status
        self.body = body
        self.headers: List[Tuple[str, str]] = [("Cache-Control", "no-store"), ("Content-Type", "application/json")]
        if status != 204:
            self.headers.append(("Content-Length", str(len(body))))
        if retry_after is not None:
            self.headers.append(("Retry-After", str(retry_after)))

    @property
    def status_line(self) -> str:
        """Such as "200 OK"."""
        return f"{self.status} {http.client.responses.get(self.status, 'Status')}"

    def to(self, method: Optional[str]) -> "Reply":
        """The answer to a request of this method: HEAD has no body, which not every server sees to."""
        if method == "HEAD":
            self.body = b""
        return self

    @classmethod
    def of(cls, answer: Answer) -> "Reply":
        """What the door answered."""
        return cls(answer.status, answer.text, answer.body.get("retry_after") if answer.status >= 400 else None)

    @classmethod
    def of_no_answer(cls, problem: Error) -> "Reply":
        """What stands for the missing answer of the library."""
        return refusal(NO_ANSWER.get(problem.status, 500), problem.code, f"there is no answer: {problem.code}")


class Refused(Exception):
    """A request that does not reach the door."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refusal(status: int, code: str, *texts: str) -> Reply:
    """An error body like the library's."""
    return Reply(status, json.dumps({"errors": texts, "code": code}).encode())


def too_large() -> Refused:
    """For a body over the limit."""
    return Refused(refusal(413, "too_large", f"the body is larger than {MAX_BODY} bytes"))


def announced(length: str) -> int:
    """What Content-Length says. Raises Refused where it is no number, or one over the limit."""
    if not (length.isascii() and length.isdigit()):
        raise incomplete()
    # Python reads no number of thousands of digits.
    digits = length.lstrip("0") or "0"
    if len(digits) > len(str(MAX_BODY)) or int(digits) > MAX_BODY:
        raise too_large()
    return int(digits)


def incomplete() -> Refused:
    """For a body that is not there as announced."""
    return Refused(refusal(400, "invalid_request", "the body cannot be read"))


_MAPPED = 96


def _unmapped(network: _Network) -> _Network:
    """A network of IPv4 where it is written in its IPv6 form, as addresses are compared in that of IPv4."""
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= _MAPPED:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network((mapped, network.prefixlen - _MAPPED))
    return network


class Proxies:
    """The networks of reverse proxies whose X-Forwarded-For counts."""

    def __init__(self, networks: Iterable[str]) -> None:
        if isinstance(networks, str):
            raise TypeError("trusted_proxies must be a list of networks, such as ['10.0.0.0/8']")
        self._networks = [_unmapped(ipaddress.ip_network(network)) for network in networks]

    def origin(self, peer: Optional[str], forwarded: str) -> Tuple[Optional[str], Optional[str]]:
        """The client's address, and what an honest X-Forwarded-For says. Follows it from the peer on for as long as it
        was written by a proxy; what stands before was written by the client. Raises Refused."""
        address = _address(peer or "")
        if address is None:
            return None, None
        if not self._contain(address) or not forwarded.strip():
            return str(address), None
        hops = [hop.strip() for hop in forwarded.split(",")]
        for index in range(len(hops) - 1, -1, -1):
            address = _address(hops[index])
            if address is None:
                text = "X-Forwarded-For does not hold IP addresses"
                raise Refused(refusal(400, "invalid_request", text))
            if not self._contain(address):
                break
        return str(address), ", ".join(hops[index:])

    def _contain(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def request(
    method: str,
    path: str,
    query: str,
    headers: Iterable[Tuple[str, str]],
    peer: Optional[str],
    proxies: Proxies,
) -> Dict[str, Any]:
    """The parameters of the door, but for the body. The path is percent-encoded, names of headers are in lower case.
    What is not UTF-8 comes as lone surrogates, which the library refuses. Raises Refused."""
    if not path.startswith("/v1/"):
        raise Refused(refusal(404, "unsupported_path"))
    # Others stay out, so that a blank in a cookie is no reason to refuse.
    passed: Dict[str, List[str]] = {}
    forwarded: List[str] = []
    agent: Optional[str] = None
    for name, value in headers:
        if name == "x-forwarded-for":
            forwarded.append(value)
        elif name == "user-agent":
            agent = _user_agent(value)
        elif name in ("authorization", "content-type") or name.startswith("x-vault-"):
            passed.setdefault(name, []).append(value)
    address, honest = proxies.origin(peer, ",".join(forwarded))
    if honest is not None:
        passed["x-forwarded-for"] = [honest]
    return {
        "method": method,
        "path": f"{path}?{query}" if query else path,
        "headers": passed,
        "remote_address": address,
        "user_agent": agent,
    }


def text(octets: bytes) -> str:
    """What came over the wire; what is not UTF-8 becomes lone surrogates."""
    return octets.decode("utf-8", "surrogateescape")


def _user_agent(value: str) -> Optional[str]:
    """None for what the library would refuse: nobody is turned away for the name of his program."""
    printable = all(" " <= character <= "~" for character in value)
    return value if printable and len(value) <= MAX_USER_AGENT else None


def _address(text: str) -> Optional[Address]:
    """An IP address with or without a port; one of IPv6 in brackets as well."""
    bracketed = _BRACKETED.fullmatch(text)
    found = bracketed or _WITH_PORT.fullmatch(text)
    if found and int(found[2] or 0) > 65_535:
        return None
    try:
        address = ipaddress.ip_address(found[1] if found else text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return None if bracketed else address
    # What is compared has no zone.
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))
