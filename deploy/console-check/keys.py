"""The keyboard alone: every control is reached, is seen to be reached, and dialogs let go of it again."""

from browser import Visit
from looks import settled

# What one can do something with, in a page that nobody touched.
CONTROLS = """() => [...document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && !one.closest('[inert]')
        && one.tabIndex >= 0 && !(one.type === 'radio' && !one.checked && document.querySelector(
            `input[type=radio][name="${one.name}"]:checked`)))
    .map((one, number) => { one.dataset.control = String(number); return one.dataset.control; })"""
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
    return {control: one.dataset.control ?? null, ringed, tag: one.tagName.toLowerCase(),
        name: (one.getAttribute('aria-label') ?? one.innerText ?? one.name ?? '').trim().slice(0, 40),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


def walk(visit, page, report):
    """Tab through the page: each control once round."""
    visit.open(page.of(visit.rig))
    settled(visit, page)
    # What comes and goes with the stream is not a control of the page: those that are there at both ends count.
    wanted = set(visit.page.evaluate(CONTROLS))
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
        "() => [...document.querySelectorAll('[data-control]')].filter((one) => one.checkVisibility())"
        ".map((one) => one.dataset.control)"))
    missed = (wanted & still) - reached
    if missed:
        names = visit.page.evaluate(
            "(which) => which.map((one) => document.querySelector(`[data-control='${one}']`)?.outerHTML.slice(0, 90))",
            sorted(missed)[:4])
        wrong.append(f"{len(missed)} controls are not reached by Tab: {names}")
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


def press(browser, rig, pages, report):
    with Visit(browser, rig) as visit:
        for page in pages:
            if page.name == "orders":
                stays(visit, page, report)
        with rig.held("trader"):
            for page in pages:
                walk(visit, page, report)
        faults = visit.faults()
        report.expect(not faults, "keyboard: nothing broke", "; ".join(faults))
