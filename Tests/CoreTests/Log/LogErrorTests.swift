import Core
import Testing

@Suite struct `A failure of the log` {
    private static let source = TopicPartition("torghut.route.v1", 3)

    static let dispositions: [(LogError.Reason, Disposition)] = [
        (.fenced(writer: "w"), .reopen),
        (.positionOutOfRange(source, asked: 9, Bounds(begin: 1, end: 5)), .halt),
        (.anchorMismatch(source, offset: 4), .halt),
        (.unknownTopic("t"), .reject),
        (.unknownPartition(source), .reject),
        (.limitExceeded(name: "maximumRecordBytes", allowed: 1, actual: 2), .reject),
        (.damaged(file: "f", byte: 7, what: "checksum"), .halt),
        (.locked(holder: "pid 5"), .retry),
        (.noSpace("disk"), .retry),
        (.timedOut("append"), .retry),
        (.unavailable("broker"), .retry),
        (.outcomeUnknown("append"), .reopen),
        (.refused("no"), .reject),
        (.failed("fsync"), .halt),
        (.closed, .reopen),
    ]

    @Test(arguments: dispositions)
    func `says what its caller may do`(reason: LogError.Reason, disposition: Disposition) {
        #expect(LogError(.append, reason).disposition == disposition)
    }

    @Test(arguments: dispositions)
    func `says in words what was tried and what stood in the way`(reason: LogError.Reason, _: Disposition) {
        let text = LogError(.read, reason).description
        #expect(text.hasPrefix("log read: "))
        #expect(text.count > "log read: ".count)
    }

    @Test func `names the place and the next step`() {
        let text = LogError(.open, .damaged(file: "0001.seg", byte: 512, what: "wrong checksum")).description
        #expect(text.contains("0001.seg") && text.contains("512") && text.contains("torghut log repair"))
    }

    @Test func `positions print as causes are named, and sort by topic, partition and offset`() {
        let positions = [("b", 0, 1), ("a", 10, 0), ("a", 2, 5), ("a", 2, 40)].map {
            RecordPosition(TopicPartition($0.0, Int32($0.1)), Int64($0.2))
        }
        #expect(positions.sorted().map(\.description) == ["a/2/5", "a/2/40", "a/10/0", "b/0/1"])
    }
}
