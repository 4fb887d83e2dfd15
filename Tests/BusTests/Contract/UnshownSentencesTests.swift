import Testing

@Suite struct `The log's contract: what the mock cluster cannot show` {
    /// Nothing is skipped silently: the run names what only a real cluster can prove of the Kafka engine.
    @Test func `is listed by name`() {
        let unshown = Engine.mockCluster.cannotShow.map { $0.rawValue }.sorted()
        #expect(!unshown.isEmpty)
        let elsewhere = Engine.realCluster.map { "shown on \($0.name)" } ?? "set TORGHUT_TEST_KAFKA to show them"
        print("Not shown on Kafka's mock cluster (\(elsewhere)):")
        for sentence in unshown { print("  - \(sentence)") }
        for sentence in Engine.mockCluster.cannotShow { #expect(!Engine.showing(sentence).isEmpty) }
    }
}
