"""The buttons, pressed as a person presses them; what came of it is asked of the log, the broker's books and psql."""

import json
import traceback

import keys
from browser import Visit
from folds import CONTROL, DECISIONS, INTENTS
from report import until

REASON = "a drill in the browser"


def ask_for_backtest(browser, rig, report):
    """By the page's own form, over data of ours; what came of it is looked at later."""
    perform(browser, rig, report, (backtest,))


def use(browser, rig, report):
    perform(browser, rig, report, (story, stop, resume, quarantine, breach))


def perform(browser, rig, report, steps):
    for step in steps:
        with Visit(browser, rig) as visit:
            try:
                step(visit, rig, report)
                faults = visit.faults()
                report.expect(not faults, f"clicks: {step.__name__}: nothing broke", "; ".join(faults))
            except Exception as error:  # The next step does not need this one.
                traceback.print_exc()
                report.bad(f"clicks: {step.__name__}: {str(error).strip().splitlines()[0] if str(error) else error!r}")


def confirm(visit, reason=REASON):
    """Fills the open dialog's reason, says yes, and waits until it is gone."""
    dialog = visit.page.locator("dialog[open]")
    if dialog.locator("[name=reason]").count():
        dialog.locator("[name=reason]").fill(reason)
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="detached")


def shows(visit, selector, value, seconds=20):
    visit.page.wait_for_function(
        "([selector, value]) => document.querySelector(selector)?.dataset.value === value", arg=[selector, value],
        timeout=seconds * 1000)


def orders_at_broker(rig):
    return {order["client_order_id"] for order in rig.books()}


def said(rig, kind, reason=None):
    """Events of control of a kind, with a reason when it matters."""
    rig.kept.pop(CONTROL, None)
    return [event for event in rig.events(CONTROL)
            if event["event_type"] == kind and (reason is None or event["payload"].get("reason") == reason)]


def answered_since(rig, moment):
    """Decisions that were made after a moment and have their answer."""
    for topic in (DECISIONS, INTENTS):
        rig.kept.pop(topic, None)
    made = {event["payload"]["decision_hash"] for event in rig.events(DECISIONS)
            if event["event_type"] == "decision.recorded" and event["ingest_ts"] > moment}
    return [event for event in rig.events(INTENTS)
            if event["payload"].get("decision_hash") in made and event["event_type"] != "decision.conflicted"]


def stop(visit, rig, report):
    visit.open("/")
    button = visit.page.locator("#kill")
    button.wait_for()
    keys.dialog(visit, button.element_handle(), report, "stop all new orders")
    until("an order before the stop", lambda: orders_at_broker(rig))
    button.click()
    confirm(visit)
    shows(visit, "#kill-state", "engaged")
    shows(visit, "#answer", "false")
    reasons = visit.page.locator("#reasons li[data-what=kill_switch]").count()
    engaged = until("the stop on the log", lambda: said(rig, "control.kill_switch_engaged", REASON))[-1]
    report.expect(engaged["payload"]["actor"], "stop: the log has it, with reason and actor")
    report.expect(reasons >= 1, "stop: the page says no, and that it is the kill switch")
    until("the routers' word that they stopped", lambda: [
        event for event in said(rig, "control.kill_switch_observed")
        if event["payload"].get("engaged_event_id") in (None, engaged["event_id"])])
    before = orders_at_broker(rig)
    answers = until("five answers while it is stopped", lambda: (
        lambda told: told if len(told) >= 5 else None)(answered_since(rig, engaged["ingest_ts"])), 40)
    kinds = {event["event_type"] for event in answers}
    report.expect("intent.emitted" not in kinds, f"stop: {len(answers)} decisions since, and none became an intent", str(kinds))
    more = orders_at_broker(rig) - before
    report.expect(not more, "stop: no new order in the broker's books", str(more))
    table = rig.rows("SELECT state, actor, reason FROM control_state WHERE control = 'kill_switch'")
    report.expect(any(row["state"] == "engaged" and row["reason"] == REASON for row in table),
                  "stop: psql says so too", str(table))


def resume(visit, rig, report):
    visit.open("/")
    before = orders_at_broker(rig)
    visit.page.locator("#resume").click()
    confirm(visit)
    shows(visit, "#kill-state", "released")
    more = until("an order after the release", lambda: orders_at_broker(rig) - before, 30)
    report.expect(more, f"resume: {len(more)} new orders in the broker's books")
    released = said(rig, "control.kill_switch_released", REASON)
    report.expect(released, "resume: the log has it, with its reason")


def story(visit, rig, report):
    """The newest order of the list, and everything that happened to it, each line with its place on the log."""
    visit.open("/orders")
    link = visit.page.locator("#orders-table a[href^='/order?id=']").first
    link.wait_for()
    newest = rig.rows("SELECT client_order_id FROM executions ORDER BY created_at DESC LIMIT 20")
    client = link.get_attribute("href").split("=")[1]
    report.expect(client in {row["client_order_id"] for row in newest}, "story: the list begins with the newest orders")
    # The list goes on meanwhile: of this order, wherever it is by now.
    visit.page.locator(f"#orders-table a[href='/order?id={client}']").first.click()
    visit.page.wait_for_url(f"**/order?id={client}")
    events = visit.page.locator("#events > li[data-position]")
    until("an order's story with an answer", lambda: events.count() >= 3)
    shown = [(one.get_attribute("data-position"), one.get_attribute("data-type")) for one in events.element_handles()]
    wrong = []
    for place, kind in shown:
        topic, partition, offset = place.rsplit("/", 2)
        record = next((one for one in rig.records(topic, [0] * int(partition) + [int(offset) + 1])[int(partition)]
                       if one["offset"] == int(offset)), None)
        if record is None or json.loads(record["value"])["event_type"] != kind:
            wrong.append(f"{place} is no {kind}")
    report.expect(not wrong, f"story: {len(shown)} lines, each at its place on the log", "; ".join(wrong))
    told = visit.page.locator("#verdict-state").get_attribute("data-value")
    own = json.loads(rig.torghut("explain", client, "--json", codes=(0, 3)))
    report.expect(told in ("open", "complete") and own["verdict"] in (told, "complete"),
                  f"story: nothing is missing ({told})", own["verdict"])
    hops = [one.get_attribute("data-value") for one in events.locator("[data-figure=after_us]").element_handles()]
    report.expect(len(hops) >= 2, f"story: {len(hops)} latencies between the steps")


def backtest(visit, rig, report):
    visit.open("/backtests")
    visit.page.locator("#ask-form button[type=submit]").click()
    confirm(visit)
    run = until("a run that is over", lambda: rig.rows(
        "SELECT backtest_id, status, reason FROM lean_backtest_runs WHERE status IN ('completed', 'failed')"), 60)[0]
    report.expect(run["status"] == "completed", "backtest: asked for on the page, and it has a result", str(run))
    visit.page.wait_for_function("() => Number(document.getElementById('curves-chart').dataset.points ?? 0) > 1")
    report.expect(True, "backtest: its equity is drawn as soon as it is there")


PLACE = "source_topic || '/' || source_partition || '/' || source_offset"
HELD = f"SELECT {PLACE} AS record FROM quarantine" \
       " WHERE status = 'parked' AND projection = 'executions'"


def park(visit, rig):
    """Has the broker tell of a fill that no table can hold, and opens the page that shows it."""
    if not rig.rows(HELD):
        visit.open("/")
        visit.page.locator("[data-scenario=poison]").click()
        confirm(visit)
    record = until("a parked record in psql", lambda: rig.rows(HELD), 30)[0]["record"]
    visit.open("/safety")
    visit.page.locator(f"button[data-action=release][data-record='{record}']").wait_for()
    return record


def quarantine(visit, rig, report):
    """A record that no read model can hold: releasing it is refused with the reason, a corrected text lets its key go."""
    record = park(visit, rig)
    button = visit.page.locator(f"button[data-action=release][data-record='{record}']")
    button.click()
    dialog = visit.page.locator("dialog[open]")
    dialog.locator("[name=reason]").fill(REASON)
    dialog.locator("button[type=submit]").click()
    visit.allowed.append("409 (Conflict)")
    refused = dialog.locator(".problem")
    refused.wait_for()
    report.expect("fold" in refused.inner_text(), "quarantine: what would not fold is refused, with the reason",
                  refused.inner_text())
    visit.page.keyboard.press("Escape")
    visit.page.locator(f"button[data-action=patch][data-record='{record}']").click()
    dialog = visit.page.locator("dialog[open]")
    text = dialog.locator("[name=value]")
    text.fill(text.input_value().replace("2000000000000", "2"))
    decide(visit)
    until("the record to be folded", lambda: rig.rows(
        f"SELECT FROM quarantine WHERE {PLACE} = '{record}' AND status = 'patched' AND last_action_reason = '{REASON}'"))
    word = said(rig, "control.quarantine_patched", REASON)
    report.expect(word, "quarantine: released by a corrected text, said on the log with its reason")
    # The broker's word came twice: its copy waited behind it, and holds the key now.
    behind = until("the copy behind it", lambda: rig.rows(HELD))[0]["record"]
    skip = visit.page.locator(f"button[data-action=skip][data-record='{behind}']")
    skip.wait_for()
    skip.click()
    visit.page.locator("dialog[open]").wait_for()
    decide(visit)
    until("the key to be free in psql", lambda: not rig.rows(HELD), 30)
    visit.page.wait_for_function(
        "() => document.querySelector('[data-figure=\"quarantine.records\"]').dataset.value === '0'")
    states = {row["status"] for row in rig.rows("SELECT status FROM quarantine")}
    report.expect(states == {"patched", "skipped"}, "quarantine: its key is free, as psql and the page say", str(states))


def decide(visit):
    """What is decided is tried first, then said: one dialog behind the other."""
    dialog = visit.page.locator("dialog[open]")
    dialog.locator("[name=reason]").fill(REASON)
    dialog.locator("button[type=submit]").click()
    visit.page.locator("dialog[open]", has_text="It would").wait_for()
    confirm(visit)


def breach(visit, rig, report):
    visit.open("/")
    visit.page.locator("[data-scenario=canary-breach]").click()
    confirm(visit)
    incident = until("an open incident in psql", lambda: rig.rows(
        "SELECT incident_key, observed::text, threshold::text FROM lean_canary_incidents WHERE status = 'open'"), 60)[0]
    why = visit.page.locator("#reasons li").filter(has_text=incident["incident_key"]).or_(
        visit.page.locator("#reasons li[data-what=canary], #reasons li[data-what=incident]"))
    why.first.wait_for(timeout=30_000)
    shows(visit, "#answer", "false")
    report.expect(why.count(), "breach: the status says no, and why")
    visit.open("/gate")
    shown = visit.page.locator(f"li[data-incident='{incident['incident_key']}']")
    shown.wait_for()
    report.expect(visit.page.locator("#verdict").get_attribute("data-ok") == "false",
                  f"breach: the gate page shows {incident['incident_key']}")
    told = rig.torghut("status", "--json", codes=(3,))
    report.expect(incident["incident_key"].split(":")[1] in told or "incident" in told,
                  "breach: torghut status says no and why, and ends with 3")
