"""The keyboard alone: every control is reached, is seen to be reached, and dialogs let go of it again."""

from browser import Visit
from looks import settled

# What one can do something with, in a page that nobody touched.
CONTROLS = """() => [...document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && !one.closest('[inert]')
        && one.tabIndex >= 0 && !(one.type === 'radio' && !one.checked && document.querySelector(
            `input[type=radio][name="${one.name}"]:checked`)))
    .map((one, number) => {
        // No attribute: for the page it would be another control.
        one.ownNumber = String(number);
        return [one.ownNumber, one.outerHTML];
    })"""
ALL = "[...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')]"
# Controls that were made anew though nothing about them changed: who stood on one lost the focus.
REBUILT = f"""(wanted) => {{ const all = {ALL};""" + """
    const kept = new Set(all.map((one) => one.ownNumber));
    const made = new Set(all.filter((one) => one.ownNumber === undefined).map((one) => one.outerHTML));
    return wanted.filter(([number, html]) => !kept.has(number) && made.has(html)).map(([, html]) => html.slice(0, 90));
}"""
# A row that goes, rows that change places, and a caption that comes and goes.
TABLES = """async () => {
    const { table } = await import('/console/page.js');
    const place = document.createElement('div');
    document.querySelector('main').append(place);
    const link = (row) => Object.assign(document.createElement('a'), { href: '#main', textContent: row.id });
    const show = (ids, caption) => table(place, [{ name: 'id', label: 'Id', cell: link }], ids.map((id) => ({ id })),
        { label: 'Rows', caption });
    const wrong = [];
    const holds = (what) => { if (document.activeElement.textContent !== 'c') wrong.push(what); };
    show(['a', 'b', 'c', 'd']);
    place.querySelector('[data-key=c] a').focus();
    show(['b', 'c', 'd'], 'The first 3 of 4');
    holds('a row above it that goes takes the focus');
    const { caption } = place.querySelector('table');
    if (caption.textContent !== 'The first 3 of 4' || caption.className !== '') wrong.push('a caption is not seen');
    show(['e', 'c', 'b'], 'The first 3 of 5');
    holds('rows that change places take the focus');
    if (caption.textContent !== 'The first 3 of 5') wrong.push('a caption says an old number');
    show(['c']);
    if (caption.textContent !== 'Rows' || caption.className !== 'unseen') wrong.push('a caption stays that is over');
    place.remove();
    return wrong;
}"""
FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const look = () => {
        const style = getComputedStyle(one);
        return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor,
            style.backgroundColor].join(' ');
    };
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== 'none';
    return {control: one.ownNumber ?? null, ringed, tag: one.tagName.toLowerCase(),
        name: (one.getAttribute('aria-label') ?? one.innerText ?? one.name ?? '').trim().slice(0, 40),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


def walk(visit, page, report):
    """Tab through the page: each control once round."""
    visit.open(page.of(visit.rig))
    settled(visit, page)
    # What comes and goes with the stream is not a control of the page: those that are there at both ends count.
    known = visit.page.evaluate(CONTROLS)
    wanted = {number for number, _ in known}
    reached, wrong, first = set(), [], None
    last = None
    for _ in range(3 * len(wanted) + 20):
        visit.page.keyboard.press("Tab")
        focus = visit.page.evaluate(FOCUS)
        if focus is None:
            if reached:
                break
            continue
        # A field of a date has a stop for each of its parts; the first control again is the round's end.
        if focus["control"] is not None and focus["control"] == first and last != first:
            break
        first = first or focus["control"]
        last = focus["control"]
        reached.add(focus["control"])
        if not focus["ringed"]:
            wrong.append(f"focus on {focus['tag']} '{focus['name']}' is not seen")
        if not focus["seen"]:
            wrong.append(f"{focus['tag']} '{focus['name']}' has the focus out of sight")
    still = set(visit.page.evaluate(
        f"() => {ALL}.filter((one) => one.ownNumber !== undefined && one.checkVisibility()).map((one) => one.ownNumber)"))
    missed = (wanted & still) - reached
    if missed:
        names = [html[:90] for number, html in known if number in missed][:4]
        wrong.append(f"{len(missed)} controls are not reached by Tab: {names}")
    rebuilt = visit.page.evaluate(REBUILT, known)
    if rebuilt:
        wrong.append(f"{len(rebuilt)} controls were made anew though nothing changed: {rebuilt[:4]}")
    report.expect(not wrong, f"keyboard: {page.name}, {len(reached)} controls", "; ".join(wrong[:6]))


def dialog(visit, opener, report, what):
    """A dialog opened by the keyboard takes the focus, keeps it, closes by Escape and gives it back."""
    wrong = []
    opener.focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("dialog[open]")
    inside = "document.querySelector('dialog[open]')?.contains(document.activeElement) ?? false"
    if not visit.page.evaluate(inside):
        wrong.append("the focus stays outside")
    for _ in range(12):
        visit.page.keyboard.press("Tab")
        outside = visit.page.evaluate(
            "document.activeElement !== document.body && !(" + inside + ")")
        if outside:
            wrong.append("Tab leads out of it")
            break
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("dialog[open]", state="hidden")
    if not opener.evaluate("(one) => document.activeElement === one"):
        wrong.append("the focus does not come back")
    report.expect(not wrong, f"keyboard: the dialog '{what}'", "; ".join(wrong))


def stays(visit, page, report):
    """Rows that come by themselves take the focus from nobody."""
    visit.open(page.of(visit.rig))
    settled(visit, page)
    visit.page.locator("#orders-table tbody a").first.focus()
    was = visit.page.evaluate("() => document.activeElement.closest('tr').dataset.key")
    visit.page.wait_for_function(
        "(was) => document.querySelector('#orders-table tbody tr').dataset.key !== was", arg=was)
    now = visit.page.evaluate("() => document.activeElement.closest('tr')?.dataset.key ?? 'nowhere'")
    report.expect(now == was, "keyboard: an order that comes leaves the focus where it is", now)


def tables(visit, report):
    """What a table does with its rows, by rows of ours."""
    visit.open("/orders")
    visit.ready()
    wrong = visit.page.evaluate(TABLES)
    report.expect(not wrong, "keyboard: a row keeps the focus whatever becomes of the others", "; ".join(wrong))


def scenario(visit, report):
    """The card of scenarios is asked for every four seconds, and takes the focus from nobody."""
    visit.open("/")
    button = visit.page.locator("[data-scenario=poison]")
    button.wait_for()
    button.focus()
    with visit.page.expect_response(lambda answer: answer.url.endswith("/trading/simulator")):
        pass
    visit.page.wait_for_timeout(200)
    now = visit.page.evaluate("() => document.activeElement.dataset.scenario ?? document.activeElement.localName")
    report.expect(now == "poison", "keyboard: a scenario's button keeps the focus", now)


def press(browser, rig, pages, report):
    with Visit(browser, rig) as visit:
        for page in pages:
            if page.name == "orders":
                stays(visit, page, report)
        tables(visit, report)
        scenario(visit, report)
        with rig.held("trader"):
            for page in pages:
                walk(visit, page, report)
        faults = visit.faults()
        report.expect(not faults, "keyboard: nothing broke", "; ".join(faults))
