"""What the program says of itself: the side that manifests are held against."""
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LITERAL = re.compile(r'"([A-Z][A-Z0-9_]{3,})"')
# Names that the order feed and the tracer put together of two parts.
PARTS = re.compile(r'"(TRADING_ORDER_FEED_|OTEL_[A-Z_]*_)"')


class Facts:
    """Read once; everything from the sources, the pages that tests hold true, and the program's own answers."""

    def __init__(self, program):
        self.program = program
        self._taken = {}
        swift = {path: path.read_text() for path in (ROOT / "Sources").rglob("*.swift")}
        self.settings = {name for text in swift.values() for name in LITERAL.findall(text)}
        self.defaults = self._defaults()
        self.families = set(re.findall(r"^\| `([a-z_]+)` \|", self._page("metrics.md"), re.M))
        self.access = {}
        for line in self._ask("roles", "access", "--json"):
            role = self.access.setdefault(line["role"], {"read": set(), "write": set(), "group": set(), "writer": set()})
            role[line["use"]].add(line["what"])
        self.topics = {
            line["topic"]: line for line in self._ask("topics", "plan", "--json", "--data", "/nowhere/at/all")}
        self.version = self._ask("version", "--json")[0]["version"]
        self.routes = {
            "control": self._routes(swift, "Sources/Runtime/Control/ControlPort.swift", r'routes\.on\("GET", "(/[a-z]+)"'),
            "api": self._routes(swift, "Sources/Runtime/API/StatusOperations.swift", r'\.get, "(/[a-z]+)"'),
            "lean-runner": set().union(*(
                self._routes(swift, f"Sources/lean-runner/Service/{name}.swift", r'routes\.on\("GET", "(/[a-z]+)"')
                for name in ("HealthRoutes", "ObservabilityRoutes"))),
        }

    def takes(self, arguments):
        """Whether the program has this command with these options; its help is asked for, nothing is done."""
        key = tuple(arguments)
        if key not in self._taken:
            words = [word for word in arguments if not word.startswith("-")]
            named = " ".join(words[:next((i for i, a in enumerate(arguments) if a.startswith("-")), len(words))])
            said = subprocess.run([self.program, *arguments, "--help"], capture_output=True, text=True)
            self._taken[key] = said.returncode == 0 and said.stdout.startswith(f"torghut {named}: ")
        return self._taken[key]

    def _ask(self, *arguments):
        said = subprocess.run([self.program, *arguments], capture_output=True, text=True, check=True)
        return [json.loads(line) for line in said.stdout.splitlines()]

    @staticmethod
    def _page(name):
        return (ROOT / "docs" / name).read_text()

    @staticmethod
    def _routes(swift, file, pattern):
        found = set(re.findall(pattern, swift[ROOT / file]))
        assert found, f"{file} has no routes that look like {pattern}"
        return found

    def _defaults(self):
        """Of every setting in a table of the docs that has one; two names in one cell have the same."""
        found = {}
        for page in sorted((ROOT / "docs").glob("*.md")):
            for line in page.read_text().splitlines():
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if not line.startswith("|") or len(cells) < 2:
                    continue
                names = [name.strip("` ") for name in cells[0].split(",")]
                if all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) for name in names):
                    for name in names:
                        found.setdefault(name, cells[1].strip("`"))
        # One that stands in a sentence.
        for name, value in re.findall(r"`([A-Z][A-Z0-9_]+)` \((true|false)\)", self._page("shadow.md")):
            found.setdefault(name, value)
        return found
