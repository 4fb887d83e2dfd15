"""Computes what the strategies see and say over made-up bars, with Python's decimals and nothing of ours.

Prints one line per bar: ema12 ema26 macd signal rsi volatility legacy tsmom, where a strategy's word is its side and
its confidence, or a dash. Numbers are billionths.
"""

import sys
from decimal import ROUND_HALF_EVEN, Decimal, getcontext

getcontext().prec = 80
NINE = Decimal("1e-9")
TWELVE = Decimal("1e-12")


def nine(x):
    return x.quantize(NINE, rounding=ROUND_HALF_EVEN)


def closes(seed, count):
    """A walk in cents that drifts up and down in turns; whole numbers only, so both sides make the same."""
    state, price = seed, 10_000
    for index in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        step = (state >> 33) % 61 - 30
        drift = 6 if (index // 40) % 2 == 0 else -6
        price = max(100, price + step + drift)
        yield Decimal(price) / 100


def volatility(returns):
    window = returns[-60:]
    n = len(window)
    if n < 2:
        return None
    units = [int(x * 10**12) for x in window]
    spread = n * sum(x * x for x in units) - sum(units) ** 2
    # The root is cut to whole units first: that is how the engine defines it.
    root = int(Decimal(spread).sqrt())
    while root * root > spread:
        root -= 1
    while (root + 1) ** 2 <= spread:
        root += 1
    return nine(Decimal(root) / (n * 10**12))


def legacy(f):
    if f["macd"] > f["signal"] and f["rsi"] < 35:
        return "buy 700000000"
    if f["macd"] < f["signal"] and f["rsi"] > 65:
        return "sell 700000000"
    return "-"


def tsmom(f):
    hist = f["macd"] - f["signal"]
    vol = f["vol"]
    if f["ema12"] > f["ema26"] and f["macd"] > f["signal"]:
        calm = vol is None or Decimal("0.001") <= vol <= Decimal("0.012")
        if hist >= Decimal("0.04") and 52 <= f["rsi"] <= 62 and calm:
            sure = Decimal("0.64")
            sure += Decimal("0.05") if hist >= Decimal("0.08") else 0
            sure += Decimal("0.03") if vol is not None and vol <= Decimal("0.008") else 0
            sure += Decimal("0.02") if f["rsi"] >= 62 else 0
            return f"buy {int(min(sure, Decimal('0.84')) * 10**9)}"
    if f["ema12"] < f["ema26"] and f["macd"] < f["signal"]:
        if Decimal("0.05") <= -hist <= Decimal("0.12") and f["rsi"] >= 66:
            sure = Decimal("0.62") + (Decimal("0.03") if f["rsi"] >= 72 else 0)
            return f"sell {int(min(sure, Decimal('0.80')) * 10**9)}"
    return "-"


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    ema12 = ema26 = signal = gain = loss = last = None
    returns = []
    for close in closes(seed, count):
        rsi = None
        if last is None:
            ema12 = ema26 = close
            signal = gain = loss = Decimal(0)
        else:
            ema12 = ema12 + nine((close - ema12) * 2 / 13)
            ema26 = ema26 + nine((close - ema26) * 2 / 27)
            signal = signal + nine((ema12 - ema26 - signal) * 2 / 10)
            change = close - last
            gain = gain + nine((max(change, Decimal(0)) - gain) / 14)
            loss = loss + nine((max(-change, Decimal(0)) - loss) / 14)
            rsi = nine(100 * gain / (gain + loss)) if gain + loss else Decimal(50)
            returns.append((close / last).ln().quantize(TWELVE, rounding=ROUND_HALF_EVEN))
        last = close
        f = {"ema12": ema12, "ema26": ema26, "macd": ema12 - ema26, "signal": signal, "rsi": rsi}
        f["vol"] = volatility(returns)
        said = ["-", "-"] if rsi is None else [legacy(f), tsmom(f)]
        numbers = ["-" if x is None else str(int(x * 10**9)) for x in f.values()]
        print(" ".join(numbers), *[word.replace(" ", ":") for word in said])


main()
