"""The queries of docs/clickhouse.md, run as they stand."""

import pathlib
import re
import time

from engine import Wrong

PAGE = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "clickhouse.md"


def queries():
    """The SELECTs between ```sql lines."""
    blocks = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [block.strip().rstrip(";") for block in blocks if block.lstrip().upper().startswith(("SELECT", "WITH"))]


def signals(engine):
    """Bars and signals as the stream job writes them: each twice, the second time better known."""
    moment = f"toDateTime64({int(time.time())}, 3, 'UTC') - number"
    for ingested, rsi in (("10:00:02", 40.5), ("10:00:03", 41.5)):
        engine.run(
            "INSERT INTO torghut.ta_signals (symbol, event_ts, seq, ingest_ts, is_final, source, window_size, version, "
            "macd, macd_signal, rsi14, imbalance_bid_px, imbalance_ask_px, imbalance_bid_sz) SELECT 'BTC/USD', "
            f"{moment}, number, toDateTime64('2026-02-12 {ingested}', 3, 'UTC'), 1, 'ta', "
            f"'PT1S', 1, 1.5, 1.25, {rsi}, 100, 102, 0.125 FROM numbers(60)")
        engine.run(
            "INSERT INTO torghut.ta_microbars (symbol, event_ts, seq, ingest_ts, is_final, source, window_size, "
            "window_end, version, o, h, l, c, v, count) SELECT 'BTC/USD', "
            f"{moment}, number, toDateTime64('2026-02-12 {ingested}', 3, 'UTC'), 1, 'ta', 'PT1S', "
            f"{moment} + 1, 1, 1, 2, 0.5, 1.5, 10, 3 FROM numbers(60)")


def check(engine, every_kind):
    """Every query is answered, with rows where the day has them; the page's day stands for the one that is there."""
    first, last = engine.table("SELECT toDate(min(event_ts)), toDate(max(event_ts)) + 1 FROM torghut.route")[0]
    engine.run("TRUNCATE TABLE torghut.ta_signals")
    signals(engine)
    found = queries()
    if len(found) < 8:
        raise Wrong(f"docs/clickhouse.md has {len(found)} queries")
    wrong = []
    for query in found:
        query = query.replace("2026-02-12", first).replace("2026-02-13", last)
        try:
            if not engine.rows(query) and every_kind:
                wrong.append(f"docs/clickhouse.md: no row comes of: {query}")
        except Exception as error:
            wrong.append(f"docs/clickhouse.md: {error}: {query}")
    if wrong:
        raise Wrong("\n".join(wrong))
    flat = engine.table("SELECT count(), uniqExact(ts), min(rsi), max(price), "
                        "any(JSONExtractFloat(signal_json, 'macd')) FROM torghut.ta_signals_flat")[0]
    if flat[0] != flat[1] or tuple(map(float, flat[2:])) != (41.5, 101.0, 1.5):
        raise Wrong(f"the flat view shows {flat}")
    return f"{len(found)} queries of docs/clickhouse.md, and the flat view"
