"""Faults made on purpose, each of which has to be found: whoever judges is judged first."""

import contextlib
import io
import json
import re
import time

from browser import Visit
from figures import compare_page, halve
from looks import WIDE, drawn, settled
from report import Report


def lying_api(visit, path):
    """Every answer to this question has its first number wrong by one."""
    def twist(value):
        if isinstance(value, list):
            return [twist(value[0]), *value[1:]] if value else value
        if isinstance(value, dict):
            for name, one in value.items():
                if isinstance(one, bool) or name.endswith(("_at", "id", "hash")):
                    continue
                if isinstance(one, int):
                    return {**value, name: one + 1}
                if isinstance(one, str) and one.replace(".", "", 1).isdigit():
                    return {**value, name: str(float(one) + 1)}
        return value

    def answer(route):
        said = route.fetch()
        route.fulfill(response=said, body=json.dumps(twist(said.json())) if said.status == 200 else said.body())

    visit.context.route(lambda url: url.startswith(visit.rig.console + path), answer)


def boundless_api(visit, path, since):
    """Its answers are about all since then, whatever stretch is asked for."""
    early = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since))

    def answer(route):
        route.fulfill(response=route.fetch(url=re.sub(r"since=[^&]*", f"since={early}", route.request.url)))

    visit.context.route(lambda url: url.startswith(visit.rig.console + path), answer)


def rewritten(visit, file, old, new):
    """A file of the console as a careless hand would have it."""
    def answer(route):
        said = route.fetch()
        text = said.text()
        assert old in text, f"{file} does not hold {old!r}: plant the fault anew"
        route.fulfill(response=said, body=text.replace(old, new))

    visit.context.route(f"**/console/{file}", answer)


def plant(browser, rig, pages, report):
    by_name = {page.name: page for page in pages}
    orders, overview = by_name["orders"], by_name["overview"]

    quiet = Report()
    with rig.held("trader"), Visit(browser, rig) as visit, contextlib.redirect_stdout(io.StringIO()):
        lying_api(visit, "/trading/executions")
        visit.open(orders.of(rig))
        settled(visit, orders)
        compare_page(visit, orders, quiet)
    if quiet.wrong:
        print(f"      {quiet.wrong[0][:160]}")
    found = [line for line in quiet.wrong if "psql says" in line and "the log says" in line]
    report.expect(found, "planted: a figure that is wrong by one is found", str(quiet.wrong)[:300])

    quiet, safety = Report(), by_name["safety"]
    with rig.held("trader"), Visit(browser, rig) as visit, contextlib.redirect_stdout(io.StringIO()):
        boundless_api(visit, "/trading/decisions/summary", halve(visit, safety.stretch) - 600)
        visit.open(safety.path)
        settled(visit, safety)
        compare_page(visit, safety, quiet)
    # Which of its figures are named first is a matter of order.
    found = [line for line in quiet.wrong if "/trading/decisions/summary?" in line
             and "psql says" in line and "the log says" in line]
    report.expect(found, "planted: an API that keeps no bounds of time is found", str(quiet.wrong)[:300])

    with Visit(browser, rig) as visit:
        # Without a legend too: its signs have the colours of the series.
        rewritten(visit, "charts.js", 'type: "line", datasets,', 'type: "line", datasets: [],')
        visit.open(overview.of(rig))
        settled(visit, overview)
        wrong = drawn(visit.page, overview.charts)
        found = [line for line in wrong if "is empty" in line]
        report.expect(found, "planted: a chart of axes alone is found", str(wrong))

    with Visit(browser, rig, width=390) as visit:
        visit.open(orders.of(rig))
        settled(visit, orders)
        visit.faults()
        visit.page.evaluate("""() => {
            fetch('http://127.0.0.2:9/figures').catch(() => 0);
            console.error('planted');
            setTimeout(() => { throw new Error('planted too'); });
            const wide = document.createElement('p');
            wide.style.width = '900px';
            wide.style.color = '#888';
            wide.style.background = '#999';
            wide.textContent = 'planted';
            document.querySelector('main').append(wide);
        }""")
        visit.page.wait_for_timeout(200)
        said = visit.faults()
        report.expect(any("127.0.0.2" in line for line in said), "planted: a request to another host is found", str(said))
        report.expect(any("console says" in line and "planted" in line for line in said),
                      "planted: an error in the console is found", str(said))
        report.expect(any("planted too" in line for line in said), "planted: an error of the page is found", str(said))
        report.expect(visit.page.evaluate(WIDE), "planted: a page that scrolls sideways is found")
        report.expect(any("color-contrast" in line for line in visit.axe()), "planted: grey on grey is found")
