#!/usr/bin/env python3
"""A reference device: the hub's protocol in the standard library of Python 3.11, for reading and for copying.

It has one sensor (`temperature`) and one actuator (`valve`). What it does comes out on stdout, one fact a line. What it
knows of alarms is in local_alarms.py.
With --state it keeps one number on disk, so that no command of the hub is carried out twice, even when it is restarted
in between. Readings that were not acknowledged live as long as the process.
"""
import argparse
import collections
import json
import math
import os
import random
import re
import sys
import threading
import time
from urllib.parse import unquote

from hub_link import (VALUE, DONE, REJECTED, ACCEPTED, QUIT, ALIVE, EVENT, LOOPBACK, DESCRIBE, DEVICES,
                      ONLY_FROM_HUB, BadProof, Busy, Link, ProtocolError, Refused, connect, escape)
from local_alarms import ALARM_SUBSCRIBE, Listener, LocalAlarms, watch


class Ended(Exception):
    """The hub said goodbye, with its reason."""


class Mark:
    """The highest id of the hub's commands that was acted on. One number is enough: their ids rise, and come in order.

    It is on disk before the act, not after it. A power cut in between then costs an act, which the hub is told (REPEATED);
    the other way round it would make the act happen twice, and nobody would know."""

    def __init__(self, path=None):
        self.path, self.highest = path, 0
        if path and os.path.exists(path):
            with open(path, encoding="ascii") as file:
                self.highest = int(file.read())

    def move(self, number):
        if self.path:
            fresh = f"{self.path}.new"
            with open(fresh, "w", encoding="ascii") as file:
                file.write(f"{number}\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, self.path)  # a cut leaves the old number or the new one, never half of it
            folder = os.open(os.path.dirname(os.path.abspath(self.path)), os.O_RDONLY)
            try:
                os.fsync(folder)  # else the name may still stand for the old number after a power cut
            finally:
                os.close(folder)
        self.highest = number


class Device:
    """What the device decides: frames in, frames out. It knows no socket, and the time is told to it."""

    CAPABILITIES = ("S:temperature:number:C:17:25", "A:valve:number:0:1")

    def __init__(self, period, events=0, say=print, mark=None, listener=None, sensor=None):
        self.address, self.say, self.mark = None, say, mark or Mark()
        self.period, self.left, self.next_event = period, events or math.inf, 0.0
        self.msgno, self.valve, self.heard = 0, "0", 0.0  # heard: when the hub last acknowledged, or was last asked to
        self.moved = []  # readings of the valve that were not sent yet: it moved by itself
        self.unstored = collections.OrderedDict()  # msgno -> EVENT; the same bytes go out again after a cut
        self.answered = collections.OrderedDict()  # request -> answer: a repeat is answered, not done again
        self.sensor = sensor  # a file with the temperature; None: it is made up
        self.alarms, self.listener = LocalAlarms(self), listener or Listener()
        self.lock = threading.RLock()  # local_alarms.watch() comes by in a thread of its own
        self.loopbacks = []  # own LOOPBACKs under way: their answers are not echoed

    def login(self, address, now):
        self.address, self.heard, self.next_event = address, now, max(self.next_event, now)
        subscribed = self.listener.subscribed
        subscription = [(address, 0, ALARM_SUBSCRIBE, escape(subscribed), self.next_msgno())] if subscribed else []
        return [(address, 0, DESCRIBE, *self.CAPABILITIES), *self.resend(), *subscription]

    def resend(self):
        self.moved = []
        alarms = [(self.address, 0, *fields) for fields in self.alarms.resend()]  # first: they are urgent
        return alarms + [(self.address, 0, EVENT, *fields) for fields in self.unstored.values()]

    def finished(self):
        return self.left <= 0 and not self.unstored and not self.alarms.reports

    def next_msgno(self):
        self.msgno += 1
        return str(self.msgno)

    def has(self, name):
        return name in ("temperature", "valve")

    def value(self, name, now):
        """What a sensor measures, or where an actuator stands; None when that is not known."""
        if name == "valve":
            return self.valve
        if not self.sensor:
            return f"{21 + 4 * math.sin(now / 13751):.2f}"
        try:
            with open(self.sensor, encoding="ascii") as file:
                return f"{float(file.read()):.2f}"
        except (OSError, ValueError):  # also while somebody is writing it
            return None

    def due(self, now):
        self.alarms.look(now)
        if not self.unstored and not self.alarms.reports:
            self.heard = now
        elif now > self.heard + 30:  # an acknowledgement can get lost in a full outbox
            self.heard = now
            return self.resend()
        frames = [(self.address, 0, *fields) for fields in self.alarms.due()]
        frames += [(self.address, 0, EVENT, *self.unstored[msgno]) for msgno in self.moved if msgno in self.unstored]
        self.moved = []
        if self.period and self.left > 0 and now >= self.next_event:
            self.left -= 1
            self.next_event = max(self.next_event + self.period, now)
            if (value := self.value("temperature", now)) is not None:
                msgno = self.keep("temperature", value, "C", now)
                frames.append((self.address, 0, EVENT, *self.unstored[msgno]))
        return frames

    def keep(self, name, value, unit, now):
        """A reading that waits for its STORED from now on."""
        msgno = self.next_msgno()
        self.unstored[msgno] = (name, value, unit, int(now * 1000), msgno)
        if len(self.unstored) > 1000:
            self.say("lost", self.unstored.popitem(last=False)[0])
        return msgno

    def loopback(self, dest, *fields):
        self.loopbacks.append((str(dest), list(fields)))
        return (self.address, dest, LOOPBACK, *fields)

    def obey(self, frame, now):
        """What to answer to one frame."""
        origin, kind, fields = frame[0], int(frame[2]), frame[3:]
        if origin != "0" and kind in ONLY_FROM_HUB:
            return []
        reply = lambda *answer: [(self.address, origin, *answer)]
        msgno = fields[-1] if fields else ""
        match kind, fields:
            case (1, [name, _]) if self.has(name):
                if (value := self.value(name, now)) is None:
                    return reply(REJECTED, "NO_VALUE", msgno)
                return reply(VALUE, name, value, "C" if name == "temperature" else "", int(now * 1000), msgno)
            case (1, _):
                return reply(REJECTED, "UNKNOWN_SENSOR", msgno)
            case (3, _):
                return self.once(origin, kind, fields, reply, lambda: self.write(origin, fields, now))
            case (7, [_]) if self.alarms.settle(msgno) or self.unstored.pop(msgno, None):
                self.heard = now
                self.say("stored", msgno)
            case (20, _):
                raise Ended(unquote(fields[0]) if fields else "")
            case (22, _):
                return reply(ALIVE)
            case (27, ["temperature", period, _]) if re.fullmatch("[0-9]{1,15}", period):
                if self.period != int(period) / 1000:  # said again after each login: that must not put the event off
                    self.period, self.next_event = int(period) / 1000, now + int(period) / 1000
                self.say("period", period)
                return reply(ACCEPTED, msgno)
            case (27, _):
                return reply(REJECTED, "BAD_VALUE" if fields[:1] == ["temperature"] else "UNKNOWN_SENSOR", msgno)
            case (31, _):
                return reply(*self.alarms.set(fields), msgno)
            case (32, _):
                return reply(*self.alarms.stop(fields), msgno)
            case (30, [alarm, _, value, edge, _, _]):
                self.say("alarm", origin, alarm, edge, value)
                if (write := self.listener.hear(origin, fields)) is not None:
                    self.act(self.listener.actuator, write, now)
            case (50, ["ERROR", reason, *_]) if origin == "0":
                self.say("error", reason, msgno)
                if reason not in ("BUSY", "NOT_STORED", "NOT_ASKED", "ALREADY_ANSWERED") and (
                        self.alarms.settle(msgno) or self.unstored.pop(msgno, None)):
                    self.say("lost", msgno)
            case (50, _) if (origin, fields) in self.loopbacks:
                self.loopbacks.remove((origin, fields))
                self.say("loopback", origin, *fields)
            case (50, _) if origin != "0" and fields[:1] != ["ERROR"]:
                return reply(LOOPBACK, *fields)
            case (60, _) if origin == "0":
                return self.once(origin, kind, fields, reply, lambda: self.blink(msgno))
            case (60, _):
                self.say("blink", origin)
            case (81, _):
                return reply(VALUE, "clock", int(now * 1000), "ms", int(now * 1000), msgno)
            case (80, [sec, minute, hour, _, day, month, year, *_]):
                self.say("clock", f"20{year:0>2}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{sec:0>2}Z")
            case (500, [*peers, _]) if origin == "0":
                for peer in peers:
                    self.say("peer", peer)
            case (2 | 4 | 5 | 6, _):
                self.say("answer", origin, kind, *fields)
        return []

    def once(self, origin, kind, fields, reply, act):
        """Acts and answers; a repeat gets the same answer, and nothing is done again."""
        msgno = fields[-1] if fields else ""
        request = (origin, kind, msgno) if origin == "0" else (origin, kind, *fields)  # a peer's numbers may start anew
        if (known := self.answered.get(request)) is not None:
            self.say("repeat", origin, msgno)
            return known
        if origin == "0" and not re.fullmatch("[0-9]{1,19}", msgno):
            answer = (REJECTED, "BAD_VALUE")  # without an id it could be done twice
        elif origin == "0" and int(msgno) <= self.mark.highest:
            self.say("repeat", origin, msgno)
            answer = (REJECTED, "REPEATED")  # how it went is not known any more
        else:
            answer = act()
        self.answered[request] = reply(*answer, msgno)
        if len(self.answered) > 256:
            self.answered.popitem(last=False)
        return reply(*answer, msgno)

    def write(self, origin, fields, now):
        """All checks, then the mark, then the act. Returns the answer without its msgno."""
        actuator, value, expires, msgno = fields if len(fields) == 4 else ("", "", "", "")
        if expires and not re.fullmatch("[0-9]{1,18}", expires):
            return (REJECTED, "BAD_VALUE")
        if expires and int(expires) < now * 1000:
            self.say("late", origin, msgno)
            return (REJECTED, "EXPIRED")
        if reason := self.check(actuator, value):
            return (REJECTED, reason)
        if not self.marked(origin, msgno):
            return (REJECTED, "NO_STATE")
        self.valve = value
        self.say("write", actuator, value)
        return (DONE, actuator, self.valve)

    def check(self, actuator, value):
        """Why the actuator cannot be written so; None when it can."""
        if actuator != "valve":
            return "UNKNOWN_ACTUATOR"
        if value not in ("0", "1"):
            return "OUT_OF_RANGE" if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) else "BAD_VALUE"
        return None

    def act(self, actuator, value, now):
        """Because of an alarm, and not because the hub said so: where the valve stands is a reading of its own."""
        self.valve = value
        self.say("act", actuator, value)
        self.moved.append(self.keep(actuator, value, "", now))

    def blink(self, msgno):
        if not self.marked("0", msgno):
            return (REJECTED, "NO_STATE")
        self.say("blink", 0)
        return (ACCEPTED,)

    def marked(self, origin, msgno):
        """Whether it is safe to act now."""
        try:
            if origin == "0":
                self.mark.move(int(msgno))
            return True
        except OSError as error:  # what cannot be remembered could be done twice
            self.say("state", error)
            return False


def session(args, serial, device):
    """One connection from login to its end. Returns when the device has nothing left to do."""
    with connect(args.server, args.tls, args.ca) as sock:
        link = Link(sock)
        address = link.login(args.type, args.id, serial, args.legacy)
        device.say("login", "ok", address)
        with device.lock:
            frames = device.login(address, time.time())
        for frame in frames:
            link.send(*frame)
        if args.peers:
            link.send(address, 0, DEVICES, device.next_msgno())
        while not device.finished():
            with device.lock:
                frames = device.due(time.time())
            for frame in frames:
                link.send(*frame)
            idle = min(max(device.next_event - time.time(), 0.001), 1) if device.period else 1
            if frame := link.receive(idle):
                with device.lock:
                    answers = device.obey(frame, time.time())
                for answer in answers:
                    link.send(*answer)
        link.send(address, 0, QUIT, "DONE")


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")  # in one piece: two threads say something
    sys.stdout.flush()


def run(args, serial, mark, listener):
    device, wait = Device(args.period, args.events, say, mark, listener, args.sensor), 0.5
    threading.Thread(target=watch, args=(device,), daemon=True).start()
    while True:
        began = time.monotonic()
        try:
            return session(args, serial, device)
        except Refused:
            say("refused")
            print("wrong type, id or serial, or the device is disabled: the hub's log says which", file=sys.stderr)
            return 1
        except Ended as end:
            say("quit", end)
            if str(end) == "TAKEN_OVER":  # a device with our identity is in: coming back would throw it out in turn
                return 3
        except Busy as busy:
            say("busy", busy)
            wait = max(wait, float(str(busy)))
        except (OSError, ProtocolError, BadProof, ValueError) as error:
            say("cut", error)
        wait = 0.5 if time.monotonic() - began > 60 else wait
        time.sleep(wait * random.uniform(0.5, 1.5))  # jitter: a whole site must not come back in one instant
        wait = min(wait * 2, 60)


def credentials(args, parser):
    """Fills in what `hub device add --json` wrote; returns the serial, which is never taken from the command line."""
    serial = os.environ.get("DEVICE_SERIAL")
    if args.credentials:
        with open(args.credentials, encoding="utf-8") as file:
            known = json.load(file)
        serial = known["serial"]
        args.type, args.id = args.type or known["type"], args.id or known["id"]
    if args.serial_file:
        with open(args.serial_file, encoding="utf-8") as file:
            serial = file.read().strip()
    if not serial:
        parser.error("no serial: give --credentials FILE, --serial-file FILE or the environment's DEVICE_SERIAL")
    if not args.id:
        parser.error("no id: give --id or --credentials")
    args.type = args.type or 511
    return serial


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="127.0.0.1:10821", help="address:port of the hub")
    parser.add_argument("--credentials", metavar="FILE", help="type, id and serial, as `hub device add --json` prints them")
    parser.add_argument("--type", type=int, help="the device's type; else 511")
    parser.add_argument("--id", help="the device's id")
    parser.add_argument("--serial-file", metavar="FILE", help="the serial; else the environment's DEVICE_SERIAL")
    parser.add_argument("--legacy", action="store_true", help="the older login, without challenge and proof")
    parser.add_argument("--tls", action="store_true", help="encrypt")
    parser.add_argument("--ca", metavar="FILE", help="PEM file of the authority to trust; else the system's")
    parser.add_argument("--events", type=int, default=0, metavar="N", help="end after N stored events; 0: go on")
    parser.add_argument("--period", type=float, default=10, metavar="SECONDS", help="between two events; 0: none")
    parser.add_argument("--state", metavar="FILE", help="remembers there which commands were carried out; one file for each hub")
    parser.add_argument("--sensor", metavar="FILE", help="read the temperature from there, in degrees; else it is made up")
    parser.add_argument("--subscribe", default="", metavar="ALARM", help="listen to this alarm of other devices; *: to all")
    parser.add_argument("--on-alarm", default="", metavar="ACTUATOR=RAISED:CLEARED",
                        help="with --subscribe: write these when one is raised, and when the last is cleared")
    parser.add_argument("--peers", action="store_true", help="ask who else is connected")
    args = parser.parse_args()
    try:
        listener = Listener.of(args.subscribe, args.on_alarm, Device(0).check)
    except ValueError as error:
        parser.error(str(error))
    try:
        serial = credentials(args, parser)
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.error(f"cannot use {args.serial_file or args.credentials}: {error}")
    try:
        mark = Mark(args.state)
    except (OSError, ValueError) as error:  # to begin anew would be to forget what was done
        parser.error(f"cannot use {args.state}: {error}")
    sys.exit(run(args, serial, mark, listener))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
