import Core
import Domain
import Testing

@Suite struct `The report of the shadow lane` {
    private static func told(_ deltas: [Int64]) -> ShadowOutcomes {
        var outcomes = ShadowOutcomes()
        for (number, delta) in deltas.enumerated() {
            var tale = ShadowTale("\(number)")
            tale.emitted()
            tale.simulated(10_000)
            tale.filled(10, at: Amount(10_000 + delta))
            _ = tale.judged()
            for (event, _) in tale.events { outcomes.fold(event) }
        }
        return outcomes
    }

    @Test func `counts each intent once, by the last word on it`() throws {
        let report = Self.told([0, 3, 10, 40]).report(since: .earliest)
        #expect(report.total == 4 && report.passes == 2 && report.drifts == 2 && report.waiting == 0)
        #expect(report.driftRatio == (try Amount("0.5")))
        #expect(report.averageDeltaBps == (try Amount("13.25")))
        #expect(report.failures.map(\.name) == ["execution_quality_drift"])
        #expect(Self.told([1]).report(since: .latest).total == 0)
        #expect(ShadowOutcomes().report(since: .earliest).driftRatio == nil)
    }

    @Test func `puts every delta into one bin, and not into too many`() throws {
        for deltas in [[0], [0, 3, 10, 40], [-400, 0, 5_000], [7, 7, 7]] as [[Int64]] {
            let report = Self.told(deltas).report(since: .earliest)
            let histogram = try #require(DeltaHistogram(report))
            #expect(histogram.bins.reduce(0) { $0 + $1.count } == deltas.count)
            #expect(histogram.bins.count <= 40)
            let first = try #require(histogram.bins.first), last = try #require(histogram.bins.last)
            #expect(first.count > 0 && last.count > 0)
        }
        #expect(DeltaHistogram(ShadowOutcomes().report(since: .earliest)) == nil)
    }
}
