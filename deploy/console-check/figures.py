"""Every figure on the pages against two answers of our own: SQL in psql, and a fold of the log in Python.

A page says of each group of figures what it asked (`data-read`) and at which position the answer was
(`data-position`). The log is folded as far as that position and no further. psql is asked for figures and position in
one snapshot: when somebody committed meanwhile, the page is read again.
"""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from browser import Visit
from folds import Log, exact, nanos
from rig import Position
from rule import Stretch
from rules import RULES

SHOWN = """() => [...document.querySelectorAll('[data-figure][data-value]')].map((one) => {
    const group = one.closest('[data-read]');
    return {read: group?.dataset.read ?? null, position: group?.dataset.position ?? null, name: one.dataset.figure,
        value: one.dataset.value, key: one.closest('[data-key]')?.dataset.key ?? '', text: one.innerText.trim(),
        seen: one.checkVisibility(), at: group?.dataset.at ?? '', since: group?.dataset.since ?? '',
        until: group?.dataset.until ?? ''};
})"""


@dataclass(frozen=True)
class Figure:
    read: str
    position: str
    name: str
    value: str
    key: str
    text: str
    seen: bool
    at: str
    since: str
    until: str

    @property
    def identity(self):
        return self.read, self.key, self.name

    def __str__(self):
        return f"{self.name}{'[' + self.key[:40] + ']' if self.key else ''} of {self.read}"


class Question:
    """What a page asked: a path and what it was asked with."""

    def __init__(self, figure, places, rig):
        self.places = places
        self.rig = rig
        self.at = figure.at
        parts = urlsplit(figure.read)
        self.path = parts.path
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        # The page's own words come before what the answer made of them.
        self.stretch = Stretch(self.query.get("since", figure.since), self.query.get("until", figure.until))


def shown(visit):
    return [Figure(**{**one, "read": one["read"] or "", "position": one["position"] or ""})
            for one in visit.page.evaluate(SHOWN)]


def rule_of(figure):
    return next((rule for rule in RULES if rule.about(figure)), None)


def same(value, own):
    """Equal as numbers, where both are numbers; equal as text otherwise."""
    if own is None:
        return value in ("", "null", "none")
    try:
        return exact(value) == exact(own)
    except ArithmeticError:
        return value == str(own)


def judged(rig, figures):
    """What psql and the log say of the figures of one question, beside what the page says.

    None when the database is elsewhere by now; otherwise each comparison as (figure, judge, what is wrong or None).
    """
    rules = defaultdict(list)
    for figure in figures:
        rules[rule_of(figure)].append(figure)
    at = Position.read(figures[0].position)
    logs = {name: Log(rig, place.vector) for name, place in at.items()} or {"": Log(rig, {})}
    question = Question(figures[0], at, rig)
    found = []
    for rule, group in rules.items():
        facts = {}
        if rule.sql:
            places = [name for name in at if name]
            answers = rig.psql(*map(rig.standing, places), rule.sql(question))
            if any(rig.place(said) != at[name] for name, said in zip(places, answers)):
                return None
            facts["psql"] = rule.facts(rig, answers[-1], question)
        if rule.log:
            facts["the log"] = rule.log(logs, question)
        for judge, own in facts.items():
            for figure in group:
                said = own.get((figure.key, figure.name))
                if said is None and figure.value == "":
                    continue
                wrong = None if same(figure.value, said) else f"{figure} is {figure.value}, {judge} says {said}"
                found.append((figure, judge, wrong))
    return found


def compare(browser, rig, pages, report):
    """At least ten figures of each page, at the page's position, while nobody decides anything."""
    with rig.held("trader"):
        for ispart in (False, True):
            group = [page for page in pages if bool(page.stretch) == ispart]
            if not group:
                continue
            with Visit(browser, rig) as visit:
                for page in group:
                    begins = halve(visit, page.stretch) if ispart else None
                    show(visit, page)
                    compare_page(visit, page, report, again=show)
                    if ispart:
                        asked = {nanos(one) // 10**9 for one in stretches(visit)}
                        # A page may ask for whole steps of 15 s.
                        report.expect(asked and all(0 <= one - begins <= 16 for one in asked),
                                      f"figures: {page.name}: of a stretch that leaves out half of it", str(asked))


def show(visit, page):
    visit.open(page.of(visit.rig))
    visit.ready(page.figures)
    for selector, value in page.choices:
        visit.page.select_option(selector, value)


def halve(visit, stretch):
    """Sets the browser's clock so that a stretch begins amidst all that happened: a bound that nobody keeps is seen."""
    [row] = visit.rig.rows("SELECT extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY created_at))::bigint"
                           " AS middle FROM trade_decisions")
    visit.page.clock.set_fixed_time(row["middle"] + stretch)
    return row["middle"]


def stretches(visit):
    """Where the stretches of time begin that a page shows figures of."""
    queries = [parse_qs(urlsplit(one.read).query) for one in shown(visit)]
    return {query["since"][0] for query in queries if "since" in query}


def grouped(visit, unknown):
    """The figures on the page that somebody can judge, by the question that brought them and its position."""
    groups = defaultdict(list)
    for figure in shown(visit):
        if rule_of(figure) is None:
            unknown.add(f"{figure.name} of {figure.read.split('?')[0]}")
        else:
            groups[(figure.read, figure.position)].append(figure)
    return groups


def one_by_one(visit, unknown):
    """Each question of the page with its figures as they are when its turn comes: the page goes on meanwhile."""
    for question in dict.fromkeys(read for read, _ in grouped(visit, unknown)):
        for (read, position), group in grouped(visit, unknown).items():
            if read == question:
                yield read, position, group


def compare_page(visit, page, report, seconds=40, again=None):
    """Looks until each figure was looked at while page and database stood at one position.

    A database that went on behind an answer without a change of what it says tells no page to ask anew: `again` does.
    What a read model said at a position is judged once. What names no position is looked at again until it fits: nobody
    trades meanwhile, and what the gates go on writing stands still between their words; a wrong figure stays wrong.
    """
    begun = opened = time.monotonic()
    end = begun + seconds
    done, outcomes, unknown = set(), {}, set()
    while True:
        isbehind = False
        for read, position, group in one_by_one(visit, unknown):
            isfixed = any(Position.read(position))
            open_ones = [one for one in group if (one.identity, "fits") not in outcomes] if not isfixed else group
            if read in done or not open_ones:
                continue
            said = judged(visit.rig, open_ones)
            if said is None:
                isbehind = True
                continue
            if isfixed:
                done.add(read)
                # What is judged once may take its time on a busy machine.
                end = min(time.monotonic() + seconds, begun + 4 * seconds)
            for identity in {one.identity for one, _, _ in said}:
                own = [(judge, wrong) for one, judge, wrong in said if one.identity == identity]
                outcomes[identity] = own
                if not any(wrong for _, wrong in own):
                    outcomes[(identity, "fits")] = True
        counts = Counter(judge for key, own in outcomes.items() if isinstance(own, list) for judge, _ in own)
        waits = [read for (read, position), group in grouped(visit, unknown).items() if read not in done and any(
            (one.identity, "fits") not in outcomes and one.value != "" for one in group)]
        if not waits and min(counts["psql"], counts["the log"]) >= page.compared or time.monotonic() > end:
            break
        if again and isbehind and time.monotonic() > opened + seconds / 5:
            again(visit, page)
            opened = time.monotonic()
        visit.page.wait_for_timeout(250)
    wrong = [line for own in outcomes.values() if isinstance(own, list) for _, line in own if line]
    missed = [read for read in waits if not any(key[0] == read for key in outcomes if len(key) == 3)]
    wrong += [f"never stood where the database stood: {read}" for read in missed]
    if min(counts["psql"], counts["the log"]) < page.compared:
        wrong.append(f"{counts['psql']} figures compared with psql and {counts['the log']} with the log, "
                     f"at least {page.compared} belong")
    if unknown:
        print(f"      {page.name}: shown, not compared: {', '.join(sorted(unknown))}")
    report.expect(not wrong, f"figures: {page.name}: {counts['psql']} as psql, {counts['the log']} as the log",
                  "; ".join(wrong[:8]))
    return not wrong
