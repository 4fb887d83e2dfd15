import Core
import Domain
import Testing

@Suite struct `The status of the whole system` {
    private let start = Timestamp(nanoseconds: 1_790_000_000_000_000_000)

    private func moment(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: start.nanoseconds + seconds * 1_000_000_000)
    }

    private func beat(
        _ role: RoleName, _ state: RoleState = .running, _ detail: String? = nil
    ) throws -> HeartbeatRecorded {
        HeartbeatRecorded(
            process: ProcessName(trusted: "one"), role: role, state: state, startedAt: start, idleProved: true,
            progress: [], detail: try detail.map { try Prose($0) })
    }

    /// Everything seen and well at the moment 100.
    private func evidence(_ beats: HeartbeatRecorded...) -> SystemEvidence {
        var log = LogEvidence(engine: "journal", address: "journal:here", since: start)
        (log.readAt, log.appendedAt, log.missingTopics) = (moment(100), moment(98), [])
        var evidence = SystemEvidence(log: log)
        for beat in beats { evidence.roles.fold(beat, at: moment(98)) }
        var database = DatabaseEvidence(target: "here", askedAt: moment(99))
        (database.answeredAt, database.missingMigrations, database.missingReadModels) = (moment(99), [], [])
        evidence.database = database
        var lean = AdapterEvidence(.lean, address: "http://lean", isAsked: true)
        (lean.askedAt, lean.health) = (moment(98), .healthy)
        evidence.adapters = [lean, AdapterEvidence(.alpaca, address: nil, isAsked: false)]
        return evidence
    }

    private func judged(_ evidence: SystemEvidence, at seconds: Int64 = 100) -> SystemStatus {
        SystemStatus(evidence, at: moment(seconds))
    }

    @Test func `names nothing where everything is well, stands by, or was not asked to run`() throws {
        let status = judged(evidence(try beat(.router), try beat(.gates, .follower), try beat(.lanes, .disabled)))
        #expect(status.isWell && status.degraded.isEmpty, "\(status.degraded)")
        #expect(status.adapters.map(\.state) == [.healthy, .disabled])
        #expect(status.state(of: .gates) == .follower && status.state(of: .commands) == .disabled)
        #expect(status.leader(of: .router)?.process.text == "one" && status.leader(of: .gates) == nil)
    }

    @Test func `is green for nothing that was not seen lately`() throws {
        let status = judged(evidence(try beat(.router)), at: 120)
        #expect(Set(status.degraded.map(\.part)) == ["log", "database", "lean", "role router"])
        // Nobody hears a role while the log passes nothing on.
        #expect(status.degraded.first { $0.part == "role router" }?.because == "log")
    }

    @Test func `names the append that hangs, and the one that fails`() throws {
        var hanging = evidence()
        hanging.log.appendBegan = moment(95)
        #expect(judged(hanging).degraded.map(\.what) == ["degraded: has taken no append for 5 s"])
        var failing = evidence()
        failing.log.appendFault = "no room"
        #expect(judged(failing).degraded.map(\.what) == ["degraded: takes no appends: no room"])
    }

    @Test func `says what a role waits for, and names that too`() throws {
        var down = evidence(
            try beat(.projections, .unknown, "Postgres cannot be asked: it hangs"),
            try beat(.router, .degraded, "fenced"))
        down.database?.fault = "no answer"
        let faults = judged(down).degraded
        #expect(faults.map(\.part) == ["database", "role projections", "role router"])
        #expect(faults.map(\.because) == [nil, "database", nil])
        // The same word while the database is well for everybody else is that role's own fault.
        let own = judged(evidence(try beat(.projections, .unknown, "Postgres cannot be asked: it hangs"))).degraded
        #expect(own.map(\.part) == ["role projections"] && own.map(\.because) == [nil])
    }

    @Test func `names what is missing before a role can lead`() throws {
        var missing = evidence(try beat(.api))
        missing.log.missingTopics = ["torghut.route.v1"]
        missing.database?.missingMigrations = ["0002-views.sql"]
        missing.database?.missingReadModels = ["executions"]
        let status = judged(missing)
        let api = try #require(status.requirements.first { $0.role == .api })
        #expect(!api.isReady)
        #expect(api.missing == ["topic torghut.route.v1", "migration 0002-views.sql", "read model executions"])
        #expect(status.requirements.first { $0.role == .router }?.missing == ["topic torghut.route.v1"])
        #expect(Set(status.degraded.map(\.part)) == ["log", "database"])
    }

    @Test func `tells an adapter that nobody asks from one that is well`() throws {
        var unasked = evidence(try beat(.gates))
        unasked.adapters = [AdapterEvidence(.alpaca, address: "https://alpaca", isAsked: false)]
        #expect(judged(unasked).adapters.map(\.state) == [.unknown])
        #expect(judged(unasked).degraded.map(\.part) == ["alpaca"])
        unasked.roles = RoleSightings()
        #expect(judged(unasked).adapters.map(\.state) == [.disabled] && judged(unasked).isWell)
    }

    @Test func `follows who has the broker's stream, and how it is`() throws {
        func lease(_ ready: Int64?, until end: Int64, _ reason: String = "the stream is ready") throws -> SystemEvidence
        {
            var found = evidence(try beat(.ingest))
            let order = ControlOrder(
                scope: .global, actor: ActorName(trusted: "one"), reason: try Prose(reason))
            let account = AccountLabel(trusted: "paper")
            let taken = StreamLeaseTaken(
                order: order, stream: StreamLeaseTaken.updates(of: account), process: ProcessName(trusted: "one"),
                epoch: 1, expiresAt: moment(end), readyUntil: ready.map(moment))
            let envelope = Envelope(
                eventID: EventID(hashed: 1, 1), eventTime: start, ingestTime: start,
                source: SourceName(trusted: "test"), correlation: StoryID(hashed: 1, 1))
            found.control.fold(.streamLeaseTaken(taken), envelope, at: 0)
            return found
        }
        #expect(judged(try lease(150, until: 150)).streams.map(\.state) == [.healthy])
        #expect(judged(try lease(nil, until: 150)).streams.map(\.state) == [.degraded])
        #expect(judged(try lease(90, until: 90)).streams.map(\.state) == [.degraded])
        #expect(judged(try lease(nil, until: 50, "the stream is given back")).streams.map(\.state) == [.disabled])
        // Whose holder is silent is not known, and the holder is what is named.
        let silent = judged(try lease(150, until: 150), at: 113)
        #expect(silent.streams.map(\.state) == [.unknown])
        #expect(silent.degraded.first { $0.part.hasPrefix("stream") }?.because == "role ingest")
    }
}
