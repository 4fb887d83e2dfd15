"""What the programs declare, as docs/metrics.md has it: a test of the programs holds that page word by word."""
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/metrics.md"
PARTS = {"histogram": {"_bucket": ["le"], "_sum": [], "_count": []}}


def labels(page=PAGE):
    """Labels by the names of samples."""
    found = {}
    for line in Path(page).read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip(" |`") for cell in line.split(" | ")]
        if len(cells) < 4 or cells[1] not in ("counter", "gauge", "histogram"):
            continue
        own = [] if cells[2] == "–" else [label.strip() for label in cells[2].split(",")]
        for end, more in PARTS.get(cells[1], {"": []}).items():
            found[cells[0] + end] = own + more
    return found
