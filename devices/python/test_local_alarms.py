"""What a device does about alarms, without a hub. Run: python3 -m unittest test_local_alarms"""
import pathlib
import random
import tempfile
import unittest

from hub_device import Device
from local_alarms import CLEARED, NORMAL, RAISED, Listener, Rule, step

HOT = Rule("hot", "temperature", ">", "30", 2.0, 0.0, "", "")


def course(rule, values):
    """The edges of a course of values, one a second."""
    phase, edges = NORMAL, []
    for now, value in enumerate(values):
        phase, edge = step(rule, phase, str(value), float(now))
        if edge:
            edges.append((now, edge))
    return edges


class Rules(unittest.TestCase):
    def rule(self, test=">", threshold="30", hysteresis=2.0, delay=0.0):
        return Rule("hot", "temperature", test, threshold, hysteresis, delay, "", "")

    def test_it_is_raised_beyond_the_threshold_and_cleared_behind_the_hysteresis(self):
        self.assertEqual(course(self.rule(), [30, 30.1, 29, 31, 28.1, 28, 28]), [(1, RAISED), (5, CLEARED)])
        self.assertEqual(course(self.rule("<"), [30, 29.9, 31, 29, 31.9, 32, 33]), [(1, RAISED), (5, CLEARED)])
        self.assertEqual(course(self.rule("=", "30", 0), [29, "30.0", 30, 30.1, 29]), [(1, RAISED), (3, CLEARED)])
        self.assertEqual(course(self.rule("=", "open", 0), ["shut", "open", "open", "shut"]), [(1, RAISED), (3, CLEARED)])

    def test_a_delay_that_is_broken_begins_anew(self):
        self.assertEqual(course(self.rule(delay=2), [31, 31, 29, 31, 31, 31, 31]), [(5, RAISED)])

    def test_a_clock_that_is_set_back_only_begins_the_delay_anew(self):
        self.assertEqual(step(self.rule(delay=2), 9000.0, "31", 1.0), (1.0, None))
        self.assertEqual(step(self.rule(delay=2), 1.0, "31", 3.0), (RAISED, RAISED))

    def test_what_is_no_number_changes_nothing_that_is_raised(self):
        self.assertEqual(step(self.rule(), RAISED, "broken", 0.0), (RAISED, None))
        self.assertEqual(step(self.rule(), NORMAL, "broken", 0.0), (NORMAL, None))

    def test_edges_take_turns_and_the_band_is_quiet(self):
        chance = random.Random(1)
        for _ in range(300):
            rule = self.rule(chance.choice("><"), "5", chance.choice([0.0, 1.0, 3.0]), chance.choice([0.0, 1.0, 4.0]))
            edges = [edge for _, edge in course(rule, [chance.randrange(10) for _ in range(60)])]
            self.assertEqual(edges, [(RAISED, CLEARED)[index % 2] for index in range(len(edges))])
            side = -1 if rule.test == ">" else 1
            band = [5 + side * chance.random() * rule.hysteresis for _ in range(60)]
            self.assertEqual(course(rule, band), [])


class Decisions(unittest.TestCase):
    def setUp(self):
        self.said = []
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.sensor = pathlib.Path(self.folder.name) / "temperature"
        self.device = Device(0, say=lambda *words: self.said.append(words), sensor=str(self.sensor))
        self.measures(20)
        self.device.login(42, 1000.0)

    def measures(self, value):
        self.sensor.write_text(f"{value}\n", encoding="ascii")

    def obey(self, text, now=1000.0):
        return ["|".join(map(str, frame)) for frame in self.device.obey(text.split("|"), now)]

    def due(self, now):
        return ["|".join(map(str, frame)) for frame in self.device.due(now)]

    def again(self):
        return ["|".join(map(str, frame)) for frame in self.device.login(42, 2000.0)[1:]]

    def test_it_acts_once_in_the_moment_the_alarm_is_raised_and_reports_both_edges(self):
        self.assertEqual(self.obey("0|42|31|hot|temperature|>|24|2|0|valve|1|7"), ["42|0|6|7"])
        self.assertEqual(self.due(1001.0), [])
        self.measures(24.5)
        self.assertEqual(self.due(1002.0), ["42|0|30|hot|temperature|24.50|RAISED|1002000|2", "42|0|26|valve|1||1002000|1"])
        self.obey("0|42|3|valve|0||8")  # somebody closes it again: that is not undone while the alarm goes on
        self.measures(23)
        self.assertEqual(self.due(1003.0), [])
        self.measures(22)
        self.assertEqual(self.due(1004.0), ["42|0|30|hot|temperature|22.00|CLEARED|1004000|3"])
        self.assertEqual(self.said.count(("act", "valve", "1")), 1)
        self.assertEqual(self.device.valve, "0")

    def test_it_acts_while_the_link_is_cut_and_tells_it_until_it_is_stored(self):
        self.obey("0|42|31|hot|temperature|>|24|2|0|valve|1|7")
        self.measures(25)
        self.device.alarms.look(1010.0)  # as the thread does
        self.assertEqual(self.device.valve, "1")
        report = "42|0|30|hot|temperature|25.00|RAISED|1010000|2"
        self.assertEqual(self.again(), [report, "42|0|26|valve|1||1010000|1"])
        self.obey("0|42|50|ERROR|BUSY|0|2")
        self.assertEqual(self.again()[0], report)
        self.assertEqual(self.due(2001.0), [])
        self.assertEqual(self.due(2040.0)[0], report)
        self.obey("0|42|7|2")
        self.obey("0|42|7|1")
        self.assertEqual(self.again(), [])
        self.assertIn(("stored", "2"), self.said)

    def test_a_report_that_is_refused_for_good_is_given_up(self):
        self.obey("0|42|31|cold|temperature|<|30|0|0|||7")
        self.assertEqual(len(self.due(1001.0)), 1)
        self.obey("0|42|50|ERROR|BAD_TIME|0|1")
        self.assertEqual(self.again(), [])
        self.assertEqual(self.said[-1], ("lost", "1"))

    def test_the_same_rule_again_goes_on_as_it_stands_and_another_begins_anew(self):
        self.obey("0|42|31|cold|temperature|<|30|1|0|||7")
        self.assertEqual(len(self.due(1001.0)), 1)
        self.obey("0|42|31|cold|temperature|<|30|1|0|||7")
        self.assertEqual(self.due(1002.0), [])
        self.obey("0|42|31|cold|temperature|<|40|1|0|||9")
        self.assertEqual(len(self.due(1003.0)), 1)
        self.assertEqual(self.obey("0|42|32|cold|10"), ["42|0|6|10"])
        self.assertEqual(self.again(), [])
        self.assertEqual(self.obey("0|42|32|cold|11"), ["42|0|6|11"])

    def test_what_cannot_be_done_is_rejected_with_its_reason(self):
        for fields, reason in (("hot|wind|>|30|2|0||", "UNKNOWN_SENSOR"), ("hot|temperature|>|30|2|0|door|1", "UNKNOWN_ACTUATOR"),
                               ("hot|temperature|>|30|2|0|valve|7", "OUT_OF_RANGE"), ("hot|temperature|>|30|2|0|valve|", "BAD_VALUE"),
                               ("hot|temperature|>|nan|2|0||", "BAD_VALUE"), ("hot|temperature|!|30|2|0||", "BAD_VALUE"),
                               ("hot|temperature|>|30|-1|0||", "BAD_VALUE"), ("hot|temperature|=|30|1|0||", "BAD_VALUE"),
                               ("hot|temperature|>|30|2|soon||", "BAD_VALUE"), ("|temperature|>|30|2|0||", "BAD_VALUE"),
                               ("hot|temperature|>", "BAD_VALUE")):
            with self.subTest(fields):
                self.assertEqual(self.obey(f"0|42|31|{fields}|9"), [f"42|0|5|{reason}|9"])
        for index in range(16):
            self.assertEqual(self.obey(f"0|42|31|a{index}|temperature|>|30|2|0|||9"), ["42|0|6|9"])
        self.assertEqual(self.obey("0|42|31|hot|temperature|>|30|2|0|||9"), ["42|0|5|UNSUPPORTED|9"])
        self.assertEqual(self.obey("17|42|31|hot|temperature|>|30|2|0|||9"), [])

    def test_the_oldest_reports_go_when_there_are_too_many(self):
        self.obey("0|42|31|hot|temperature|>|24|0|0|||7")
        for second in range(102):
            self.measures(25 - second % 2)
            self.device.alarms.look(1000.0 + second)
        reports = self.again()
        self.assertEqual((len(reports), reports[0].split("|")[-1]), (100, "3"))
        self.assertEqual(self.said.count(("lost", "1")), 1)

    def test_a_broken_sensor_raises_nothing_and_clears_nothing(self):
        self.obey("0|42|31|hot|temperature|>|24|2|0|||7")
        self.measures(25)
        self.assertEqual(len(self.due(1001.0)), 1)
        self.measures("")
        self.assertEqual(self.due(1002.0), [])
        self.assertEqual(self.obey("0|42|1|temperature|8"), ["42|0|5|NO_VALUE|8"])

    def test_names_travel_back_as_they_came(self):
        self.obey("0|42|31|too%7Chot|temperature|<|30|0|0|||7")
        self.assertTrue(self.due(1001.0)[0].startswith("42|0|30|too%7Chot|temperature|20.00|RAISED|"))

    def test_the_alarms_of_others_move_the_valve_and_a_repeat_does_not(self):
        self.device.listener = Listener.of("*", "valve=1:0", self.device.check)
        self.assertEqual(self.again(), ["42|0|33|*|1"])
        for text in ("17|42|30|hot|air|31|RAISED|1|1", "17|42|30|hot|air|31|RAISED|1|1", "18|42|30|hot|air|31|RAISED|1|1",
                     "17|42|30|hot|air|28|CLEARED|2|2"):
            self.assertEqual(self.obey(text), [])
            self.assertEqual(self.device.valve, "1")
        self.assertEqual(self.due(1001.0), ["42|0|26|valve|1||1000000|2", "42|0|26|valve|1||1000000|3"])
        self.obey("18|42|30|hot|air|28|CLEARED|2|2")
        self.assertEqual(self.device.valve, "0")
        self.assertIn(("alarm", "18", "hot", "CLEARED", "28"), self.said)

    def test_only_what_was_subscribed_counts(self):
        listener = Listener("hot", "valve", "1", "0")
        self.assertIsNone(listener.hear("17", ["cold", "air", "1", "RAISED", "1", "1"]))
        self.assertEqual(listener.hear("17", ["hot", "air", "31", "RAISED", "1", "1"]), "1")
        for words in ("valve", "valve=1", "valve=1:7", "door=1:0"):
            with self.assertRaises(ValueError):
                Listener.of("*", words, self.device.check)
        with self.assertRaises(ValueError):
            Listener.of("", "valve=1:0", self.device.check)


if __name__ == "__main__":
    unittest.main()
