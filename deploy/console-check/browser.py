"""Headless Chromium, and one page of it with everything it says and asks recorded."""

import os
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import sync_playwright

PROGRAM = os.environ.get("TORGHUT_CHROMIUM", "/usr/bin/chromium")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
WIDTHS = {1280: 900, 390: 844}
THEMES = ("light", "dark")


@contextmanager
def chromium():
    """The browser, which ends with the block."""
    # Root has no sandbox to offer; /dev/shm is small in containers; whatever would call home is off.
    arguments = [
        "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run", "--force-color-profile=srgb",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A visitor with a theme and a width, who holds a token as anybody gets it: by the address."""

    def __init__(self, browser, rig, theme="light", width=1280, motion="reduce"):
        self.rig = rig
        self.theme = theme
        self.width = width
        self.requests = []
        self.said = []
        self.broken = []
        self.allowed = []
        self.context = browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": WIDTHS[width]}, reduced_motion=motion,
            locale="en-US", timezone_id="UTC", device_scale_factor=1)
        # What a strict policy refuses says so to the document; it is kept where we find it.
        self.context.add_init_script("""
            window.refusedByPolicy = [];
            document.addEventListener('securitypolicyviolation', (event) =>
                window.refusedByPolicy.push(`${event.violatedDirective} ${event.blockedURI}`));
        """)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.broken.append(f"error on the page: {error}"))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))

    def __enter__(self):
        self.open("/#token=" + self.rig.token)
        return self

    def __exit__(self, *_):
        # The page asks on until it is closed: nobody waits for the answer to such a question.
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def _hear(self, message):
        line = f"{message.type}: {message.text} ({(message.location or {}).get('url', '')})"
        self.said.append(line)
        if message.type in ("error", "warning") and not any(part in line for part in self.allowed):
            self.broken.append(f"the console says {line}")

    def open(self, path):
        self.page.goto(self.rig.console + path, wait_until="load")
        return self.page

    def ready(self, figures=1, seconds=20):
        """Waits until the page shows figures of answers that it got."""
        self.page.wait_for_function(
            "(least) => document.querySelectorAll('[data-read] [data-figure][data-value]').length >= least",
            arg=figures, timeout=seconds * 1000)

    def faults(self):
        """What went wrong since it was asked last: errors, requests to others, what the policy refused."""
        found, self.broken = self.broken, []
        own = urlsplit(self.rig.console)
        for url in self.requests:
            at = urlsplit(url)
            if at.scheme in ("data", "blob"):
                continue
            if (at.scheme, at.netloc) != (own.scheme, own.netloc):
                found.append(f"a request to another host: {url}")
        self.requests = []
        refused = self.page.evaluate("window.refusedByPolicy.splice(0)")
        return found + [f"refused by the page's own policy: {one}" for one in refused]

    def axe(self):
        """Serious and critical findings of axe-core, each with the first elements it is about."""
        self.page.evaluate(AXE)
        said = self.page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: "
            + "; ".join(" ".join(map(str, node["target"])) for node in one["nodes"][:3])
            for one in said["violations"] if one["impact"] in ("serious", "critical")
        ]
