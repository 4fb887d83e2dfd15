public import Core
public import Domain
internal import Wire

/// Where an operator, or a part of the program in his place, says on control.v1 what is in force.
public struct ControlDesk: Sendable {
    /// Two commands at once fence one another for a moment; who is fenced has written nothing, and tries again.
    static let maximumTries = 100
    /// Of whoever says what follows from what is in force, at the command line and at the API: they meet under it.
    static let judgedWriterName = "torghut.operator.control"

    private let log: any EventLog
    private let time: any TimeSource
    private let source: SourceName
    private let writerName: String

    public init(_ log: any EventLog, _ time: any TimeSource, source: SourceName, writerName: String) {
        self.log = log
        self.time = time
        self.source = source
        self.writerName = writerName
    }

    /// One thing to say; without an id of its own it gets one from who says it and when.
    public struct Word: Sendable, Equatable {
        public let content: Control
        public let eventID: EventID?

        public init(_ content: Control, eventID: EventID? = nil) {
            self.content = content
            self.eventID = eventID
        }

        fileprivate var isStop: Bool {
            if case .killSwitchEngaged = content { true } else { false }
        }
    }

    /// All of them in this order, in one append; answers where they lie.
    public func say(_ words: [Word]) async throws(LogError) -> [RecordPosition] {
        let now = time.now()
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        for (number, word) in words.enumerated() { records.append(encoder.record(event(word, number, now))) }
        let append = Append(records)
        let isStop = words.contains(where: \.isStop)
        var tries = 0
        while true {
            tries += 1
            do throws(LogError) { return try await write(append, evenLate: isStop) } catch {
                guard case .fenced = error.reason, tries < Self.maximumTries else { throw error }
            }
        }
    }

    /// Says what `make` finds to be said, and nothing else of the kind comes between its look and its word.
    ///
    /// Of two at once the second sees what the first has said.
    public func say(
        judging make: (any EventLog) async throws -> Control?
    ) async throws -> RecordPosition? {
        try await JudgedAppend.append(to: log, as: Self.judgedWriterName) { log in
            guard let content = try await make(log) else { return [] }
            var encoder = EventEncoder()
            return [encoder.record(event(Word(content), 0, time.now()))]
        }.first
    }

    private func write(_ append: Append, evenLate isStop: Bool) async throws(LogError) -> [RecordPosition] {
        let writer = try await log.writer(named: writerName)
        let outcome: Result<[RecordPosition], LogError>
        do throws(LogError) {
            // A stop holds already, and is recorded however late.
            if !isStop { try GivenUp.check() }
            outcome = .success(try await writer.append(append))
        } catch { outcome = .failure(error) }
        await writer.close()
        return try outcome.get()
    }

    private func event(_ word: Word, _ number: Int, _ now: Timestamp) -> Event {
        let made = EventMint.eventID(
            .outside(
                source: source.text, key: "\(word.content.kind.rawValue)/\(number)/\(now.nanoseconds)/\(writerName)"))
        let id = word.eventID ?? made
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, seq: Int64(number), source: source,
            correlation: StoryID(high: id.high, low: id.low))
        return Event(envelope, .control(word.content))
    }
}
