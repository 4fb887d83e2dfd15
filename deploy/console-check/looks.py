"""How each page looks: in both themes and at both widths, whole, readable, drawn and within its width."""

from playwright.sync_api import TimeoutError

from browser import THEMES, WIDTHS, Visit

# Pixels of a chart: how many colours, and how many pixels have the colour of a series. Axes alone are an empty chart.
INK = """(canvas) => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const probe = document.createElement('span');
    canvas.parentElement.append(probe);
    const series = [1, 2, 3, 4, 5, 6].map((number) => {
        probe.style.color = `var(--series-${number})`;
        return getComputedStyle(probe).color.match(/[0-9.]+/g).slice(0, 3).map(Number);
    });
    probe.remove();
    const colours = new Set();
    let ink = 0;
    for (let at = 0; at < pixels.length; at += 4) {
        colours.add((pixels[at] << 24 | pixels[at + 1] << 16 | pixels[at + 2] << 8 | pixels[at + 3]) >>> 0);
        if (pixels[at + 3] > 200 && series.some((one) => Math.abs(one[0] - pixels[at])
            + Math.abs(one[1] - pixels[at + 1]) + Math.abs(one[2] - pixels[at + 2]) < 24)) ink += 1;
    }
    return {colours: colours.size, ink};
}"""
CHARTS = """() => [...document.querySelectorAll('canvas')].filter((canvas) => canvas.checkVisibility()).map((canvas) => ({
    name: canvas.id || canvas.getAttribute('aria-label') || '?', points: Number(canvas.dataset.points ?? 0),
    label: canvas.getAttribute('aria-label') ?? '', role: canvas.getAttribute('role'),
    twin: canvas.closest('figure, section')?.querySelectorAll('details table tbody tr').length ?? 0,
    flat: [...canvas.closest('figure, section')?.querySelectorAll('details table tbody td') ?? []]
        .every((cell) => !(Number(cell.textContent) !== 0 && Number.isFinite(Number(cell.textContent))))}))"""
WIDE = """() => {
    const width = document.documentElement.clientWidth;
    const page = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (page <= width) return [];
    // What scrolls within itself may be wider.
    const isKept = (one) => {
        for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== 'visible') return true;
        }
        return false;
    };
    const over = [...document.body.querySelectorAll('*')].filter((one) =>
        one.getBoundingClientRect().right > width + 1 && !isKept(one));
    return [`${page} > ${width}: ` + over.slice(0, 4).map((one) =>
        one.tagName.toLowerCase() + (one.id ? '#' + one.id : '') + (one.className ? '.' + one.className : '')).join(', ')];
}"""


def drawn(page, charts_wanted):
    """What is wrong with the charts of a page: too few, empty, of one colour, without words or table."""
    wrong = []
    charts = page.evaluate(CHARTS)
    if len(charts) < charts_wanted:
        wrong.append(f"{len(charts)} charts, where {charts_wanted} belong")
    handles = [one for one in page.query_selector_all("canvas") if one.is_visible()]
    for chart, handle in zip(charts, handles):
        ink = handle.evaluate(INK)
        if chart["points"] <= 0:
            wrong.append(f"chart {chart['name']} has no points")
        # Bars of nothing but zeros have no height, and that is what they say.
        if ink["colours"] < 3 or (ink["ink"] < 8 and not chart["flat"]):
            wrong.append(f"chart {chart['name']} is empty: {ink}")
        if chart["role"] != "img" or not chart["label"]:
            wrong.append(f"chart {chart['name']} has no words for who does not see it")
        if chart["twin"] == 0:
            wrong.append(f"chart {chart['name']} has no table of its values")
    return wrong


def settled(visit, page):
    """Waits until everything that the page shows at first is there."""
    visit.ready(page.figures)
    if page.charts:
        visit.page.wait_for_function(
            "(least) => [...document.querySelectorAll('canvas')].filter((one) =>"
            " Number(one.dataset.points ?? 0) > 0).length >= least", arg=page.charts, timeout=30_000)
    visit.page.evaluate("document.fonts.ready")


def look(browser, rig, pages, report, pictures=None):
    """Every page, in each theme and width, by one visitor each."""
    for theme in THEMES:
        for width in WIDTHS:
            with Visit(browser, rig, theme, width) as visit:
                for page in pages:
                    look_at(visit, page, report, pictures)


def look_at(visit, page, report, pictures):
    name = f"{page.name}, {visit.theme}, {visit.width} wide"
    visit.open(page.of(visit.rig))
    try:
        settled(visit, page)
    except TimeoutError as late:
        visit.page.screenshot(path=str(pictures / f"{page.name}-late.png")) if pictures else None
        told = visit.page.evaluate("[document.querySelectorAll('[data-read] [data-figure][data-value]').length,"
                                   " [...document.querySelectorAll('canvas')].map((one) => `${one.id}: ${one.dataset.points}`)]")
        report.bad(f"looks: {name}: not all is there: {told}: {visit.faults()}: {late.message.splitlines()[0]}")
        return
    wrong = drawn(visit.page, page.charts)
    shown = visit.page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    ground = visit.page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)")
    if (sum(ground) < 3 * 128) != (visit.theme == "dark"):
        wrong.append(f"the ground is {ground} ({shown})")
    wrong += [f"scrolls sideways: {one}" for one in visit.page.evaluate(WIDE)]
    # What it judges is the same at both widths, but for what is hidden at one: the wide page shows all.
    if visit.width == max(WIDTHS):
        wrong += [f"axe-core: {one}" for one in visit.axe()]
    if pictures is not None:
        visit.page.screenshot(path=str(pictures / f"{page.name}-{visit.theme}-{visit.width}.png"), full_page=True)
    wrong += visit.faults()
    report.expect(not wrong, f"looks: {name}", "; ".join(wrong))
