"""The console, looked at and used by a browser, against a running system: see check-console.sh."""

import argparse
import shutil
import sys
import time
import traceback
from pathlib import Path

import clicks
import figures
import haste
import keys
import looks
import planted
from browser import chromium
from pages import PAGES
from report import Report
from rig import Rig

PARTS = ("backtest", "looks", "keys", "figures", "haste", "clicks", "planted")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("up_json", help="what `torghut up` wrote into its data folder")
    asked.add_argument("--program", default=shutil.which("torghut") or "torghut", help="the program torghut")
    asked.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be said again")
    asked.add_argument("--page", action="append", help="these pages alone")
    asked.add_argument("--pictures", type=Path, help="a folder for pictures of every page")
    options = asked.parse_args()

    report = Report()
    rig = Rig(options.up_json, options.program)
    pages = [page for page in PAGES if not options.page or page.name in options.page]
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    parts = {
        "backtest": lambda browser: clicks.ask_for_backtest(browser, rig, report),
        "looks": lambda browser: looks.look(browser, rig, pages, report, options.pictures),
        "keys": lambda browser: keys.press(browser, rig, pages, report),
        "figures": lambda browser: figures.compare(browser, rig, pages, report),
        "haste": lambda browser: haste.hurry(browser, rig, report),
        "clicks": lambda browser: clicks.use(browser, rig, report),
        "planted": lambda browser: planted.plant(browser, rig, PAGES, report),
    }
    with chromium() as browser:
        for name in options.only or PARTS:
            began = time.monotonic()
            try:
                parts[name](browser)
            except Exception as error:  # One part that cannot go on does not hide the others.
                traceback.print_exc()
                report.bad(f"{name} could not go on: {str(error).splitlines()[0] if str(error) else repr(error)}")
            print(f"      {name}: {time.monotonic() - began:.1f} s", flush=True)
    for fault in report.wrong:
        print(f"WRONG {fault}", file=sys.stderr)
    print(f"{report.looked} looked at, {len(report.wrong)} wrong")
    return 3 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
