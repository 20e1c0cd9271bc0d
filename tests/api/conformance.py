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
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HUB = os.environ.get("DEVICE_HUB_BIN", str(ROOT / "target/debug/hub"))
PASSWORD = "correct horse battery"
# They end the session that the run goes by.
LEFT_OUT = [r"/logout$", r"/me/sessions/", r"/me/password$", r"/setup$", r"/enter$", r"/live$"]


# What is right by its form may still be wrong as things stand: unknown, taken, contradicting itself.
RULES = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "503"]
"""


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
        self.headers = {}
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
        answer, cookie = self.ask("POST", "/setup", {"token": token, "password": PASSWORD})
        self.headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer["csrf"], "Origin": f"http://{self.web}"}

    def ask(self, method, path, body=None):
        """The answer and its cookie."""
        at = urlsplit(f"http://{self.web}")
        connection = http.client.HTTPConnection(at.hostname, at.port)
        given = {"Content-Type": "application/json", "Origin": f"http://{self.web}", **self.headers}
        connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), given)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {said.decode()}")
        return json.loads(said) if said else None, answer.headers.get("Set-Cookie", "")

    def token(self):
        """Of the administrator, for a day."""
        until = int((time.time() + 86_400) * 1000)
        wanted = {"name": "conformance", "scope": "manage", "groups": None, "expires_ms": until}
        return self.ask("POST", "/me/tokens", wanted)[0]["token"]

    def furnish(self):
        """Something to be found by the requests."""
        make = lambda path, body: self.ask("POST", path, body)[0]
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


def told(spec, scheme):
    """The description as somebody reads it who has only this way to say who asks."""
    spec = json.loads(json.dumps(spec))
    other = {"session": "token", "token": "session"}[scheme]
    spec["components"]["securitySchemes"].pop(other)
    for path in spec["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "security" in operation:
                operation["security"] = [one for one in operation["security"] if other not in one] or [{}]
    spec["security"] = [one for one in spec.get("security", []) if other not in one]
    return spec


def conforms(hub, folder, spec, scheme, headers, examples):
    """Whether schemathesis finds nothing when it asks so."""
    file = Path(folder) / f"{scheme}.json"
    file.write_text(json.dumps(told(spec, scheme)))
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", str(file), "--url", f"http://{hub.web}/api/v1"]
    command += ["--max-examples", str(examples), "--seed", os.environ.get("SEED", "1"), "--continue-on-failure"]
    # Whoever gives no proof is asked about in tests/web: here the proof would be left out of what we say ourselves.
    command += ["--phases", "examples,coverage,fuzzing", "--exclude-checks", "ignored_auth", "--warnings", "off"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    for path in LEFT_OUT:
        command += ["--exclude-path-regex", path]
    return subprocess.run(command + sys.argv[1:], cwd=folder).returncode == 0


def main():
    with tempfile.TemporaryDirectory(prefix="hub-api-") as folder:
        Path(folder, "schemathesis.toml").write_text(RULES)
        hub = Hub(folder)
        try:
            hub.furnish()
            spec = hub.ask("GET", "/openapi.json")[0]
            token = hub.token()
            examples = int(os.environ.get("EXAMPLES", "15"))
            as_administrator = conforms(hub, folder, spec, "session", hub.headers, examples)
            bearer = {"Authorization": f"Bearer {token}"}
            by_token = conforms(hub, folder, spec, "token", bearer, max(1, examples // 3))
            # A hub that ended in the middle answered nothing wrong.
            if hub.process.poll() is not None:
                sys.exit("the hub ended")
        finally:
            hub.stop()
    sys.exit(0 if as_administrator and by_token else 1)


if __name__ == "__main__":
    main()
