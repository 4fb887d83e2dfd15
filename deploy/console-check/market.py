"""A day of bars for a backtest: a seeded walk of one symbol, the same in every run."""

import random
from datetime import datetime, timedelta, timezone


def bars(path, symbol="BTC/USD", count=720, seed=9):
    """Minutes side by side, each beginning where the one before ended."""
    dice = random.Random(seed)
    at = datetime(2026, 2, 12, tzinfo=timezone.utc)
    price, drift = 96_000.0, 0.0
    lines = ["ts,symbol,open,high,low,close,volume"]
    for _ in range(count):
        # Moods that last, so that a strategy has something to follow.
        drift = 0.97 * drift + dice.gauss(0, 3.0)
        close = max(1.0, price + drift + dice.gauss(0, 25.0))
        high = max(price, close) + abs(dice.gauss(0, 12.0))
        low = min(price, close) - abs(dice.gauss(0, 12.0))
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{symbol},{price:.2f},{high:.2f},{low:.2f},{close:.2f},"
                     f"{dice.uniform(20, 60):.4f}")
        price = float(f"{close:.2f}")
        at += timedelta(minutes=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
