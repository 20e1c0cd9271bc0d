#!/usr/bin/env python3
"""What the hub does alone: import, start, memory, replay into storage, and everybody back after kill -9.

    python3 benches/alone.py [RECORDING.csv]

Medians of ROUNDS (5) runs of the release binary (or DEVICE_HUB_BIN), on loopback, in temporary folders. The recording
(time,sensor,value) is repeated with shifted times up to a million rows or more; without one a made one is used.
"""
import csv
import datetime as dt
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HUB = os.path.abspath(os.environ.get("DEVICE_HUB_BIN", os.path.join(ROOT, "target", "release", "hub")))
ROUNDS = int(os.environ.get("ROUNDS", "5"))


def environment(home, **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    return kept | {"HUB_DATA_DIR": os.path.join(home, "data"), "HUB_LOG": "warn",
                   "HUB_DEVICES__LISTEN": "127.0.0.1:0", "HUB_WEB__LISTEN": "127.0.0.1:0"} | more


class Hub:
    """A served hub; its ports are read from the line that says it is ready."""

    def __init__(self, env):
        began = time.monotonic()
        self.process = subprocess.Popen([HUB, "serve"], env=env, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.ready_ms = (time.monotonic() - began) * 1000
        self.devices, self.web = (part.split(" on ")[1] for part in line.strip().split(", ")[:2])

    def metric(self, name):
        page = urllib.request.urlopen(f"http://{self.web}/metrics").read().decode()
        return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(name + " "))

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()


def register(home, env, count):
    plan, out = os.path.join(home, "plan.csv"), os.path.join(home, "credentials.csv")
    with open(plan, "w") as file:
        file.write("group,type,id,serial,login,name\n")
        file.writelines(f"group-{i % 10},511,{100000 + i},,challenge,device {i}\n" for i in range(count))
    began = time.monotonic()
    subprocess.run([HUB, "device", "import", plan, "--credentials", out], env=env, check=True, stdout=subprocess.DEVNULL)
    return out, time.monotonic() - began


def devices_40000():
    with tempfile.TemporaryDirectory() as home:
        env = environment(home)
        _, seconds = register(home, env, 40_000)
        hub = Hub(env)
        time.sleep(1)
        memory = hub.resident_mb()
        hub.end()
        return {"import of 40,000 devices / s": seconds, "start to ready with 40,000 devices / ms": hub.ready_ms,
                "resident memory idle with 40,000 devices / MB": memory}


def recording(home, source):
    if source:
        rows = [(r["time"], r["sensor"], r["value"]) for r in csv.DictReader(open(source))]
    else:
        start = dt.datetime(2018, 7, 28, tzinfo=dt.timezone.utc)
        rows = [((start + dt.timedelta(minutes=i // 2)).strftime("%Y-%m-%dT%H:%M:%SZ"), ("in", "out")[i % 2], 20 + i % 17)
                for i in range(100_000)]
    path, count = os.path.join(home, "recording.csv"), 0
    with open(path, "w") as file:
        file.write("time,sensor,value\n")
        while count < 1_000_000:
            shift = count // len(rows)
            for at, sensor, value in rows:
                file.write(f"{int(at[:4]) - 20 + shift}{at[4:]},{sensor},{value}\n" if at[5:10] != "02-29" else "")
            count += len(rows)
    return path, sum(1 for _ in open(path)) - 1


def replay(source):
    with tempfile.TemporaryDirectory() as home:
        env = environment(home)
        path, rows = recording(home, source)
        hub = Hub(env)
        began = time.monotonic()
        subprocess.run([HUB, "simulate", "--replay", path, "--speed", "max", "--group", "lab", "--server", hub.devices],
                       env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        hub.end()
        database = os.path.join(home, "data", "hub.db")
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (stored,) = connection.execute("SELECT count(*) FROM reading").fetchone()
        assert stored == rows, (stored, rows)
        return {"replayed readings stored a second": rows / seconds,
                "bytes on disk a reading, replayed": os.path.getsize(database) / rows}


def back_after_kill():
    with tempfile.TemporaryDirectory() as home:
        env = environment(home)
        credentials, _ = register(home, env, 15_000)
        hub = Hub(env)
        fleet = subprocess.Popen([HUB, "simulate", "--devices", credentials, "--event-seconds", "60",
                                  "--server", hub.devices], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            everybody(hub)
            again = env | {"HUB_DEVICES__LISTEN": hub.devices}
            hub.end(signal.SIGKILL)
            began = time.monotonic()
            hub = Hub(again)
            everybody(hub)
            return {"15,000 devices back after kill -9 / s": time.monotonic() - began}
        finally:
            fleet.terminate()
            fleet.wait()
            hub.end()


def everybody(hub):
    until = time.monotonic() + 60
    while hub.metric("hub_connections") < 15_000 or hub.metric("hub_logins_under_way") > 0:
        assert time.monotonic() < until, "not everybody came"
        time.sleep(0.05)


def main():
    source = sys.argv[1] if len(sys.argv) > 1 else None
    figures = {"binary / MB": [os.path.getsize(HUB) / 1e6]}
    for _ in range(ROUNDS):
        for name, value in (devices_40000() | replay(source) | back_after_kill()).items():
            figures.setdefault(name, []).append(value)
    print("| figure | median | least | most |\n|---|---:|---:|---:|")
    for name, values in figures.items():
        print(f"| {name} | {statistics.median(values):,.4g} | {min(values):,.4g} | {max(values):,.4g} |")


if __name__ == "__main__":
    main()
