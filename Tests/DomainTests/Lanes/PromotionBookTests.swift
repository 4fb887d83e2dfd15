import Core
import Domain
import Testing

@Suite struct `Whether a strategy may be promoted` {
    private static let strategy = StrategyID(trusted: "momentum")

    /// A strategy with so many evaluations and judged fills.
    private struct Record {
        var book = PromotionBook()
        private var count: UInt64 = 0

        mutating func fold(_ content: DomainEvent) {
            count += 1
            let isControl = content.type.family == .control
            book.fold(
                Event(
                    Envelope(
                        eventID: EventID(high: 5, low: count), eventTime: ShadowTale.start,
                        ingestTime: ShadowTale.start, account: isControl ? nil : ShadowTale.account,
                        symbol: isControl ? nil : Symbol(trusted: "AAPL"), source: SourceName(trusted: "test"),
                        correlation: StoryID(high: 1, low: count)), content),
                at: RecordPosition(TopicPartition(content.type.family.topic.name, 0), Int64(count)))
        }

        static func hash(_ number: Int) -> DecisionHash { DecisionHash(TestMint.hash(Array("p\(number)".utf8))) }

        static func evaluation(
            _ number: Int, _ status: ParityStatus, within: TriState = .yes,
            authority: AuthorityMode = .embeddedEngine
        ) -> StrategyShadowEvaluated {
            StrategyShadowEvaluated(
                runID: Label(trusted: "run-\(number)"), strategyID: strategy, decisionHash: hash(number),
                intentJSON: .emptyObject, shadowJSON: .emptyObject, parityStatus: status,
                governanceJSON: Governance(
                    promotionReady: false, parityMinimumMet: .unknown, governanceMinimumMet: .unknown),
                disableSwitchActive: false, authorityMode: authority, checksMet: within)
        }

        mutating func evaluate(_ numbers: Range<Int>, _ status: ParityStatus, within: TriState = .yes) {
            for number in numbers {
                fold(.strategyShadow(.strategyShadowEvaluated(Self.evaluation(number, status, within: within))))
            }
        }

        mutating func fill(_ numbers: Range<Int>, _ status: ParityStatus, revision: Int64 = 1) {
            for number in numbers {
                fold(
                    .shadow(
                        .shadowParityJudged(
                            ShadowParityJudged(
                                intentID: TestMint.mint.intentID(of: Self.hash(number), account: "paper"),
                                decisionHash: Self.hash(number), simulatedEventID: EventID(high: 1, low: 1),
                                strategyID: strategy, side: .buy, filledQty: 1, parityLimitBps: 3,
                                parityStatus: status, revision: revision))))
            }
        }

        var governance: Governance { book.record(of: strategy).governance(book.policy) }
    }

    @Test func `is answered by evidence alone, and the first that is missing is named`() {
        var record = Record()
        #expect(record.governance.blockingReason?.text == "too_few_evaluations")
        record.evaluate(0..<19, .pass)
        #expect(record.governance.blockingReason?.text == "too_few_evaluations")
        #expect(record.governance.parityMinimumMet == .unknown)
        record.evaluate(19..<20, .pass)
        #expect(record.governance.blockingReason?.text == "too_few_fills")
        record.fill(0..<20, .pass)
        #expect(record.governance.promotionReady)
        #expect(record.governance.evaluations == 20 && record.governance.fills == 20)
        record.evaluate(20..<34, .drift)
        #expect(record.governance.blockingReason?.text == "parity_below_minimum")
        #expect(!record.governance.promotionReady)
    }

    @Test func `takes back what a judgement had counted when it is amended`() {
        var record = Record()
        record.evaluate(0..<20, .pass)
        record.fill(0..<20, .drift)
        #expect(record.governance.blockingReason?.text == "fill_parity_below_minimum")
        record.fill(0..<20, .pass, revision: 2)
        #expect(record.governance.promotionReady)
        // The revision before it, read once more.
        record.fill(0..<20, .drift)
        #expect(record.governance.promotionReady)
    }

    @Test func `counts no scaffold, no evaluation twice, and nothing of another definition`() throws {
        var record = Record()
        for number in 0..<30 {
            record.fold(
                .strategyShadow(
                    .strategyShadowEvaluated(
                        Record.evaluation(number, .pass, authority: .deterministicScaffold))))
        }
        #expect(record.governance.evaluations == 0)
        record.evaluate(100..<110, .pass)
        record.evaluate(100..<110, .pass)
        #expect(record.governance.evaluations == 10)
        let order = ControlOrder(scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("a test"))
        record.fold(
            .control(
                .strategyEnabled(
                    StrategyEnabled(
                        order: order, strategyID: Self.strategy, definitionHash: ContentHash((1, 2, 3, 4))))))
        #expect(record.governance.evaluations == 0)
    }

    @Test func `needs its own limits kept`() {
        var record = Record()
        record.evaluate(0..<20, .pass, within: .unknown)
        #expect(record.governance.blockingReason?.text == "governance_not_measured")
        record.evaluate(20..<40, .pass, within: .no)
        #expect(record.governance.blockingReason?.text == "governance_below_minimum")
    }

    @Test func `goes on from its snapshot`() throws {
        var record = Record()
        record.evaluate(0..<25, .pass)
        record.fill(0..<25, .pass)
        let resumed = try PromotionBook(snapshot: record.book.snapshot).under(PromotionPolicy())
        #expect(resumed == record.book)
        #expect(resumed.record(of: Self.strategy).governance(resumed.policy) == record.governance)
    }
}
