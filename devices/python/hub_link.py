"""A device's side of the wire: types, frames, digests, the login (docs/protocol.md, sections 1 and 2)."""
import collections
import hashlib
import hmac
import re
import secrets
import socket
import ssl
import time

EOT, LIMIT = b"\x04", 8192
READ, VALUE, WRITE, DONE, REJECTED, ACCEPTED, STORED = 1, 2, 3, 4, 5, 6, 7
QUIT, ALIVE, EVENT, EVENT_SET, ALARM_SET, ALARM_STOP, COMMAND_STATE = 20, 22, 26, 27, 31, 32, 41
LOOPBACK, BLINK, CLOCK_SET, CLOCK_READ, DESCRIBE, DEVICES = 50, 60, 80, 81, 90, 500
ONLY_FROM_HUB = {STORED, QUIT, ALIVE, EVENT_SET, ALARM_SET, ALARM_STOP, COMMAND_STATE, CLOCK_SET}


class Refused(Exception):
    """The hub does not let this device in."""


class Busy(Exception):
    """The hub asks to come back after so many seconds."""


class BadProof(Exception):
    """The other side does not hold this device's serial: it is not our hub."""


class ProtocolError(Exception):
    """The other side does not speak the hub's protocol."""


def escape(value):
    return re.sub(r"[|%\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02X}", str(value))


def legacy_digest(serial, nonce):
    return hashlib.sha256((serial + nonce).encode()).hexdigest()


def keyed_digest(side, serial, address, nonce, challenge):
    """`side` is "device" for our own digest and "hub" for the proof that comes back."""
    message = f"{side}|{address}|{nonce}|{challenge}"
    return hmac.new(serial.encode(), message.encode(), hashlib.sha256).hexdigest()


class Cutter:
    """Cuts a byte stream into frames at EOT, however the stream arrives."""

    def __init__(self):
        self.rest = b""

    def feed(self, chunk):
        *frames, rest = (self.rest + chunk).split(EOT)
        self.rest = rest.lstrip(b" \t\r\n")
        frames = [frame.lstrip(b" \t\r\n") for frame in frames]
        if any(len(frame) > LIMIT for frame in [*frames, self.rest]):
            raise ProtocolError("a frame over the limit")
        return [frame.decode().removesuffix("|").split("|") for frame in frames]


class Link:
    """Frames over a socket. Fields are kept as they travel; `unquote` gives their text."""

    def __init__(self, sock):
        self.sock, self.cutter, self.frames = sock, Cutter(), collections.deque()

    def send(self, *fields):
        self.sock.settimeout(30)
        self.sock.sendall("".join(f"{field}|" for field in fields).encode() + EOT)

    def receive(self, seconds):
        """The next frame, or None when none came within the time."""
        end = time.monotonic() + seconds
        while not self.frames:
            self.sock.settimeout(max(end - time.monotonic(), 0.001))
            try:
                chunk = self.sock.recv(65536)
            except TimeoutError:
                return None
            if not chunk:
                raise ConnectionError("the hub closed the connection")
            self.frames.extend(self.cutter.feed(chunk))
        return self.frames.popleft()

    def login(self, kind, ident, serial, legacy=False):
        """Returns the address that the hub gives, or raises why not."""
        self.send(kind, escape(ident))
        first = self._login_answer()
        if first[1:2] != ["OK"] or not re.fullmatch(r"[1-9][0-9]{0,9}", first[0]):
            raise ProtocolError(f"unexpected answer {first}")
        address = first[0]
        if legacy:
            nonce = str(secrets.randbelow(10**10))
            self.send(legacy_digest(serial, nonce), nonce)
            if self._login_answer()[:2] != ["OK", "OK"]:
                raise ProtocolError("no OK")
            return int(address)
        if len(first) < 3 or not re.fullmatch(r"[0-9a-f]{32}", first[2]):
            raise ProtocolError("the hub sent no challenge")
        nonce, challenge = secrets.token_hex(16), first[2]
        self.send(keyed_digest("device", serial, address, nonce, challenge), nonce, 2)
        answer = self._login_answer()
        proof = keyed_digest("hub", serial, address, nonce, challenge)
        if answer[:2] != ["OK", "OK"] or not hmac.compare_digest(proof.encode(), "|".join(answer[2:]).encode()):
            raise BadProof("the hub did not prove that it knows the serial")
        return int(address)

    def _login_answer(self):
        answer = self.receive(15)
        if answer is None:
            raise ConnectionError("no answer to the login")
        if answer[:2] == ["REFUSED", "ERROR"]:
            raise Refused("refused")
        if answer[:2] == ["BUSY", "ERROR"]:
            raise Busy(int(answer[2]) if answer[2:] and answer[2].isdecimal() else 5)
        return answer


def connect(server, tls, ca):
    host, _, port = server.rpartition(":")
    sock = socket.create_connection((host.strip("[]"), int(port)), timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ssl.create_default_context(cafile=ca).wrap_socket(sock, server_hostname=host.strip("[]")) if tls else sock
