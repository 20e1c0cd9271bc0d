"""Alarms: those that a device watches for by itself, and those of other devices that it listens to.

The hub gives a rule (ALARM_SET). The device holds it against its own measurements, whether the link is up or down: it writes
its actuator in the moment in which the alarm is raised, and reports RAISED and CLEARED, each unchanged until it is STORED.
Rules live as long as the process: the hub gives them again at each login.
"""
import collections
import dataclasses
import math
import re
import time
from urllib.parse import unquote

REJECTED, ACCEPTED = 5, 6
ALARM, ALARM_SET, ALARM_STOP, ALARM_SUBSCRIBE = 30, 31, 32, 33
RULES, REPORTS = 16, 100  # of reports the oldest go first: the later ones say how it stands now
LONGEST_DELAY = 7 * 24 * 3_600_000  # ms
NORMAL, RAISED, CLEARED = "NORMAL", "RAISED", "CLEARED"


def number(text):
    """The number that a field says, or None."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?", text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


@dataclasses.dataclass(frozen=True)
class Rule:
    """One ALARM_SET. Names are kept as they travel."""
    alarm: str
    sensor: str
    test: str  # > < =
    threshold: str
    hysteresis: float
    delay: float  # seconds
    actuator: str  # empty: it only reports
    value: str

    def raises(self, text):
        have, limit = number(text), number(self.threshold)
        if self.test == "=":
            return have == limit if None not in (have, limit) else text == self.threshold
        return have is not None and (have > limit if self.test == ">" else have < limit)

    def clears(self, text):
        have, limit = number(text), number(self.threshold)
        if self.test == "=":
            return not self.raises(text)
        return have is not None and (
            have <= limit - self.hysteresis if self.test == ">" else have >= limit + self.hysteresis)


def step(rule, phase, text, now):
    """From one phase to the next, and what has to be told: RAISED, CLEARED or None.

    A phase is NORMAL, RAISED, or the time since which the rule holds while its delay runs."""
    if phase == RAISED:
        return (NORMAL, CLEARED) if rule.clears(text) else (RAISED, None)
    if not rule.raises(text):
        return NORMAL, None
    since = now if phase == NORMAL else min(phase, now)  # a clock that was set back begins the delay anew
    return (RAISED, RAISED) if now - since >= rule.delay else (since, None)


def understood(fields, device):
    """The rule of an ALARM_SET, or the reason for a REJECTED."""
    if len(fields) != 9 or unquote(fields[0]) in ("", "*"):
        return "BAD_VALUE"
    alarm, sensor, test, threshold, hysteresis, delay, actuator, value, _ = fields
    if not device.has(unquote(sensor)):
        return "UNKNOWN_SENSOR"
    slack = number(hysteresis or "0")
    if (test not in (">", "<", "=") or (test != "=" and number(threshold) is None)
            or slack is None or slack < 0 or (test == "=" and slack > 0)
            or not re.fullmatch("[0-9]{0,10}", delay) or int(delay or 0) > LONGEST_DELAY):
        return "BAD_VALUE"
    if (actuator or value) and (reason := device.check(unquote(actuator), unquote(value))):
        return reason
    return Rule(alarm, sensor, test, unquote(threshold), slack, int(delay or 0) / 1000, actuator, unquote(value))


class LocalAlarms:
    """The rules that a device has, and the reports that the hub has not stored yet.

    Of its device it needs has(name), value(name, now), check(actuator, value), act(actuator, value, now), next_msgno()
    and say(...)."""

    def __init__(self, device):
        self.device = device
        self.rules, self.phases = {}, {}  # by the alarm's name
        self.reports = collections.OrderedDict()  # msgno -> fields; the same bytes go out again after a cut
        self.unsent = []

    def set(self, fields):
        """The answer to an ALARM_SET, without its msgno."""
        rule = understood(fields, self.device)
        if isinstance(rule, str):
            return (REJECTED, rule)
        name = unquote(rule.alarm)
        if self.rules.get(name) == rule:  # said again after a login: it goes on as it stands, or it would be raised anew
            return (ACCEPTED,)
        if name not in self.rules and len(self.rules) >= RULES:
            return (REJECTED, "UNSUPPORTED")
        self.forget(name)
        self.rules[name], self.phases[name] = rule, NORMAL
        self.device.say("rule", rule.alarm)
        return (ACCEPTED,)

    def stop(self, fields):
        """The answer to an ALARM_STOP, without its msgno."""
        if len(fields) != 2:
            return (REJECTED, "BAD_VALUE")
        self.forget(unquote(fields[0]))
        return (ACCEPTED,)

    def forget(self, name):
        """What was raised is not reported any more: its CLEARED would never come."""
        self.rules.pop(name, None)
        self.phases.pop(name, None)
        for msgno in [msgno for msgno, report in self.reports.items() if unquote(report[0]) == name]:
            self.settle(msgno)

    def look(self, now):
        """Measures, acts and makes reports. Needs no connection; call it once a second or oftener."""
        for name, rule in self.rules.items():
            text = self.device.value(unquote(rule.sensor), now)
            if text is None:  # the sensor is broken: nothing is known, so nothing changes
                continue
            self.phases[name], edge = step(rule, self.phases[name], text, now)
            if edge == RAISED and rule.actuator:
                self.device.act(unquote(rule.actuator), rule.value, now)
            if edge:
                self.report(rule, text, edge, now)

    def report(self, rule, text, edge, now):
        msgno = self.device.next_msgno()
        self.reports[msgno] = (rule.alarm, rule.sensor, text, edge, int(now * 1000), msgno)
        self.unsent.append(msgno)
        self.device.say(edge.lower(), rule.alarm, text)
        if len(self.reports) > REPORTS:
            oldest = next(iter(self.reports))
            self.settle(oldest)
            self.device.say("lost", oldest)

    def settle(self, msgno):
        """Stored, or given up. Whether it was one of these."""
        if msgno in self.unsent:
            self.unsent.remove(msgno)
        return self.reports.pop(msgno, None) is not None

    def due(self):
        """What was not sent yet in this session."""
        frames = [(ALARM, *self.reports[msgno]) for msgno in self.unsent]
        self.unsent = []
        return frames

    def resend(self):
        """All that is not stored: after a login, and when the hub has been silent for long."""
        self.unsent = list(self.reports)
        return self.due()


class Listener:
    """Alarms of other devices: one actuator is written when the first is raised, and when the last is cleared.

    The hub keeps a subscription, and says after each login what is raised, so a repeat must change nothing."""

    def __init__(self, subscribed="", actuator="", raised="", cleared=""):
        self.subscribed, self.actuator, self.values = subscribed, actuator, {RAISED: raised, CLEARED: cleared}
        self.raised = set()  # (raiser, alarm)

    @classmethod
    def of(cls, subscribed, on_alarm, check):
        """From `valve=1:0`. Raises ValueError, with what is wrong, for what the device could not do."""
        if not on_alarm:
            return cls(subscribed)
        found = re.fullmatch("([^=]+)=([^:]+):([^:]+)", on_alarm)
        if not found or not subscribed:
            raise ValueError("--on-alarm takes ACTUATOR=RAISED:CLEARED, as in valve=1:0, and needs --subscribe")
        actuator, *values = found.groups()
        for value in values:
            if reason := check(actuator, value):
                raise ValueError(f"--on-alarm: {actuator} does not take {value} ({reason})")
        return cls(subscribed, actuator, *values)

    def hear(self, raiser, fields):
        """What to write to the actuator, or None. A new alarm counts as one even while others are raised."""
        alarm, _, _, edge = fields[:4]
        if self.subscribed not in ("*", unquote(alarm)) or edge not in self.values:
            return None
        key, known = (raiser, unquote(alarm)), (raiser, unquote(alarm)) in self.raised
        if (edge == RAISED) == known:
            return None
        if edge == RAISED:
            self.raised.add(key)
        else:
            self.raised.discard(key)
        return self.values[edge] if self.actuator and (edge == RAISED or not self.raised) else None


def watch(device):
    """In a thread of its own: connecting and sending may wait for half a minute, and an act must not."""
    while True:
        time.sleep(1)
        with device.lock:
            device.alarms.look(time.time())
