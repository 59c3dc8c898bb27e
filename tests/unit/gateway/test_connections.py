"""Which addresses belong to the public internet, and that a socket goes nowhere else."""

import socket
import time

import pytest

from gateway.connections import Door, is_public, until
from gateway.errors import AddressForbidden, AddressTimeout, AddressUnreachable

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%2", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001:0:1::1",
]  # fmt: skip


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def resolving(*addresses):
    """A name server of our own: each call takes the next list of addresses."""
    answers = iter(addresses)

    def resolve(host, port, **_):
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in next(answers)
        ]

    return resolve


def door(resolve, *allow):
    return Door(frozenset(allow), resolve, connect_s=0.5, read_s=0.5)


def opened(door, host, port):
    with until(time.monotonic() + 5):
        return door.open(host, port)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_inside_is_refused(address):
    with pytest.raises(AddressForbidden):
        opened(door(resolving([address])), "example.com", 80)


def test_one_address_that_leads_inside_spoils_the_name():
    with pytest.raises(AddressForbidden):
        opened(door(resolving(["8.8.8.8", "10.0.0.1"])), "example.com", 80)


def test_a_name_is_resolved_once_so_it_cannot_change_its_meaning_after_the_check(listener):
    """DNS rebinding: harmless at the first question, loopback at the second."""
    asked = resolving(["8.8.8.8"], ["127.0.0.1"])
    tried = []

    class Spy(Door):
        def _connected(self, sock, address):
            tried.append(address)
            sock.close()
            raise OSError

    with pytest.raises(AddressUnreachable):
        opened(Spy(frozenset(), asked, 0.5, 0.5), "rebinding.example", listener)
    assert tried == [("8.8.8.8", listener)]


@pytest.mark.parametrize("host", ["intern.example", "INTERN.example", "intern.example."])
def test_an_allowed_host_may_lead_anywhere_however_it_is_written(listener, host):
    with opened(door(resolving(["127.0.0.1"]), f"Intern.example:{listener}"), host, listener) as sock:
        assert sock.getpeername() == ("127.0.0.1", listener)


def test_only_the_allowed_port_is_allowed(listener):
    with pytest.raises(AddressForbidden):
        opened(door(resolving(["127.0.0.1"]), f"localhost:{listener + 1}"), "localhost", listener)


def test_an_allowed_ipv6_address_is_in_brackets():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        with opened(door(socket.getaddrinfo, f"[::1]:{port}"), "::1", port) as sock:
            assert sock.getpeername()[:2] == ("::1", port)


@pytest.mark.parametrize(
    "wrong", ["localhost", "http://localhost:80", "localhost:http", "localhost:", "a b:80", ":80", "::1:80"]
)
def test_what_is_not_host_and_port_cannot_be_allowed(wrong):
    with pytest.raises(ValueError, match="port"):
        door(socket.getaddrinfo, wrong)


def test_the_next_address_is_tried(listener):
    resolve = resolving(["127.0.0.2", "127.0.0.1"])  # the listener is bound to the second only
    with opened(door(resolve, f"two.example:{listener}"), "two.example", listener) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(AddressUnreachable):
        opened(door(socket.getaddrinfo, f"127.0.0.1:{port}"), "127.0.0.1", port)


def test_no_such_name():
    def resolve(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(AddressUnreachable):
        opened(door(resolve), "nowhere.example", 80)


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_what_cannot_be_a_name(host):
    with pytest.raises(AddressUnreachable):
        opened(door(socket.getaddrinfo), host, 80)


def test_after_the_deadline_nothing_is_connected(listener):
    with until(time.monotonic() - 1), pytest.raises(AddressTimeout):
        door(socket.getaddrinfo, f"127.0.0.1:{listener}").open("127.0.0.1", listener)
