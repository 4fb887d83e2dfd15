internal import API
internal import Commands
internal import Core
internal import Domain
internal import JSON
internal import Telemetry

/// Says what a person decided over the API, by the code that the command line uses; the token names the person.
struct OperatorDesk: Sendable {
    /// How long the log may take to record a stop that holds already.
    static let killWait: Duration = .seconds(3)
    /// How long anything else may take.
    static let wait: Duration = .seconds(10)
    /// How long whatever reads a topic of every symbol may take.
    static let scanWait: Duration = .seconds(30)
    static let writerName = "torghut.api.operator"

    static let killWriterName = "torghut.api.kill"
    static let source = SourceName(trusted: "api")

    let house: House
    /// The house's log, where operators write one after another.
    let log: any EventLog

    init(house: House) {
        self.house = house
        log = OperatorLog(log: house.log)
    }

    private var desk: ControlDesk {
        ControlDesk(log, house.time, source: Self.source, writerName: Self.writerName)
    }

    private var latch: KillLatch { KillLatch(dataFolder: house.settings.dataFolder) }

    /// Who and why: the token's name, and the body's reason.
    func word(_ call: Call) throws -> (actor: ActorName, reason: Prose) {
        var parser = JSONParser()
        let reason = try parser.parse(call.body).field("reason")?.string ?? ""
        do { return (try ActorName(call.caller.name), try Prose(reason)) } catch {
            throw Problem(.invalidBody, "reason: \(error)", faults: [Problem.Fault("$.reason", "\(error)")])
        }
    }

    /// The same, for what the command line does too.
    func origin(_ call: Call) throws -> OperatorOrigin {
        let word = try word(call)
        return OperatorOrigin(actor: word.actor, reason: word.reason, source: Self.source)
    }

    /// Says one thing, unless what is in force makes it needless.
    func say(given make: @escaping @Sendable (ControlView) throws -> Control?) async throws -> RecordPosition? {
        try await within(Self.wait) { [desk] in
            try await desk.say { log in try make(try await ControlView.read(log)) }
        }
    }

    /// Says one thing, whatever is in force.
    func say(_ content: Control) async throws -> RecordPosition? {
        try await within(Self.wait) { [desk] in try await desk.say([ControlDesk.Word(content)]).first }
    }

    func enable(
        _ strategy: StrategyID, definition: CompactJSON?, hash: ContentHash?, parity: EventID?, _ origin: OperatorOrigin
    ) async throws -> RecordPosition? {
        try await within(Self.scanWait) { [desk] in
            try await StrategyDesk.enable(
                strategy, definition: definition, hash: hash, parity: parity, origin, through: desk)
        }
    }

    func recordPolicy(_ origin: OperatorOrigin) async throws -> RecordPosition? {
        try await within(Self.wait) { [house, desk] in
            try await PolicyDesk.record(house.settings.policy, origin, through: desk)
        }
    }

    /// Stops here first, which needs neither log nor database; then everywhere it can be heard.
    func kill(_ call: Call) async throws -> [UInt8] {
        let word = try word(call)
        let note = KillNote(by: word.actor, for: word.reason, at: house.time.now(), process: house.process)
        let isDurable = engage(note)
        let calls = await StopCalls.ring(house.settings.dataFolder, token: house.settings.controlToken?.reveal())
        let reached = calls.filter(\.hasStopped).prefix(256).compactMap(\.address)
        let missed = calls.filter { !$0.hasStopped }.prefix(256).compactMap(\.address)
        // A stop waits in no line behind others.
        let stopping = ControlDesk(log, house.time, source: Self.source, writerName: Self.killWriterName)
        let recorded = await FirstAnswer.of(Self.killWait) { [stopping] () async -> RecordPosition? in
            let words = [note.engagement(by: .command, reached: Array(reached), notReached: Array(missed))]
            // What cannot be recorded now is recorded by the next process that reaches the log.
            do throws(LogError) { return try await stopping.say(words).first } catch { return nil }
        }
        guard isDurable != nil || (recorded ?? nil) != nil else {
            throw Problem(
                .logUnavailable,
                "NOT STOPPED: neither the latch of this machine nor the log took it; \(reached.count) processes were "
                    + "reached, \(missed.count) were not. Stop them by other means, and say it again")
        }
        var json = JSONWriter()
        json.object { json in
            json.key("engaged")
            json.bool(true)
            json.key("event_id")
            json.string("\(note.eventID)")
            json.key("durable")
            json.bool(isDurable ?? false)
            json.key("complete")
            json.bool(isDurable != nil && missed.isEmpty && (recorded ?? nil) != nil)
            for (name, list) in [("reached", reached), ("not_reached", missed)] {
                json.key(name)
                json.array { json in for address in list { json.string(address.text) } }
            }
            json.key("recorded_at")
            if let place = recorded ?? nil { json.string("\(place)") } else { json.null() }
        }
        return json.finish()
    }

    /// Whether the latch survives a power cut; `nil` when it could not be made.
    ///
    /// A stop goes on without it: everybody else can still be told.
    private func engage(_ note: KillNote) -> Bool? {
        do throws(KillLatchError) { return try latch.engage(note).isDurable } catch {
            house.logbook.error("kill_latch_not_made", ["why": .failure(error)])
            return nil
        }
    }

    func resume(_ call: Call) async throws -> Mutation.Said {
        let word = try word(call)
        let done = try await within(Self.wait) { [log, desk, latch] in
            try await StopDesk.resume(log, latch, by: word.actor, for: word.reason, through: desk)
        }
        return try Self.said(done.said.last, done.outcome)
    }

    func latchEmergency(_ call: Call) async throws -> Mutation.Said {
        let word = try word(call)
        let place = try await within(Self.wait) { [house, desk] in
            try await StopDesk.latchEmergency(by: word.actor, for: word.reason, at: house.time.now(), through: desk)
        }
        return Mutation.Said("latched", at: place)
    }

    func clearEmergency(_ call: Call) async throws -> Mutation.Said {
        let word = try word(call)
        let done = try await within(Self.wait) { [log, desk] in
            try await StopDesk.clearEmergency(log, by: word.actor, for: word.reason, through: desk)
        }
        return try Self.said(done.said, done.outcome)
    }

    private static func said(_ place: RecordPosition?, _ outcome: StopDesk.Outcome) throws -> Mutation.Said {
        switch outcome {
        case .released: return Mutation.Said("released", at: place)
        case .wasNotEngaged: return Mutation.Said("was not engaged", at: place)
        case .engagedAgain(let reason): throw Problem(.conflict, "engaged again meanwhile: \(reason)")
        case .latchedAgain: throw Problem(.conflict, "the latch of this machine was engaged again meanwhile")
        }
    }

    /// A log that hangs is as good as none.
    func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let answer = await FirstAnswer.of(limit) { () async -> Result<Value, any Error> in
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let answer else {
            throw Problem(
                .logUnavailable,
                "the log did not answer within \(limit); what was on its way to it may still be recorded: look first")
        }
        do { return try answer.get() } catch let error as UnclearControl {
            throw Problem(.conflict, "\(error)")
        } catch let refusal as OperatorRefusal { throw Problem(refusal) }
    }
}
