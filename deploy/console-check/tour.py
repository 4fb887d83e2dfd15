"""The pictures of docs/tour.md, from a running system that is used as the page tells: see tour.sh."""

import argparse
import base64
import sys
from pathlib import Path

import clicks
from browser import Visit, chromium
from looks import settled
from pages import PAGES
from report import Report, until
from rig import Rig

QUALITY = 72


class Camera:
    def __init__(self, browser, rig, folder):
        self.browser, self.rig, self.folder = browser, rig, folder
        self.pages = {page.name: page for page in PAGES}

    def visit(self, theme="light", width=1280):
        return Visit(self.browser, self.rig, theme, width)

    def shoot(self, visit, name, selector=None):
        """What a visitor sees, as a small file; with a selector that part comes to the top."""
        if selector:
            visit.page.locator(selector).first.evaluate("(one) => one.scrollIntoView({block: 'start'})")
        visit.page.evaluate("() => document.getElementById('tell')?.classList.remove('shown')")
        session = visit.context.new_cdp_session(visit.page)
        shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        session.detach()
        (self.folder / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))
        print(f"      {name}", flush=True)

    def page(self, name, theme="light", width=1280, picture=None, selector=None):
        page = self.pages[name]
        with self.visit(theme, width) as visit:
            visit.open(page.of(self.rig))
            settled(visit, page)
            self.shoot(visit, picture or name, selector)


def walk(camera, report):
    rig = camera.rig
    until("a minute of orders", lambda: len(clicks.orders_at_broker(rig)) >= 90, 180)
    clicks.ask_for_backtest(camera.browser, rig, report)
    camera.page("overview")
    camera.page("overview", "dark", 390, "overview-phone")
    camera.page("orders", "dark")
    camera.page("order")
    camera.page("gate")
    camera.page("control-plane", "dark")
    camera.page("backtests", selector="#curves")
    with camera.visit() as visit:
        visit.open("/")
        visit.page.locator("#kill").click()
        visit.page.locator("dialog[open] [name=reason]").fill("a drill")
        camera.shoot(visit, "kill")
        clicks.confirm(visit, "a drill")
        clicks.shows(visit, "#answer", "false")
        camera.shoot(visit, "stopped")
        visit.page.locator("#resume").click()
        clicks.confirm(visit, "the drill is over")
        clicks.shows(visit, "#kill-state", "released")
    with camera.visit() as visit:
        clicks.park(visit, rig)
        settled(visit, camera.pages["safety"])
        camera.shoot(visit, "quarantine", "#quarantine")
        clicks.quarantine(visit, rig, report)
    with camera.visit("dark") as visit:
        clicks.breach(visit, rig, report)
        settled(visit, camera.pages["gate"])
        camera.shoot(visit, "breach")
        visit.open("/")
        clicks.shows(visit, "#answer", "false")
        camera.shoot(visit, "no")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("up_json")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--program", required=True)
    options = asked.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    report = Report()
    with chromium() as browser:
        walk(Camera(browser, Rig(options.up_json, options.program), options.folder), report)
    return 3 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
