"""A headless Chromium that is spoken to over two pipes (the DevTools protocol), with nothing but Python's own library."""
import json
import os
import shutil
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "headless_shell")


def find():
    """The browser's path, or None."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for path in map(shutil.which, NAMES) if path), None)


class Gone(Exception):
    """The browser ended or does not answer."""


class Page:
    """One page of a browser of its own. `events` keeps all that the browser told."""

    def __init__(self, binary, folder):
        self.events, self.next_id, self.rest = [], 0, b""
        their_in, self.to_browser = os.pipe()
        self.from_browser, their_out = os.pipe()

        def take_pipes():  # the protocol's descriptors are 3 and 4
            spare_in, spare_out = os.dup(their_in), os.dup(their_out)
            high_in, high_out = os.dup2(spare_in, 203), os.dup2(spare_out, 204)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        command = [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--disable-dev-shm-usage", f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
        log = open(os.path.join(folder, "browser.log"), "wb")
        self.process = subprocess.Popen(command, preexec_fn=take_pipes, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log)
        os.close(their_in)
        os.close(their_out)
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.next_id += 1
        message = {"id": self.next_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") != self.next_id:
                self.events.append(answer)
            elif "error" in answer:
                raise Gone(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def read(self, seconds=60):
        import select
        until = time.monotonic() + seconds
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.from_browser], [], [], max(0, until - time.monotonic()))
            part = os.read(self.from_browser, 1 << 16) if ready else b""
            if not part:
                raise Gone("the browser does not answer")
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def open(self, url):
        """Returns when the page is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())

    def value(self, expression):
        """What an expression of JavaScript gives in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Gone(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key, text="", code=None, modifiers=0):
        """A key as a person presses it."""
        numbers = {"Tab": 9, "Enter": 13, " ": 32, "Escape": 27}
        number = code or numbers.get(key, ord(text.upper()) if text else 0)
        event = dict(key=key, code="Space" if key == " " else key, windowsVirtualKeyCode=number, modifiers=modifiers)
        if text:
            event["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text):
        for letter in text:
            self.press(letter, letter)

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (Gone, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
