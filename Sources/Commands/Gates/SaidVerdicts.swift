public import Core
public import Domain
internal import Folding

/// The verdicts that lie on a log, looked up one after another: a bounded number of them is held.
public final class SaidVerdicts {
    /// So far ahead of the one that is asked for others are looked at: further away it counts as missing.
    public static let maximumAhead = 4_096

    private let cursor: ReplayCursor
    private let isMeant: (CanaryJudged) -> Bool
    private var ahead: [EventID: Event] = [:]
    /// The order in which they were read; some were taken since.
    private var read: [EventID] = []
    private var next = 0
    private var isAtEnd = false
    /// Records that could not be read.
    public private(set) var faults: [String] = []

    private init(_ cursor: ReplayCursor, _ isMeant: @escaping (CanaryJudged) -> Bool) {
        self.cursor = cursor
        self.isMeant = isMeant
    }

    /// `nil` when the log has no such topic.
    public nonisolated(nonsending) static func open(
        _ log: any EventLog, where isMeant: @escaping (CanaryJudged) -> Bool
    ) async throws(LogError) -> SaidVerdicts? {
        let known = try await log.describe()
        guard known.contains(where: { $0.name == TopicCatalog.canary.name }) else { return nil }
        let source = TopicPartition(TopicCatalog.canary.name, 0)
        return SaidVerdicts(
            try await ReplayCursor.open(log, source, wanting: [.canary(.canaryJudged)]), isMeant)
    }

    public nonisolated(nonsending) func close() async { await cursor.close() }

    /// What was said under this id; `nil` when nothing was.
    public nonisolated(nonsending) func take(_ id: EventID) async throws(LogError) -> Event? {
        if let event = ahead.removeValue(forKey: id) { return event }
        while ahead.count < Self.maximumAhead, let event = try await following() {
            if event.envelope.eventID == id { return event }
            keep(event)
        }
        return nil
    }

    /// The oldest that nobody asked for, once as many are held as may be, or once all were asked for.
    public nonisolated(nonsending) func unasked(isLast: Bool) async throws(LogError) -> Event? {
        if isLast, ahead.isEmpty, let event = try await following() { return event }
        guard isLast || ahead.count >= Self.maximumAhead else { return nil }
        while next < read.count {
            let id = read[next]
            next += 1
            if next > Self.maximumAhead {
                read.removeFirst(next)
                next = 0
            }
            if let event = ahead.removeValue(forKey: id) { return event }
        }
        return nil
    }

    /// The same one twice is not what was said once.
    private func keep(_ event: Event) {
        let id = event.envelope.eventID
        if ahead[id] != nil { faults.append("\(id) is there twice") }
        ahead[id] = event
        read.append(id)
    }

    private nonisolated(nonsending) func following() async throws(LogError) -> Event? {
        while !isAtEnd {
            guard let (record, place) = try await cursor.next(before: .max) else {
                isAtEnd = true
                return nil
            }
            switch record.content {
            case .fact(let event):
                if case .canary(.canaryJudged(let verdict)) = event.content, isMeant(verdict) { return event }
            case .unreadable(let fault):
                if faults.count < VerdictReplay.maximumFaults { faults.append("\(place): \(fault.description)") }
            }
        }
        return nil
    }
}
