"""Chromium without a window, spoken to by the DevTools protocol over two pipes, which needs no library."""

import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

# For each answer. A page is a file on this machine.
SECONDS = 60


class Browser:
    """One page of a browser with a profile of its own, which ends with the block."""

    def __init__(self, program):
        self.program, self.count, self.buffer = program, 0, b""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        (read, self.commands), (self.answers, write) = os.pipe(), os.pipe()
        flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        flags += ["--disable-dev-shm-usage", "--disable-background-networking", "--user-data-dir=" + self.profile.name]
        # Chromium's own sandbox refuses to run as root, and containers may have no user namespaces.
        flags += ["--no-sandbox", "about:blank"]
        # The browser takes commands from descriptor 3, and answers on 4. The pipes must be none of these themselves.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (read, write)]
        line = ["bash", "-c", f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}', "bash", self.program, *flags]
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen(line, pass_fds=ends, stdout=self.log, stderr=self.log)
        for end in (read, write, *ends):
            os.close(end)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        return self

    def __exit__(self, *_):
        os.close(self.commands)
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)
        self.log.close()
        self.profile.cleanup()

    def call(self, method, **parameters):
        """Calls a method of the protocol, and returns its result."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        answer = self.until(lambda it: it.get("id") == message["id"])
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def until(self, fits):
        """The first message that fits; others are passed over."""
        deadline = time.monotonic() + SECONDS
        while True:
            while b"\0" in self.buffer:
                text, self.buffer = self.buffer.split(b"\0", 1)
                message = json.loads(text)
                if fits(message):
                    return message
            ready, _, _ = select.select([self.answers], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self.answers, 1 << 16) if ready else b""
            if not data:
                self.log.seek(0)
                why = "ended" if ready else f"did not answer for {SECONDS} s"
                raise RuntimeError(f"{self.program} {why}\n{self.log.read()}")
            self.buffer += data

    def open(self, path, width, theme):
        """Opens a file on a screen of a width, in a theme."""
        screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **screen)
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self.call("Page.navigate", url=Path(path).resolve().as_uri())
        self.until(lambda it: it.get("method") == "Page.loadEventFired")

    def evaluate(self, script):
        """The value of an expression in the page."""
        ended = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in ended:
            raise RuntimeError(ended["exceptionDetails"]["exception"].get("description", "the script failed"))
        return ended["result"].get("value")

    def picture(self, path):
        """Writes the whole page as a PNG."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        Path(path).write_bytes(base64.b64decode(data))
