import Core
import Domain
import TestSupport
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
            authority: AuthorityMode = .embeddedEngine, under definition: ContentHash? = nil
        ) -> StrategyShadowEvaluated {
            StrategyShadowEvaluated(
                runID: Label(trusted: "run-\(number)"), strategyID: strategy, decisionHash: hash(number),
                intentJSON: .emptyObject, shadowJSON: .emptyObject, parityStatus: status,
                governanceJSON: Governance(
                    promotionReady: false, parityMinimumMet: .unknown, governanceMinimumMet: .unknown),
                disableSwitchActive: false, authorityMode: authority, checksMet: within, definitionHash: definition)
        }

        mutating func evaluate(_ numbers: Range<Int>, _ status: ParityStatus, within: TriState = .yes) {
            for number in numbers {
                fold(.strategyShadow(.strategyShadowEvaluated(Self.evaluation(number, status, within: within))))
            }
        }

        mutating func fill(_ numbers: Range<Int>, _ status: ParityStatus, revision: Int64 = 1) {
            for number in numbers { fold(Self.judgement(number, status, revision)) }
        }

        static func judgement(_ number: Int, _ status: ParityStatus, _ revision: Int64) -> DomainEvent {
            .shadow(
                .shadowParityJudged(
                    ShadowParityJudged(
                        intentID: TestMint.mint.intentID(of: hash(number), account: "paper"),
                        decisionHash: hash(number), simulatedEventID: EventID(high: 1, low: 1),
                        strategyID: strategy, side: .buy, filledQty: 1, parityLimitBps: 3,
                        parityStatus: status, revision: revision)))
        }

        var governance: Governance { book.record(of: strategy, on: ShadowTale.account).governance(book.policy) }
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

    private static func enabled(_ definition: ContentHash) throws -> DomainEvent {
        let order = ControlOrder(scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("a test"))
        return .control(
            .strategyEnabled(StrategyEnabled(order: order, strategyID: strategy, definitionHash: definition)))
    }

    @Test func `counts each fill for the definition its intent was evaluated under, and never below zero`() throws {
        let (first, second) = (ContentHash((1, 2, 3, 4)), ContentHash((5, 6, 7, 8)))
        var record = Record()
        record.fold(try Self.enabled(first))
        for number in 0..<20 {
            record.fold(.strategyShadow(.strategyShadowEvaluated(Record.evaluation(number, .pass, under: first))))
        }
        record.fill(0..<10, .pass)
        record.fold(try Self.enabled(second))
        // Orders of the one before come to their end, and one is corrected.
        record.fill(10..<20, .pass)
        record.fill(0..<1, .drift, revision: 2)
        #expect(record.governance.evaluations == 0 && record.governance.fills == 0)
        #expect(record.governance.fillScore == nil)
        record.fold(try Self.enabled(first))
        #expect(record.governance.evaluations == 20 && record.governance.fills == 20)
    }

    @Test func `counts nothing that could be counted twice, and nothing of another account`() {
        var record = Record()
        for _ in 0..<20 {
            var event = Record.evaluation(1, .pass)
            event.decisionHash = nil
            record.fold(.strategyShadow(.strategyShadowEvaluated(event)))
        }
        #expect(record.governance.evaluations == 0)
        record.evaluate(0..<20, .pass)
        let live = record.book.record(of: Self.strategy, on: AccountLabel(trusted: "live"))
        #expect(live.governance(record.book.policy).evaluations == 0)
    }

    @Test(arguments: 1...20) func `says the same whichever topic was read first`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let definitions = [ContentHash((1, 2, 3, 4)), ContentHash((5, 6, 7, 8))]
        var topics: [[DomainEvent]] = [[], [], []]
        for number in 0..<12 {
            let definition = definitions[Int(random.next() % 2)]
            topics[0].append(try Self.enabled(definition))
            topics[1].append(
                .strategyShadow(
                    .strategyShadowEvaluated(
                        Record.evaluation(number, random.next() % 2 == 0 ? .pass : .drift, under: definition))))
        }
        for revision in 1...3 as ClosedRange<Int64> {
            for number in 0..<12 {
                topics[2].append(Record.judgement(number, random.next() % 2 == 0 ? .pass : .drift, revision))
            }
        }
        var books: [PromotionBook] = []
        for _ in 0..<5 {
            var (rest, record) = (topics.map { $0[...] }, Record())
            while rest.contains(where: { !$0.isEmpty }) {
                let turn = Int(random.next() % 3)
                if let event = rest[turn].popFirst() { record.fold(event) }
            }
            books.append(record.book)
        }
        #expect(books.allSatisfy { $0.strategies == books[0].strategies }, "seed \(seed)")
        #expect(books[0].strategies.reduce(0) { $0 + $1.fillPasses + $1.fillDrifts } == 12, "seed \(seed)")
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
        #expect(
            resumed.record(of: Self.strategy, on: ShadowTale.account).governance(resumed.policy) == record.governance)
    }
}
