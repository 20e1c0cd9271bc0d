"""Conversations about alarms: part of conversation.py, which brings the hub and the devices."""
import json
import os
import pathlib
import time

from hub_link import ALIVE, BLINK
from local_alarms import ALARM, ALARM_SUBSCRIBE

PATIENCE = 15  # seconds


class AlarmConversations:
    """Needs register, join, expect, process, lines_until, cutting_proxy, hub and folder of the class that it is mixed into."""

    def own_group(self):
        """Each test has a group of its own: a subscriber hears all of it."""
        group = f"alarms-{self.id().rsplit('.', 1)[-1][5:40]}"
        self.hub("group", "add", group)
        return group

    def thermometer(self, name, value=20):
        """A file that a device reads its temperature from; call it with the next one."""
        path = pathlib.Path(self.folder) / f"temperature-{name}"

        def measure(degrees):
            fresh = path.with_suffix(".new")
            fresh.write_text(f"{degrees}\n", encoding="ascii")
            os.replace(fresh, path)

        measure(value)
        measure.path = str(path)
        return measure

    def add_rule(self, group, known, *more):
        rule = json.loads(self.hub("alarm", "rule", "add", "hot", "--group", group, "--device", str(known[1]),
                                   "--when", "temperature > 24", "--clear", "22", *more, "--json"))
        return str(rule["id"])

    def alarms(self, group, *more):
        return json.loads(self.hub("alarm", "list", "--group", group, *more, "--json"))

    def alarm_in(self, group, state):
        """Waits until the one alarm of the group is in this state, and returns it."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self.alarms(group)
            self.assertLessEqual(len(found), 1, found)
            if [alarm["state"] for alarm in found] == [state]:
                return found[0]
            self.assertLess(time.monotonic(), end, f"no alarm is {state}: {found}")
            time.sleep(0.1)

    def test_a_device_raises_by_itself_what_the_hub_finds_too_and_it_is_one_alarm(self):
        group = self.own_group()
        known = self.register(group=group)
        measure = self.thermometer(known[0])
        process = self.process(known, "--period", "0.3", "--sensor", measure.path)
        self.lines_until(process, "login ok .*")
        rule = self.add_rule(group, known, "--act", "valve=1")
        self.lines_until(process, "rule hot")
        measure(24.5)
        seen = self.lines_until(process, "raised hot 24.50")
        self.assertIn("act valve 1", seen)
        alarm = self.alarm_in(group, "raised")
        self.assertEqual((alarm["name"], alarm["address"], alarm["sensor"]), ("hot", known[1], "temperature"))
        self.hub("alarm", "ack", str(alarm["id"]), "--note", "seen", "--by", "anna")
        self.assertEqual(self.alarm_in(group, "acknowledged")["acked_by"], "anna")
        measure(21)
        self.lines_until(process, "cleared hot 21.00")
        cleared = self.alarm_in(group, "cleared")
        self.assertEqual((cleared["id"], cleared["by_device"]), (alarm["id"], True))
        self.hub("alarm", "rule", "remove", rule)

    def test_a_report_goes_out_again_unchanged_after_a_cut_and_makes_one_alarm(self):
        group = self.own_group()
        known = self.register(group=group)
        measure = self.thermometer(known[0])
        proxy = self.cutting_proxy(ALARM)
        process = self.process(known, "--period", "0", "--sensor", measure.path, at=proxy.address)
        self.lines_until(process, "login ok .*")
        self.add_rule(group, known)
        self.lines_until(process, "rule hot")
        measure(25)
        self.lines_until(process, "stored [0-9]+")
        before, after = [[frame for frame in sent if frame[2:3] == [str(ALARM)]] for sent in proxy.sent[:2]]
        self.assertEqual(after[0], before[0])
        self.alarm_in(group, "raised")

    def test_a_device_acts_while_the_link_is_cut(self):
        group = self.own_group()
        known = self.register(group=group)
        measure = self.thermometer(known[0])
        proxy = self.cutting_proxy(BLINK, once=True)
        process = self.process(known, "--period", "0", "--sensor", measure.path, at=proxy.address)
        self.lines_until(process, "login ok .*")
        self.add_rule(group, known, "--act", "valve=1")
        self.lines_until(process, "rule hot")
        self.hub("command", "send", str(known[1]), "blink")
        self.lines_until(process, "cut .*")
        measure(25)
        seen = self.lines_until(process, "raised hot 25.00")
        self.assertIn("act valve 1", seen)
        self.assertEqual(self.alarms(group), [])  # nobody could tell the hub

    def test_an_alarm_moves_the_valve_of_another_device_and_moves_it_back(self):
        group = self.own_group()
        raiser, listener = self.register(group=group), self.register(group=group)
        measure = self.thermometer(raiser[0])
        process = self.process(raiser, "--period", "0", "--sensor", measure.path)
        other = self.process(listener, "--period", "0", "--subscribe", "*", "--on-alarm", "valve=1:0")
        for each in (process, other):
            self.lines_until(each, "login ok .*")
        self.lines_until(other, "answer 0 6 .*")  # the subscription is committed
        self.add_rule(group, raiser)
        self.lines_until(process, "rule hot")
        measure(25)
        seen = self.lines_until(other, "act valve 1")
        self.assertIn(f"alarm {raiser[1]} hot RAISED 25.00", seen)
        late = self.register(group=group)  # who subscribes later hears what is raised now
        link = self.join(late)
        link.send(late[1], 0, ALARM_SUBSCRIBE, "hot", 5)
        heard = [self.next_frame(link) for _ in range(2)]
        self.assertIn(["0", str(late[1]), "6", "5"], heard)
        self.assertIn([str(raiser[1]), str(late[1]), str(ALARM), "hot", "temperature", "25.00", "RAISED"],
                      [frame[:7] for frame in heard])
        measure(21)
        seen = self.lines_until(other, "act valve 0")
        self.assertIn(f"alarm {raiser[1]} hot CLEARED 21.00", seen)
        self.assertEqual(self.next_frame(link)[6], "CLEARED")
        process.kill()
        self.assertFalse([line for line in process.stdout if line.startswith("alarm ")])  # the raiser hears nothing of its own

    def next_frame(self, link):
        """Without what the hub says by itself."""
        while (frame := link.receive(PATIENCE)) and frame[0] == "0" and frame[2] in ("80", str(ALIVE)):
            pass
        self.assertIsNotNone(frame)
        return frame
