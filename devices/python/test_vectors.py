"""The published digests, framing over arbitrary splits, and what the device decides. Run: python3 -m unittest test_vectors"""
import json
import pathlib
import random
import tempfile
import unittest
from urllib.parse import unquote

from hub_device import Device, Ended, Mark
from hub_link import Cutter, ProtocolError, escape, keyed_digest, legacy_digest

STREAM = b"42|OK|ffee|\x04 \r\n42|17|50|a b|%7C|\x04\x0442|0|26|temp|\xc2\xb0|C|1|1\x04"
FRAMES = [["42", "OK", "ffee"], ["42", "17", "50", "a b", "%7C"], [""], ["42", "0", "26", "temp", "\u00b0", "C", "1", "1"]]

VECTORS = json.loads((pathlib.Path(__file__).parents[2] / "tests" / "vectors.json").read_text(encoding="utf-8"))


class Digests(unittest.TestCase):
    def test_the_legacy_digests_of_the_project_hold(self):
        vectors = VECTORS["digests"]["legacy"]
        self.assertTrue(vectors)
        for v in vectors:
            with self.subTest(v):
                self.assertEqual(legacy_digest(v["serial"], v["nonce"]), v["digest"])

    def test_the_challenge_digests_of_the_project_hold(self):
        vectors = VECTORS["digests"]["challenge"]
        self.assertTrue(vectors)
        for v in vectors:
            with self.subTest(v):
                words = (v["serial"], v["address"], v["nonce"], v["challenge"])
                self.assertEqual(keyed_digest("device", *words), v["digest"])
                self.assertEqual(keyed_digest("hub", *words), v["proof"])

    def test_the_published_vectors_hold(self):
        self.assertEqual(legacy_digest("SN-EXAMPLE-01", "4821"),
                         "6311583b45f83b1ff9115f880efd59f4562fae58015b8c0a35ae95d3b2888975")
        words = ("SN-EXAMPLE-01", 42, "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")
        self.assertEqual(keyed_digest("device", *words),
                         "2c553306c7c0fa1e5b4213038bb7a2fad7f1a15e05d86882dd4e9889d1035660")
        self.assertEqual(keyed_digest("hub", *words),
                         "0cf652d1e9a1338c383e5b56973a1e06b79896087e40b5f3341da8a186ad8c35")


class Framing(unittest.TestCase):
    def test_however_the_stream_is_cut_the_frames_are_the_same(self):
        chance = random.Random(1)
        for _ in range(500):
            cuts = sorted(chance.sample(range(1, len(STREAM)), chance.randrange(len(STREAM) // 2)))
            cutter, found = Cutter(), []
            for begin, end in zip([0, *cuts], [*cuts, len(STREAM)]):
                found += cutter.feed(STREAM[begin:end])
            self.assertEqual(found, FRAMES)

    def test_a_frame_without_end_is_not_kept(self):
        with self.assertRaises(ProtocolError):
            cutter = Cutter()
            for _ in range(10):
                cutter.feed(b"x" * 1000)

    def test_the_streams_of_the_project_are_cut_as_published(self):
        for v in VECTORS["streams"]:
            with self.subTest(v["name"]):
                frames = [bytes.fromhex(frame) for frame in v["frames"]]
                try:
                    wanted = [frame.decode().removesuffix("|").split("|") for frame in frames]
                except UnicodeDecodeError:
                    continue  # such frames come from no hub
                cutter = Cutter()
                self.assertEqual(cutter.feed(bytes.fromhex(v["hex"])), wanted)
                self.assertEqual(cutter.rest.hex(), v["rest"])

    def test_the_escapes_of_the_project_are_written_and_read(self):
        for v in VECTORS["escapes"]["encode"]:
            with self.subTest(v):
                self.assertEqual(escape(v["text"]), v["field"])
                self.assertEqual(unquote(v["field"]), v["text"])
        for v in VECTORS["escapes"]["decode"]:
            with self.subTest(v):
                self.assertEqual(unquote(v["field"]), v["text"])

    def test_no_text_ends_a_field_or_a_frame(self):
        self.assertEqual(escape("a|b%c\x04\n"), "a%7Cb%25c%04%0A")


class Decisions(unittest.TestCase):
    def setUp(self):
        self.said = []
        self.device = Device(period=10, say=lambda *words: self.said.append(words))
        self.device.address = 42

    def obey(self, text, now=1000.0):
        return ["|".join(map(str, frame)) for frame in self.device.obey(text.split("|"), now)]

    def test_a_write_is_done_once_and_answered_each_time(self):
        self.assertEqual(self.obey("17|42|3|valve|1||9"), ["42|17|4|valve|1|9"])
        self.assertEqual(self.obey("17|42|3|valve|1||9"), ["42|17|4|valve|1|9"])
        self.assertEqual(self.said, [("write", "valve", "1"), ("repeat", "17", "9")])
        self.assertEqual(self.obey("17|42|1|valve|10"), ["42|17|2|valve|1||1000000|10"])

    def test_what_cannot_be_done_is_rejected_with_its_reason(self):
        self.assertEqual(self.obey("17|42|3|valve|1|999999|1"), ["42|17|5|EXPIRED|1"])
        self.assertEqual(self.obey("17|42|3|door|1||2"), ["42|17|5|UNKNOWN_ACTUATOR|2"])
        self.assertEqual(self.obey("17|42|3|valve|7||3"), ["42|17|5|OUT_OF_RANGE|3"])
        self.assertEqual(self.obey("17|42|3|valve|nan||5"), ["42|17|5|BAD_VALUE|5"])
        self.assertEqual(self.obey("17|42|3|valve|1|soon|6"), ["42|17|5|BAD_VALUE|6"])
        self.assertEqual(self.obey("17|42|1|wind|4"), ["42|17|5|UNKNOWN_SENSOR|4"])
        self.assertEqual(self.device.valve, "0")

    def test_loopback_is_echoed_except_where_it_would_go_round(self):
        self.assertEqual(self.obey("17|42|50|a|b"), ["42|17|50|a|b"])
        self.assertEqual(self.obey("0|42|50|a"), [])
        self.assertEqual(self.obey("17|42|50|ERROR|NO_DEVICE|17|1"), [])
        self.device.loopback(17, "ping")
        self.assertEqual(self.obey("17|42|50|ping"), [])
        self.assertEqual(self.obey("17|42|50|ping"), ["42|17|50|ping"])

    def test_the_hub_alone_sets_and_ends(self):
        for text in ("17|42|20|BYE", "17|42|22", "17|42|27|temperature|5|1", "17|42|80|0|0|0|0|1|1|26"):
            self.assertEqual(self.obey(text), [])
        self.assertEqual(self.obey("0|42|22"), ["42|0|22"])
        self.assertEqual(self.obey("0|42|27|temperature|5000|1"), ["42|0|6|1"])
        self.assertEqual(self.device.period, 5.0)
        with self.assertRaises(Ended):
            self.obey("0|42|20|SHUTDOWN")

    def test_an_event_goes_out_unchanged_until_it_is_stored(self):
        (event,) = self.device.due(1000.0)
        describe = (42, 0, 90, "S:temperature:number:C:17:25", "A:valve:number:0:1")
        self.assertEqual(self.device.login(42, 1005.0), [describe, event])
        for reason in ("BUSY", "NOT_STORED", "NOT_ASKED"):
            self.obey(f"0|42|50|ERROR|{reason}|0|1")
        self.obey("17|42|7|1")
        self.assertEqual(self.device.resend(), [event])
        self.obey("0|42|7|1")
        self.assertEqual(self.device.resend(), [])

    def test_the_hubs_commands_are_answered(self):
        self.assertEqual(self.obey("0|42|1|temperature|1")[0].split("|")[:4], ["42", "0", "2", "temperature"])
        self.assertEqual(self.obey("0|42|60|2"), ["42|0|6|2"])
        self.assertEqual(self.obey("0|42|81|3"), ["42|0|2|clock|1000000|ms|1000000|3"])
        self.assertEqual(self.obey("0|42|27|wind|5|4"), ["42|0|5|UNKNOWN_SENSOR|4"])
        self.assertEqual(self.obey("0|42|27|temperature|often|5"), ["42|0|5|BAD_VALUE|5"])
        self.assertEqual(self.obey("0|42|3|valve|1|999999|6"), ["42|0|5|EXPIRED|6"])
        self.assertEqual(self.obey("0|42|3|valve|1||x"), ["42|0|5|BAD_VALUE|x"])
        self.assertEqual(self.obey("0|42|3|valve|1|1000000|7"), ["42|0|4|valve|1|7"])
        self.assertEqual(self.said, [("blink", 0), ("late", "0", "6"), ("write", "valve", "1")])

    def test_a_period_that_is_said_again_does_not_put_off_the_event(self):
        self.obey("0|42|27|temperature|60000|1", now=1000.0)
        self.obey("0|42|27|temperature|60000|1", now=1050.0)
        self.assertEqual(self.device.next_event, 1060.0)

    def test_a_command_of_the_hub_is_carried_out_once_across_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder) / "state"
            for answer in ("42|0|4|valve|1|9", "42|0|5|REPEATED|9"):
                device = Device(10, say=lambda *words: self.said.append(words), mark=Mark(str(state)))
                device.address, self.device = 42, device
                self.assertEqual(self.obey("0|42|3|valve|1||9"), [answer])
                self.assertEqual(self.obey("0|42|3|valve|1||9"), [answer])
            self.assertEqual(self.obey("0|42|60|8"), ["42|0|5|REPEATED|8"])
            self.assertEqual(self.obey("0|42|60|10"), ["42|0|6|10"])
            self.assertEqual(state.read_text(), "10\n")
        self.assertEqual(self.said.count(("write", "valve", "1")), 1)

    def test_what_cannot_be_remembered_is_not_done(self):
        self.device.mark = Mark("/nonexistent/state")
        self.assertEqual(self.obey("0|42|3|valve|1||9"), ["42|0|5|NO_STATE|9"])
        self.assertEqual((self.device.valve, self.device.mark.highest), ("0", 0))

    def test_a_broken_state_is_no_new_beginning(self):
        with tempfile.NamedTemporaryFile() as file:
            with self.assertRaises(ValueError):
                Mark(file.name)


if __name__ == "__main__":
    unittest.main()
