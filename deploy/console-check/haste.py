"""Hasty hands and slow answers: what is pressed twice, comes late or is changed by hand meanwhile.

Answers are held here until the page did what a person does in between. The kill switch is asked for and never engaged.
"""

import json
import time
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from clicks import REASON, perform
from report import TooLate

AWAY = "everybody is away for a drill"


def hurry(browser, rig, report):
    perform(browser, rig, report, (late, by_hand))


def late(visit, rig, report):
    """One visitor, who waits for nothing."""
    for step in (sent, pasted, told_anew, turned):
        step(visit, rig, report)


class Held:
    """Requests that wait, in the order in which they came."""

    def __init__(self, page):
        self.page = page
        self.routes = []

    def nth(self, number, seconds=8):
        """The request with this number, from 1, as soon as it was made."""
        end = time.monotonic() + seconds
        while len(self.routes) < number:
            if time.monotonic() > end:
                raise TooLate(f"waited {seconds} s for request {number} (came: {len(self.routes)})")
            self.page.wait_for_timeout(50)
        return self.routes[number - 1]


@contextmanager
def held(visit, path, wanted=lambda query: True):
    """Holds what is asked at a path, if the question is one that is wanted."""
    waiting = Held(visit.page)

    def isheld(url):
        parts = urlsplit(url)
        return parts.path == path and wanted(parse_qs(parts.query))

    visit.context.route(isheld, lambda route: waiting.routes.append(route))
    try:
        yield waiting
    finally:
        visit.context.unroute(isheld)


def away(route):
    problem = {"type": "about:blank", "title": "away", "status": 503, "code": "away", "detail": AWAY}
    route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))


def sent(visit, rig, report):
    """What was sent is not cancelled, and whoever sent it hears how it went."""
    visit.allowed.append("503 (Service Unavailable)")
    visit.open("/")
    visit.page.locator("#kill").click()
    dialog = visit.page.locator("dialog[open]")
    dialog.locator("[name=reason]").fill(REASON)
    with held(visit, "/trading/control/kill") as kills:
        dialog.locator("button[type=submit]").click()
        kills.nth(1)
        for _ in range(3):
            visit.page.keyboard.press("Escape")
        cancel = dialog.get_by_role("button", name="Cancel")
        report.expect(dialog.count() == 1 and cancel.is_disabled(), "haste: what is being sent cannot be cancelled")
        away(kills.nth(1))
        dialog.locator(".problem", has_text=AWAY).wait_for()
        dialog.locator("button[type=submit]").click()
        kills.nth(2)
        # As a telephone's own gesture does.
        dialog.evaluate("(one) => one.close()")
        away(kills.nth(2))
        visit.page.locator("#tell.shown", has_text=AWAY).wait_for()
        report.expect(visit.page.locator("dialog").count() == 0, "haste: a failure is told where the dialog is gone")


def pasted(visit, rig, report):
    """An address with a token, pasted into a tab that shows the page already."""
    visit.open("/orders")
    visit.ready()
    visit.page.evaluate("() => { window.isOld = true; }")
    visit.open("/orders#token=" + rig.token)
    visit.page.wait_for_function("() => !window.isOld && location.hash === ''", timeout=5_000)
    visit.ready()
    report.expect(True, "haste: a token in a pasted address is taken, and stands in the address no more")


def told_anew(visit, rig, report):
    """Events of an order that come while its story is read: first, and again."""
    client = rig.rows("SELECT client_order_id FROM executions ORDER BY created_at DESC LIMIT 1")[0]["client_order_id"]
    word = json.dumps({"position": "torghut.route.v1/0/0", "event": {"payload": {"client_order_id": client}}})
    with held(visit, "/trading/stream") as streams, held(visit, f"/trading/explain/{client}") as stories:
        visit.open(f"/order?id={client}")
        for number in (1, 2):
            # A story is asked for again after twice the time that it took.
            stories.nth(number, 20)
            streams.nth(number).fulfill(content_type="text/event-stream", body=f"event: route.drill\ndata: {word}\n\n")
            visit.page.wait_for_timeout(200)
            stories.nth(number).continue_()
        stories.nth(3, 20).continue_()
        visit.page.locator("#events > li[data-position]").first.wait_for()
    report.expect(True, "haste: what happens while a story is read is read behind it")


def turned(visit, rig, report):
    """Two quick clicks turn one page, and an answer to the page before comes too late."""
    visit.open("/orders")
    visit.page.locator("#older:enabled").wait_for()
    with held(visit, "/trading/executions", lambda query: "cursor" not in query) as firsts:
        late = firsts.nth(1, 15)
        visit.page.evaluate("() => { const older = document.getElementById('older'); older.click(); older.click(); }")
        text = visit.page.locator("#page-text")
        visit.page.wait_for_function("() => document.getElementById('page-text').textContent.startsWith('page')")
        once = text.inner_text()
        report.expect(once.startswith("page 2,"), "haste: two quick clicks turn one page", once)
        row = "() => document.querySelector('#orders-table tbody tr').dataset.key"
        first = visit.page.evaluate(row)
        with visit.page.expect_event("requestfinished", lambda asked: asked == late.request):
            late.continue_()
        visit.page.wait_for_timeout(200)
        report.expect(visit.page.evaluate(row) == first, "haste: a late answer leaves the page alone")


def by_hand(visit, rig, report):
    """A configuration that was written by hand stays, and what was opened stays open."""
    page = visit.page
    page.clock.install()
    visit.open("/backtests")
    opened = page.locator("#details-list details details").first
    opened.locator("summary").click()
    # All that is shown is asked for anew every ten seconds.
    with page.expect_response(lambda answer: urlsplit(answer.url).path.startswith("/trading/lean/backtests/")):
        page.clock.fast_forward(15_000)
    page.wait_for_timeout(300)
    report.expect(opened.get_attribute("open") is not None, "haste: an opened configuration stays open")
    page.locator("#ask-form summary").click()
    area, problem = page.locator("#f-config"), page.locator("#ask-problem")
    own = json.dumps({**json.loads(area.input_value()), "symbols": ["ETH/USD"]})
    area.fill(own)
    page.locator("#f-qty").fill("7")
    page.locator("#f-lane").select_option("shadow_replay")
    report.expect(area.input_value() == own and page.locator("#ask-note").inner_text(),
                  "haste: what was written by hand is left alone, and the page says so", area.input_value())
    missed = []
    for text in ("null", "[1]", '{"symbols": "AAPL"}', "{"):
        area.fill(text)
        page.locator("#ask-form button[type=submit]").click()
        if problem.is_hidden() or page.locator("dialog").count():
            missed.append(text)
    report.expect(not missed, "haste: a configuration of another form is refused with words", ", ".join(missed))
    area.fill("")
    area.blur()
    report.expect('"qty": "7"' in area.input_value(), "haste: an emptied configuration is written by the fields again")
