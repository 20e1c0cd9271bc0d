"""A hub with something in it, and schemathesis against its description, as its administrator.

Logging out is left to other tests: it would end the run's own session.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HUB = os.environ.get("DEVICE_HUB_BIN", str(ROOT / "target/debug/hub"))
PASSWORD = "correct horse battery"
# They end the session that the run goes by.
LEFT_OUT = [r"/logout$", r"/me/sessions/", r"/me/password$", r"/setup$", r"/enter$", r"/live$"]


class Hub:
    """A hub on free ports with a data directory of its own."""

    def __init__(self, folder):
        self.env = {
            "PATH": os.environ["PATH"],
            "HUB_DATA_DIR": f"{folder}/data",
            "HUB_DEVICES__LISTEN": "127.0.0.1:0",
            "HUB_WEB__LISTEN": "127.0.0.1:0",
            "HUB_WEB__REQUESTS_PER_SECOND": "100000",
            "HUB_WEB__BURST": "1000000",
            "HUB_LOG": "warn",
        }
        self.folder = folder
        self.process = subprocess.Popen([HUB, "serve"], cwd=folder, env=self.env, stdout=subprocess.PIPE, text=True)
        self.web, token = None, None
        for line in self.process.stdout:
            if ready := re.search(r"web on ([^,\s]+)", line):
                self.web = ready[1]
            if link := re.search(r"/#/setup/(\S+)", line):
                token = link[1]
                break
        if token is None:
            sys.exit("the hub did not start")
        answer, cookie = self.post("/setup", {"token": token, "password": PASSWORD})
        self.headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer["csrf"], "Origin": f"http://{self.web}"}

    def post(self, path, body, headers=None):
        """The answer and its cookie."""
        at = urlsplit(f"http://{self.web}")
        connection = http.client.HTTPConnection(at.hostname, at.port)
        given = {"Content-Type": "application/json", "Origin": f"http://{self.web}", **(headers or {})}
        connection.request("POST", f"/api/v1{path}", json.dumps(body), given)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            sys.exit(f"POST {path}: {answer.status} {said.decode()}")
        return json.loads(said) if said else None, answer.headers.get("Set-Cookie", "")

    def furnish(self):
        """Something to be found by the requests."""
        make = lambda path, body: self.post(path, body, self.headers)[0]
        make("/groups", {"name": "home"})
        device = make(
            "/devices",
            {"group": "home", "type": 511, "id": "boiler", "name": "Boiler", "labels": ["cellar"], "login": "challenge", "rights": "talk", "nonce_memory": 200},
        )
        make("/commands", {"target": str(device["address"]), "type": 3, "fields": ["valve", "1"], "expires_in_ms": 3_600_000})
        make(
            "/rules",
            {
                "name": "hot", "group": "home", "scope": "group", "unit": "", "severity": "major", "enabled": True,
                "check": {"kind": "threshold", "sensor": "temperature", "op": ">", "raise": 30, "clear": 28},
                "on_delay_ms": 0, "off_delay_ms": 0, "act": None, "local": False,
            },
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="hub-api-") as folder:
        hub = Hub(folder)
        try:
            hub.furnish()
            command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"http://{hub.web}/api/v1/openapi.json"]
            command += ["--url", f"http://{hub.web}"]
            command += ["--max-examples", os.environ.get("EXAMPLES", "15"), "--seed", os.environ.get("SEED", "1")]
            command += ["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure"]
            for name, value in hub.headers.items():
                command += ["--header", f"{name}: {value}"]
            for path in LEFT_OUT:
                command += ["--exclude-path-regex", path]
            done = subprocess.run(command + sys.argv[1:], cwd=folder)
            # A hub that ended in the middle answered nothing wrong.
            if hub.process.poll() is not None:
                sys.exit("the hub ended")
        finally:
            hub.stop()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
