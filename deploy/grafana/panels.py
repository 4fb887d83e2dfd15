"""What a dashboard of Grafana is made of: panels, their queries, and the places they get on the grid."""
from dataclasses import dataclass, field

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
POSTGRES = {"type": "grafana-postgresql-datasource", "uid": "${postgres}"}
SCHEMA = 39
WIDTH = 24


@dataclass
class Query:
    """One query in PromQL. `fault`: what has to go wrong before it answers with data."""
    expr: str
    legend: str = ""
    fault: str = ""
    instant: bool = False
    heatmap: bool = False
    source: str = "prometheus"

    def target(self, letter):
        target = {"refId": letter, "datasource": PROMETHEUS, "expr": self.expr, "editorMode": "code",
                  "legendFormat": self.legend or "__auto", "range": not self.instant, "instant": self.instant}
        if self.heatmap:
            target["format"] = "heatmap"
        elif self.instant:
            target["format"] = "table"
        return target


@dataclass
class Rows:
    """One query in SQL of the read models."""
    expr: str
    series: bool = False
    fault: str = ""
    source: str = "postgres"

    def target(self, letter):
        return {"refId": letter, "datasource": POSTGRES, "rawSql": self.expr, "rawQuery": True, "editorMode": "code",
                "format": "time_series" if self.series else "table"}


@dataclass
class Panel:
    kind: str
    title: str
    about: str
    queries: list
    unit: str = "short"
    width: int = 8
    height: int = 8
    # (from, colour), the first from nowhere.
    steps: list = field(default_factory=lambda: [(None, "green")])
    words: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    custom: dict = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    transformations: list = field(default_factory=list)

    def json(self, number, x, y):
        defaults = {
            "unit": self.unit, "mappings": mappings(self.words), "custom": {**CUSTOM.get(self.kind, {}), **self.custom},
            "thresholds": {"mode": "absolute", "steps": [{"value": at, "color": hue} for at, hue in self.steps]},
        }
        for name, value in (("min", self.minimum), ("max", self.maximum)):
            if value is not None:
                defaults[name] = value
        source = PROMETHEUS if self.queries[0].source == "prometheus" else POSTGRES
        panel = {
            "id": number, "type": self.kind, "title": self.title, "description": self.about, "datasource": source,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": {**OPTIONS.get(self.kind, {}), **self.options},
            "targets": [query.target(chr(ord("A") + place)) for place, query in enumerate(self.queries)],
        }
        if self.transformations:
            panel["transformations"] = self.transformations
        return panel


@dataclass
class Words:
    """A panel of text."""
    title: str
    text: str
    width: int = 24
    height: int = 5
    queries: tuple = ()

    def json(self, number, x, y):
        return {"id": number, "type": "text", "title": self.title, "description": "",
                "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
                "options": {"mode": "markdown", "content": self.text}}


@dataclass
class Section:
    title: str
    panels: list


def mappings(words):
    if not words:
        return []
    return [{"type": "value", "options": {
        key: {"text": text, "color": hue, "index": place} for place, (key, (text, hue)) in enumerate(words.items())}}]


LEGEND = {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]}
OPTIONS = {
    "timeseries": {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "background",
             "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto"},
    "table": {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False}},
    "state-timeline": {"showValue": "auto", "mergeValues": True, "rowHeight": 0.9, "alignValue": "left",
                       "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
                       "tooltip": {"mode": "single", "sort": "none"}},
    "heatmap": {"calculate": False, "yAxis": {"unit": "s", "axisPlacement": "left"}, "cellGap": 1,
                "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "fill": "dark-orange"},
                "legend": {"show": True}, "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False}},
    "bargauge": {"displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color",
                 "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
}
CUSTOM = {
    "timeseries": {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": False,
                   "stacking": {"mode": "none", "group": "A"}, "axisPlacement": "auto"},
    "state-timeline": {"lineWidth": 0, "fillOpacity": 80},
}


def graph(title, about, *queries, **more):
    return Panel("timeseries", title, about, list(queries), minimum=more.pop("minimum", 0), **more)


def shares(title, about, *queries, **more):
    """Parts of a whole, one upon the other."""
    return graph(title, about, *queries, custom={"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 40}, **more)


def stat(title, about, query, **more):
    return Panel("stat", title, about, [query], width=more.pop("width", 4), height=more.pop("height", 4), **more)


def table(title, about, query, **more):
    return Panel("table", title, about, [query], transformations=[
        {"id": "organize", "options": {
            "excludeByName": {"Time": True, "Value": True, "__name__": True}, "indexByName": {}, "renameByName": {}}}
    ] if query.source == "prometheus" else [], **more)


def placed(sections):
    """Panels from left to right and from top to bottom, each section below its own heading."""
    found, number, y = [], 1, 0
    for section in sections:
        found.append({"id": number, "type": "row", "title": section.title, "collapsed": False, "panels": [],
                      "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        number, x, y, height = number + 1, 0, y + 1, 0
        for panel in section.panels:
            if x + panel.width > WIDTH:
                x, y, height = 0, y + height, 0
            found.append(panel.json(number, x, y))
            number, x, height = number + 1, x + panel.width, max(height, panel.height)
        y += height
    return found
