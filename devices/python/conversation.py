"""Conversations of the reference device with a real hub, each named as the claim it checks.

Run: DEVICE_HUB_BIN=target/release/hub python3 devices/python/conversation.py
The hub runs on ports and in a data directory of its own, which are gone afterwards.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from alarm_conversations import AlarmConversations
from cutting_proxy import CuttingProxy
from hub_device import Device
from hub_link import (ALIVE, BLINK, DEVICES, DONE, EVENT, LOOPBACK, READ, REJECTED, STORED, VALUE, WRITE, Link, Refused,
                      connect)

SCRIPT = pathlib.Path(__file__).with_name("hub_device.py")
PATIENCE = 15  # seconds until a conversation that hangs is called failed


def setUpModule():
    global folder, hub, log, server
    if "DEVICE_HUB_BIN" not in os.environ:
        sys.exit("name the hub's binary: DEVICE_HUB_BIN=target/release/hub python3 devices/python/conversation.py")
    folder = tempfile.mkdtemp(prefix="hub-conversation-")
    run_hub("group", "add", "garden")
    run_hub("group", "add", "harbour")
    log = open(os.path.join(folder, "hub.log"), "w+", encoding="utf-8")
    hub = subprocess.Popen([hub_binary(), "serve"], env=hub_environment(), cwd=folder,
                           stdout=subprocess.PIPE, stderr=log, text=True)
    ready = re.search(r"devices on (127\.0\.0\.1:\d+)", hub.stdout.readline())
    assert ready, f"the hub did not say that it is ready:\n{hub_log()}"
    server = ready[1]


def tearDownModule():
    hub.terminate()
    code = hub.wait(PATIENCE)
    hub.stdout.close()
    said = hub_log()
    log.close()
    shutil.rmtree(folder)
    if code != 0 or Conversation.failed:
        print(f"the hub's log:\n{said}", file=sys.stderr)
    assert code == 0, f"the hub ended with exit code {code}"


def hub_binary():
    return os.path.abspath(os.environ["DEVICE_HUB_BIN"])  # the hub runs in a folder of its own


def hub_log():
    log.flush()
    log.seek(0)
    return log.read()


def hub_environment():
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return clean | {"HUB_DATA_DIR": os.path.join(folder, "data"), "HUB_DEVICES__LISTEN": "127.0.0.1:0",
                    "HUB_WEB__LISTEN": "127.0.0.1:0"}


def run_hub(*words):
    """What it said."""
    done = subprocess.run([hub_binary(), *words], env=hub_environment(), cwd=folder,
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"hub {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


class Conversation(AlarmConversations, unittest.TestCase):
    """Each test registers devices of its own, so that none depends on another."""
    count = 0
    failed = False
    hub = staticmethod(run_hub)

    @property
    def folder(self):
        return folder

    def cutting_proxy(self, cut_at, once=False):
        proxy = CuttingProxy(server, cut_at, once)
        self.addCleanup(proxy.close)
        return proxy

    def run(self, result=None):
        result = super().run(result)
        Conversation.failed = result is not None and not result.wasSuccessful()
        return result

    def register(self, *more, group="garden"):
        Conversation.count += 1
        ident = f"t{Conversation.count}"
        made = json.loads(run_hub("device", "add", "--group", group, "--type", "511", "--id", ident, "--json", *more))
        return ident, int(made["address"]), made["serial"]

    def join(self, known, legacy=False):
        ident, address, serial = known
        link = Link(connect(server, False, None))
        self.addCleanup(link.sock.close)
        self.assertEqual(link.login(511, ident, serial, legacy), address)
        return link

    def expect(self, link, *fields):
        """The next frame is this one. None stands for any text; what the hub says by itself is skipped."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            frame = link.receive(left)
            if frame and not (frame[0] == "0" and frame[2] in ("80", str(ALIVE))):
                break
        else:
            self.fail(f"nothing came instead of {fields}")
        wanted = [None if field is None else str(field) for field in fields]
        self.assertEqual([None if want is None else got for got, want in zip(frame, wanted)], wanted, frame)
        self.assertEqual(len(frame), len(wanted), frame)
        return frame

    def process(self, known, *options, at=None):
        ident, _, serial = known
        words = [sys.executable, str(SCRIPT), "--server", at or server, "--id", ident, *options]
        process = subprocess.Popen(words, env={**os.environ, "DEVICE_SERIAL": serial}, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def lines_until(self, process, wanted):
        seen = []
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        for line in process.stdout:
            seen.append(line.strip())
            if re.fullmatch(wanted, seen[-1]):
                break
        else:
            self.fail(f"no line like {wanted!r} in {seen}")
        watchdog.cancel()
        return seen

    def test_a_challenge_login_ends_with_the_hubs_proof_and_the_registered_address(self):
        self.join(self.register())  # Link.login raises BadProof otherwise

    def test_a_legacy_login_is_taken_from_a_legacy_device(self):
        self.join(self.register("--login", "legacy"), legacy=True)

    def test_a_legacy_device_may_log_in_by_challenge(self):
        self.join(self.register("--login", "legacy"))

    def test_a_legacy_login_is_refused_for_a_device_that_must_answer_a_challenge(self):
        with self.assertRaises(Refused):
            self.join(self.register(), legacy=True)

    def test_a_wrong_serial_is_refused(self):
        ident, address, _ = self.register()
        with self.assertRaises(Refused):
            self.join((ident, address, "0123456789abcdef0123456789abcdef"))
        process = self.process((ident, address, "0123456789abcdef0123456789abcdef"))
        self.lines_until(process, "refused")
        self.assertEqual(process.wait(PATIENCE), 1)

    def test_every_event_is_stored(self):
        known = self.register()
        process = self.process(known, "--events", "20", "--period", "0.01")
        seen = self.lines_until(process, "stored 20")
        self.assertEqual([line for line in seen if not line.startswith("clock")],
                         [f"login ok {known[1]}", *(f"stored {n}" for n in range(1, 21))])
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_a_device_reads_another(self):
        asker, target = self.register(), self.register()
        process = self.process(target, "--period", "0")
        self.lines_until(process, "login ok .*")
        link = self.join(asker)
        link.send(asker[1], target[1], READ, "temperature", 1)
        self.expect(link, target[1], asker[1], VALUE, "temperature", None, "C", None, 1)
        link.send(asker[1], target[1], READ, "nonsense", 2)
        self.expect(link, target[1], asker[1], REJECTED, None, 2)

    def test_a_device_with_the_right_control_writes_and_the_repeat_is_not_done_again(self):
        asker, target = self.register("--rights", "control"), self.register()
        process = self.process(target, "--period", "0")
        self.lines_until(process, "login ok .*")
        link = self.join(asker)
        for _ in range(2):
            link.send(asker[1], target[1], WRITE, "valve", 1, "", 1)
            self.expect(link, target[1], asker[1], DONE, "valve", 1, 1)
        link.send(asker[1], target[1], WRITE, "valve", 0, 1000, 2)
        self.expect(link, target[1], asker[1], REJECTED, "EXPIRED", 2)
        link.send(asker[1], target[1], BLINK)
        seen = self.lines_until(process, f"blink {asker[1]}")
        self.assertEqual(sum(line.startswith("write") for line in seen), 1)

    def test_a_device_without_the_right_control_does_not_write(self):
        asker, target = self.register(), self.register()
        link, other = self.join(asker), self.join(target)
        link.send(asker[1], target[1], WRITE, "valve", 1, "", 1)
        self.expect(link, 0, asker[1], LOOPBACK, "ERROR", "NO_RIGHT", target[1], 1)
        link.send(asker[1], target[1], LOOPBACK, "next")
        self.expect(other, asker[1], target[1], LOOPBACK, "next")  # and nothing before it

    def test_a_device_of_another_group_does_not_exist(self):
        asker, target = self.register(), self.register(group="harbour")
        self.join(target)
        link = self.join(asker)
        for absent in (target[1], 2147483647):
            link.send(asker[1], absent, READ, "temperature", 5)
            self.expect(link, 0, asker[1], LOOPBACK, "ERROR", "NO_DEVICE", absent, 5)

    def test_another_origin_is_refused_and_not_delivered(self):
        asker, target = self.register(), self.register()
        link, other = self.join(asker), self.join(target)
        link.send(target[1], target[1], BLINK, 1)
        self.expect(link, 0, asker[1], LOOPBACK, "ERROR", "BAD_ORIGIN", target[1], 1)
        link.send(asker[1], target[1], BLINK, 2)
        self.expect(other, asker[1], target[1], BLINK, 2)

    def test_loopback_comes_back_from_the_hub_and_from_a_device(self):
        asker, target = self.register(), self.register()
        process = self.process(target, "--period", "0")
        self.lines_until(process, "login ok .*")
        link = self.join(asker)
        for dest in (0, target[1]):
            link.send(asker[1], dest, LOOPBACK, "a b", "%7C", "")
            self.expect(link, dest, asker[1], LOOPBACK, "a b", "%7C", "")

    def test_a_second_login_takes_over(self):
        known, asker = self.register(), self.register()
        process = self.process(known, "--period", "0")
        self.lines_until(process, "login ok .*")
        successor = self.join(known)
        self.lines_until(process, "quit TAKEN_OVER")
        self.assertEqual(process.wait(PATIENCE), 3)
        link = self.join(asker)
        link.send(asker[1], known[1], LOOPBACK, "to the newer one")
        self.expect(successor, asker[1], known[1], LOOPBACK, "to the newer one")

    def test_the_hub_names_who_is_connected(self):
        asker, target = self.register(), self.register()
        self.join(target)
        link = self.join(asker)
        link.send(asker[1], 0, DEVICES, 8)
        peers = []
        while f"{target[1]}:511:{target[0]}:" not in "|".join(peers):
            frame = link.receive(PATIENCE)
            self.assertIsNotNone(frame, f"the target is not among {peers}")
            if frame[2] == str(DEVICES):
                self.assertEqual(frame[-1], "8")
                peers += frame[3:-1]

    def test_an_event_goes_out_again_unchanged_after_a_cut_and_is_stored(self):
        known = self.register()
        proxy = CuttingProxy(server, STORED)
        self.addCleanup(proxy.close)
        process = self.process(known, "--events", "3", "--period", "0.2", at=proxy.address)
        self.lines_until(process, "stored 3")
        self.assertEqual(process.wait(PATIENCE), 0)
        before, after = [[frame for frame in sent if frame[2:3] == [str(EVENT)]] for sent in proxy.sent[:2]]
        self.assertEqual(len(before), 1)
        self.assertEqual(after[0], before[0])
        again = self.join(known)  # and once more, as a hub sees it that had stored it already
        again.send(*before[0])
        self.expect(again, 0, known[1], STORED, before[0][-1])


    def order(self, target, *words):
        """Orders one command by the verb, and returns it as it was committed."""
        (command,) = json.loads(run_hub("command", "send", str(target[1]), *map(str, words), "--json"))
        self.assertEqual(command["address"], target[1])
        return command["id"]

    def ends(self, ident, state, detail=None):
        """Waits until the command is in this state, and returns it. Another state that is final too fails at once."""
        final = {"succeeded", "rejected", "expired", "cancelled", "timed_out"}
        end = time.monotonic() + PATIENCE
        command = json.loads(run_hub("command", "show", str(ident), "--json"))
        while command["state"] not in final and time.monotonic() < end:
            time.sleep(0.1)
            command = json.loads(run_hub("command", "show", str(ident), "--json"))
        self.assertEqual(command["state"], state, command)
        if detail is not None:
            self.assertEqual(command["detail"], detail, command)
        return command

    def test_a_device_describes_itself_and_the_hub_knows_what_it_has(self):
        known = self.register()
        process = self.process(known, "--period", "0")
        self.lines_until(process, "login ok .*")
        end = time.monotonic() + PATIENCE
        while True:
            has = json.loads(run_hub("device", "capabilities", str(known[1]), "--json"))
            if has["actuators"] or time.monotonic() > end:
                break
            time.sleep(0.1)
        (sensor,), (actuator,) = has["sensors"], has["actuators"]
        self.assertEqual([sensor[part] for part in ("name", "kind", "unit", "min", "max", "by")],
                         ["temperature", "number", "C", 17, 25, "device"])
        self.assertEqual([actuator[part] for part in ("name", "kind", "min", "max", "by")],
                         ["valve", "number", 0, 1, "device"])

    def test_a_command_to_a_connected_device_goes_out_at_once_and_succeeds(self):
        known = self.register()
        process = self.process(known, "--period", "0")
        self.lines_until(process, "login ok .*")
        reading = self.ends(self.order(known, "read", "temperature"), "succeeded")
        self.assertTrue(17 <= float(reading["detail"].split()[0]) <= 25, reading)
        self.ends(self.order(known, "write", "valve", 1), "succeeded", "1")
        self.ends(self.order(known, "blink"), "succeeded", "")
        self.ends(self.order(known, "clock-read"), "succeeded")
        self.ends(self.order(known, "event-set", "temperature", 200), "succeeded", "")
        seen = self.lines_until(process, "stored [0-9]+")
        self.assertEqual([line for line in seen if line.split()[0] in ("write", "blink", "period")],
                         ["write valve 1", "blink 0", "period 200"])

    def test_a_command_waits_for_a_device_that_is_away(self):
        known = self.register()
        ident = self.order(known, "write", "valve", 1)
        self.assertEqual(json.loads(run_hub("command", "show", str(ident), "--json"))["state"], "queued")
        process = self.process(known, "--period", "0")
        self.lines_until(process, "write valve 1")
        self.assertEqual(self.ends(ident, "succeeded", "1")["sendings"], 1)

    def test_a_command_that_expires_while_its_device_is_away_never_happens(self):
        known = self.register()
        late = self.order(known, "write", "valve", 1, "--expires", "1s")
        self.assertEqual(self.ends(late, "expired")["sendings"], 0)
        process = self.process(known, "--period", "0")
        self.ends(self.order(known, "write", "valve", 0), "succeeded", "0")
        seen = self.lines_until(process, "write valve 0")
        self.assertNotIn("write valve 1", seen)
        self.assertEqual(self.ends(late, "expired")["sendings"], 0)

    def test_a_command_whose_answer_was_lost_is_repeated_and_not_done_again(self):
        known = self.register()
        proxy = CuttingProxy(server, DONE)
        self.addCleanup(proxy.close)
        process = self.process(known, "--period", "0", at=proxy.address)
        self.lines_until(process, "login ok .*")
        ident = self.order(known, "write", "valve", 1)
        seen = self.lines_until(process, f"repeat 0 {ident}")
        self.assertEqual(seen.count("write valve 1"), 1)
        self.assertEqual(self.ends(ident, "succeeded", "1")["sendings"], 2)

    def test_a_device_that_was_killed_before_it_could_answer_does_not_do_it_again(self):
        known = self.register()
        state = os.path.join(folder, f"state-{known[0]}")
        proxy = CuttingProxy(server, DONE, once=True)
        self.addCleanup(proxy.close)
        process = self.process(known, "--period", "0", "--state", state, at=proxy.address)
        self.lines_until(process, "login ok .*")
        ident = self.order(known, "write", "valve", 1)
        self.lines_until(process, "cut .*")  # it acted, and its answer was lost
        process.kill()
        process.wait(PATIENCE)
        successor = self.process(known, "--period", "0", "--state", state)
        seen = self.lines_until(successor, f"repeat 0 {ident}")
        self.assertNotIn("write valve 1", seen)
        self.ends(ident, "rejected", "REPEATED")


if __name__ == "__main__":
    unittest.main(verbosity=2)
