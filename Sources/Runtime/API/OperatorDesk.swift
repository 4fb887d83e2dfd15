internal import API
internal import Commands
internal import Core
internal import Domain
internal import JSON

/// Says what a person decided over the API, by the code that the command line uses; the token names the person.
struct OperatorDesk: Sendable {
    /// How long the log may take to record a stop that holds already.
    static let killWait: Duration = .seconds(3)
    /// How long anything else may take.
    static let wait: Duration = .seconds(10)
    static let writerName = "torghut.api.operator"

    let house: House

    private var desk: ControlDesk {
        ControlDesk(
            house.log, house.time, source: SourceName(trusted: "api"), writerName: Self.writerName)
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

    func order(_ call: Call, _ scope: Scope) throws -> ControlOrder {
        let word = try word(call)
        return ControlOrder(scope: scope, actor: word.actor, reason: word.reason)
    }

    /// Says one thing, unless what is in force makes it needless.
    func say(_ make: @escaping @Sendable (ControlView) throws -> Control?) async throws -> RecordPosition? {
        try await within(Self.wait) { [house, desk] in
            let view = try await ControlView.read(house.log)
            guard let content = try make(view) else { return nil }
            return try await desk.say([ControlDesk.Word(content)]).first
        }
    }

    /// Stops here first, which needs neither log nor database; then everywhere it can be heard.
    func kill(_ call: Call) async throws -> [UInt8] {
        let word = try word(call)
        let note = KillNote(by: word.actor, for: word.reason, at: house.time.now(), process: house.process)
        let engaged = try latch.engage(note)
        let calls = await StopCalls.ring(house.settings.dataFolder, token: house.settings.controlToken?.reveal())
        let reached = calls.filter(\.hasStopped).prefix(256).compactMap(\.address)
        let missed = calls.filter { !$0.hasStopped }.prefix(256).compactMap(\.address)
        let recorded = await FirstAnswer.of(Self.killWait) { [desk] () async -> RecordPosition? in
            let words = [note.engagement(by: .command, reached: Array(reached), notReached: Array(missed))]
            // What cannot be recorded now is recorded by the next process that reaches the log.
            do throws(LogError) { return try await desk.say(words).first } catch { return nil }
        }
        var json = JSONWriter()
        json.object { json in
            json.key("engaged")
            json.bool(true)
            json.key("event_id")
            json.string("\(note.eventID)")
            json.key("durable")
            json.bool(engaged.isDurable)
            json.key("complete")
            json.bool(missed.isEmpty && (recorded ?? nil) != nil)
            for (name, list) in [("reached", reached), ("not_reached", missed)] {
                json.key(name)
                json.array { json in for address in list { json.string(address.text) } }
            }
            json.key("recorded_at")
            if let place = recorded ?? nil { json.string("\(place)") } else { json.null() }
        }
        return json.finish()
    }

    func resume(_ call: Call) async throws -> [UInt8] {
        let word = try word(call)
        let done = try await within(Self.wait) { [house, desk, latch] in
            try await StopDesk.resume(house.log, latch, by: word.actor, for: word.reason, through: desk)
        }
        return try Self.said(done.said.last, done.outcome)
    }

    func clearEmergency(_ call: Call) async throws -> [UInt8] {
        let word = try word(call)
        let done = try await within(Self.wait) { [house, desk] in
            try await StopDesk.clearEmergency(house.log, by: word.actor, for: word.reason, through: desk)
        }
        return try Self.said(done.said, done.outcome)
    }

    private static func said(_ place: RecordPosition?, _ outcome: StopDesk.Outcome) throws -> [UInt8] {
        switch outcome {
        case .released: return said(place, "released")
        case .wasNotEngaged: return said(place, "was not engaged")
        case .engagedAgain(let reason): throw Problem(.conflict, "engaged again meanwhile: \(reason)")
        case .latchedAgain: throw Problem(.conflict, "the latch of this machine was engaged again meanwhile")
        }
    }

    static func said(_ place: RecordPosition?, _ what: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("what")
            json.string(what)
            json.key("said_at")
            if let place { json.string("\(place)") } else { json.null() }
        }
        return json.finish()
    }

    /// A log that hangs is as good as none.
    func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let answer = await FirstAnswer.of(limit) { () async -> Result<Value, any Error> in
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let answer else { throw Problem(.logUnavailable, "the log did not answer within \(limit)") }
        do { return try answer.get() } catch let error as UnclearControl {
            throw Problem(.conflict, "\(error)")
        }
    }
}
