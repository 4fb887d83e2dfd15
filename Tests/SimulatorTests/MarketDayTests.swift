import TestSupport
import Testing

@Suite struct `The simulated market's past` {
    /// Read by Python: another reader than the one that shall take it.
    @Test func `is written once, the same each time, minute after minute`() async throws {
        let verdict = try await Scripts.run(
            """
            import csv, decimal, os, subprocess, tempfile
            folder = tempfile.mkdtemp()
            def begin(name):
                p = subprocess.Popen(["\(Simulator.path)", "alpaca", "--symbols", "AAPL,BTC/USD", "--until-eof",
                    "--bars", folder + name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                assert p.stdout.readline()
                p.stdin.close()
                assert p.wait(timeout=10) == 0
                return open(folder + name).read()
            first = begin("/not/there/yet/bars.csv")
            assert first == begin("/bars.csv")
            assert sorted(os.listdir(folder)) == ["bars.csv", "not"]
            rows = list(csv.DictReader(first.splitlines()))
            last = {}
            for row in rows:
                low, high = decimal.Decimal(row["low"]), decimal.Decimal(row["high"])
                for name in ("open", "close"): assert 0 < low <= decimal.Decimal(row[name]) <= high, row
                if row["symbol"] in last: assert last[row["symbol"]]["close"] == row["open"], row
                last[row["symbol"]] = row
            assert len(rows) == 2 * 2880 and set(last) == {"AAPL", "BTC/USD"}
            assert rows[0]["ts"] == "2026-02-12T00:00:00Z" and rows[-1]["ts"] == "2026-02-13T23:59:00Z"
            open(folder + "/bars.csv", "w").write("somebody's own")
            assert begin("/bars.csv") == "somebody's own"
            print("ok")
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}
