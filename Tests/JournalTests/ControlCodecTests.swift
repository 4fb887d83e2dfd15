import Core
import TestSupport
import Testing

@testable import Journal

/// One of each; the switch below does not compile when a reason is added and not named here.
private let reasons: [LogError.Reason] = [
    .fenced(writer: "w"), .positionOutOfRange(TopicPartition("t", 3), asked: -4, Bounds(begin: 5, end: 6)),
    .anchorMismatch(TopicPartition("ä", 1), offset: .max), .unknownTopic(""),
    .unknownPartition(TopicPartition("t", -1)),
    .limitExceeded(name: "n", allowed: 7, actual: .max), .damaged(file: "f", byte: 8, what: "w"),
    .locked(holder: "h"), .noSpace("n"), .timedOut("t"), .unavailable("u"), .outcomeUnknown("o"), .refused("r"),
    .failed(String(repeating: "long", count: 50_000)), .closed,
]

private func number(_ reason: LogError.Reason) -> Int {
    switch reason {
    case .fenced: 0
    case .positionOutOfRange: 1
    case .anchorMismatch: 2
    case .unknownTopic: 3
    case .unknownPartition: 4
    case .limitExceeded: 5
    case .damaged: 6
    case .locked: 7
    case .noSpace: 8
    case .timedOut: 9
    case .unavailable: 10
    case .outcomeUnknown: 11
    case .refused: 12
    case .failed: 13
    case .closed: 14
    }
}

private let operations: [LogError.Operation] = [
    .open, .describe, .create, .adjust, .delete, .append, .read, .position, .join, .verify, .repair, .archive, .restore,
]

private let requests: [ControlRequest] = [
    .append(
        Append(
            [
                event("a", 0, 3), NewRecord(topic: "b", partition: .max, key: nil, value: nil),
                NewRecord(
                    topic: "a", partition: 1, key: [], value: [1, 2], headers: [Header("", nil), Header("ü", [])],
                    timestamp: .min),
            ],
            positions: [
                ConsumerPosition(consumer: "c", source: TopicPartition("p", 2), next: 9, anchor: nil),
                ConsumerPosition(
                    consumer: "", source: TopicPartition("a", 0), next: -1,
                    anchor: Anchor(offset: 1, timestamp: 2, hash: .max)),
            ]), as: WriterToken(name: "w", epoch: 4)),
    .append(Append([]), as: nil), .openWriter("name"), .closeWriter(WriterToken(name: "n", epoch: .max)),
    .create([
        TopicSpec(name: "t", partitions: 2, retentionMilliseconds: nil),
        TopicSpec(
            name: String(repeating: "n", count: 70_000), partitions: -1, retentionMilliseconds: -1, cleanup: .compact),
    ]),
    .adjust(TopicSpec(name: "t", partitions: 2, retentionMilliseconds: 0, cleanup: .compactAndDelete)),
    .delete("t"), .ping,
]

private func frame(_ request: ControlRequest, _ id: UInt64 = 1) -> ControlFrame {
    let (kind, body) = request.encode()
    return ControlFrame(kind: kind, request: id, body: body)
}

@Suite struct `Frames on the control socket` {
    @Test func `carry every reason and every operation of an error as it was`() throws {
        #expect(reasons.map(number) == Array(0..<15))
        for operation in operations {
            for reason in reasons {
                let error = LogError(operation, reason)
                var buffer = FrameBuffer()
                buffer.add(ControlReply.failed(error).frame(77)[...])
                let frame = try #require(try buffer.next())
                #expect(frame.request == 77)
                #expect(try ControlReply.decode(frame) == .failed(error))
            }
        }
    }

    @Test func `carry every request as it was, and refuse it when any byte of it is missing`() throws {
        for request in requests {
            let frame = frame(request)
            #expect(try ControlRequest.decode(frame) == request)
            for length in stride(from: 0, to: frame.body.count, by: max(1, frame.body.count / 500)) {
                let cut = ControlFrame(kind: frame.kind, request: 1, body: Array(frame.body.prefix(length)))
                #expect(throws: ByteReader.CutShort.self) { try ControlRequest.decode(cut) }
            }
            let long = ControlFrame(kind: frame.kind, request: 1, body: frame.body + [0])
            #expect(throws: ByteReader.CutShort.self) { try ControlRequest.decode(long) }
        }
    }

    @Test func `come out whole, however the stream was cut`() throws {
        let seed: UInt64 = 5
        var random = SplitMix64(seed: seed)
        let frames = requests.enumerated().map { frame($0.element, UInt64($0.offset)) }
        let stream = frames.flatMap { $0.encode() }
        for _ in 0..<20 {
            var buffer = FrameBuffer()
            var got: [ControlFrame] = []
            var place = 0
            while place < stream.count {
                let end = min(stream.count, place + Int.random(in: 1...9_000, using: &random))
                buffer.add(stream[place..<end])
                place = end
                while let frame = try buffer.next() { got.append(frame) }
            }
            #expect(got == frames && buffer.count == 0, "seed \(seed)")
        }
    }

    @Test func `of any bytes at all end in a request or a refusal`() throws {
        let seed: UInt64 = 1_234
        var random = SplitMix64(seed: seed)
        var refused = 0
        for _ in 0..<4_000 {
            let request = requests[[0, 2, 3, 5].randomElement(using: &random) ?? 0]
            var body = request.encode().body
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            let kind = UInt16.random(in: 0..<9, using: &random)
            let frame = ControlFrame(kind: kind, request: 1, body: body)
            do { _ = try ControlRequest.decode(frame) } catch { refused += 1 }
        }
        #expect(refused > 1_000, "seed \(seed)")
    }

    @Test func `fit the largest append there is`() throws {
        let value = [UInt8](repeating: 1, count: 160)
        let records = (0..<LogLimits.maximumAppendRecords).map { number in
            NewRecord(
                topic: String(repeating: "t", count: 243) + "\(100_000 + number % 10_000)", partition: 0, key: nil,
                value: value)
        }
        let positions = (0..<10_000).map { number in
            ConsumerPosition(
                consumer: String(repeating: "c", count: LogLimits.maximumConsumerNameBytes),
                source: TopicPartition(records[number].topic, 0), next: 0,
                anchor: Anchor(offset: 0, timestamp: 0, hash: 0))
        }
        let append = Append(records, positions: positions)
        try LogLimits.check(append)
        let bytes = ControlRequest.append(append, as: nil).encode().body.count
        let unused = LogLimits.maximumAppendBytes - records.count * value.count
        #expect(bytes + unused <= ControlFrame.maximumBodyBytes)
    }
}
