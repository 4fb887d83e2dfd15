internal import API
internal import Core
internal import Domain
internal import JSON
internal import Telemetry
internal import Wire

/// Takes decisions in over the API and puts them on the log, one append at a time.
///
/// The same decision is the same event: told again, it is answered again and not appended again. What this process has
/// forgotten is recognised by the role `commands`.
actor IntakeDesk {
    /// Decisions that are recognised here when they come again.
    static let maximumRemembered = 10_000
    /// Decisions that may wait for the log at once.
    static let maximumWaiting = 256
    /// Two writers of one name fence one another for a moment; who is fenced has written nothing, and tries again.
    static let maximumTries = 100
    static let wait: Duration = .seconds(10)
    /// Beside the decision: whose token brought it first.
    ///
    /// It is no part of the event, and of no id.
    static let actorHeader = "torghut-actor"

    struct Taken: Sendable {
        let hash: String
        let eventID: EventID
        let place: RecordPosition
        let isRepeated: Bool
    }

    private struct Known {
        /// Of everything that tells it apart; a record may be of a MiB, and many are remembered.
        let print: ContentHash
        let eventID: EventID
        let place: RecordPosition
    }

    private let log: any EventLog
    private let time: any TimeSource
    private let spans: IntakeSpans
    private let control: ControlPlaneMetrics
    private var lines = DecisionLine(source: "api")
    private var encoder = EventEncoder()
    private var writer: (any EventWriter)?
    private var seq: Int64 = 0
    private var known: [String: Known] = [:]
    private var order: [String] = []
    private var last: Task<Void, Never>?
    private var waiting = 0

    init(_ house: House) {
        log = house.log
        time = house.time
        spans = IntakeSpans(house)
        control = ControlPlaneMetrics(in: house.registry)
    }

    /// `actor` is the token's name, `caller` whose trace the decision belongs to, `span` what the request is in it.
    func take(
        _ body: [UInt8], by actor: String, _ caller: CallerTrace, _ span: ServerSpan?
    ) async throws -> Taken {
        guard waiting < Self.maximumWaiting else {
            control.refused(.intake)
            throw Problem(.logUnavailable, "\(waiting) decisions wait for the log (maximumWaiting)")
        }
        waiting += 1
        control.waits(waiting, in: .intake)
        defer {
            waiting -= 1
            control.waits(waiting, in: .intake)
        }
        // One after another: what two tell at once is told once.
        let before = last
        let work = Task { () async -> Result<Taken, any Error> in
            await before?.value
            do { return .success(try await takeNext(body, actor, caller, span)) } catch { return .failure(error) }
        }
        last = Task { _ = await work.value }
        return try await work.value.get()
    }

    func close() async { await writer?.close() }

    private func takeNext(
        _ body: [UInt8], _ actor: String, _ caller: CallerTrace, _ span: ServerSpan?
    ) async throws -> Taken {
        var event = try read(body)
        guard case .decisions(.decisionRecorded(let decision)) = event.content else {
            throw Problem(.invalidBody, "it is no decision")
        }
        let hash = decision.decisionHash.description
        // Everything but when it was taken in: that differs each time.
        var content = EventEncoder()
        var plain = event
        plain.envelope.ingestTime = plain.envelope.eventTime
        let print = EventMint.content(content.record(plain).value ?? [])
        if let known = known[hash] {
            guard known.print == print else {
                throw Problem(.conflict, "another decision with the identity \(hash) was taken in before")
            }
            return Taken(hash: hash, eventID: known.eventID, place: known.place, isRepeated: true)
        }
        seq += 1
        event.envelope.seq = seq
        // Below what tells decisions apart: told again in another trace it is the same decision.
        IntakeSpans.join(&event.envelope, caller)
        var record = encoder.record(event)
        if let state = caller.state { record.headers.append(Header("tracestate", Array(state.utf8))) }
        record.headers.append(Header(Self.actorHeader, Array(actor.utf8)))
        let start = time.now()
        let place = try await append(record)
        spans.sent(event.envelope, at: place, from: start, caller, span)
        remember(hash, Known(print: print, eventID: event.envelope.eventID, place: place))
        return Taken(hash: hash, eventID: event.envelope.eventID, place: place, isRepeated: false)
    }

    private func read(_ body: [UInt8]) throws -> Event {
        // Safe: the span is used only inside the call.
        do throws(LineError) { return try unsafe lines.event(body.span.bytes, at: time.now()) } catch {
            throw Problem(.invalidBody, "the decision does not hold: \(error)")
        }
    }

    private func remember(_ hash: String, _ entry: Known) {
        if order.count == Self.maximumRemembered { known[order.removeFirst()] = nil }
        known[hash] = entry
        order.append(hash)
    }

    private func append(_ record: NewRecord) async throws -> RecordPosition {
        let append = Append([record])
        do throws(LogError) { try LogLimits.check(append) } catch { throw Problem(.invalidBody, "\(error)") }
        var tries = 0
        while true {
            tries += 1
            do throws(LogError) {
                guard let place = try await open().append(append).first else { throw LogError(.append, .closed) }
                return place
            } catch {
                await writer?.close()
                writer = nil
                guard case .fenced = error.reason, tries < Self.maximumTries else { throw error }
            }
        }
    }

    private func open() async throws(LogError) -> any EventWriter {
        if let writer { return writer }
        let opened = try await log.writer(named: "torghut.api.decisions")
        writer = opened
        return opened
    }
}
