internal import Core
internal import Domain
internal import JSON

/// A status as JSON: the original's fields keep their names, and ours stand beside them.
struct SystemText {
    private let status: SystemStatus
    private let stop: StopReading
    private let namespace: String
    private let house: House
    private let startedAt: Timestamp

    init(
        _ status: SystemStatus, _ stop: StopReading, _ namespace: String, _ house: House, startedAt: Timestamp
    ) {
        self.status = status
        self.stop = stop
        self.namespace = namespace
        self.house = house
        self.startedAt = startedAt
    }

    func bytes() -> [UInt8] {
        var json = JSONWriter(reserving: 32_768)
        json.object { json in
            json.field("service", "torghut")
            json.field("process", house.process)
            json.field("generated_at", status.at)
            json.field("status", status.isWell ? "healthy" : "degraded")
            json.key("degraded")
            json.array { json in for one in status.degraded { Self.degradation(one, &json) } }
            json.key("leader_election")
            elections(&json)
            json.key("controllers")
            json.array { json in for type in RoleCatalog.all { controller(type.name, &json) } }
            json.key("roles")
            json.array { json in for role in status.roles { self.role(role, &json) } }
            json.key("partitions")
            json.array { json in for partition in status.partitions { self.partition(partition, &json) } }
            json.key("runtime_adapters")
            json.array { json in for part in status.adapters + status.streams { adapter(part, &json) } }
            json.key("database")
            database(&json)
            json.key("log")
            log(&json)
            json.key("requirements")
            json.array { json in for one in status.requirements { Self.requirement(one, &json) } }
            json.key("lanes")
            lanes(&json)
            json.key("stops")
            stops(&json)
            json.key("feature_flags")
            FlagText(status, house, startedAt: startedAt).write(&json)
            json.key("namespaces")
            json.array { json in
                json.object { json in
                    json.field("namespace", namespace)
                    json.field("status", status.isWell ? "healthy" : "degraded")
                    json.key("degraded_components")
                    json.array { json in for name in Self.parts(status) { json.string(name) } }
                }
            }
        }
        return json.finish()
    }

    /// Each part that is ill, once.
    static func parts(_ status: SystemStatus) -> [String] { Set(status.degraded.map(\.part)).sorted() }

    private static func degradation(_ one: SystemFault, _ json: inout JSONWriter) {
        json.object { json in
            json.field("part", one.part)
            json.field("process", one.process?.text)
            json.field("what", one.what)
            json.field("because", one.because)
        }
    }

    /// Who leads in each role, and since when.
    private func elections(_ json: inout JSONWriter) {
        let own = status.roles.filter { $0.process.text == house.process }
        json.object { json in
            // On a journal nobody is elected: who starts later leads.
            json.field("enabled", status.evidence.log.engine == "kafka")
            json.field("identity", house.process)
            json.field("is_leader", own.contains { $0.leaderSince != nil })
            json.field("last_transition_at", own.compactMap(\.leaderSince).max())
            json.field("last_attempt_at", status.evidence.log.appendBegan ?? status.evidence.log.appendedAt)
            json.field("last_success_at", status.evidence.log.appendedAt)
            json.field("last_error", status.evidence.log.appendFault)
            json.key("roles")
            json.array { json in for type in RoleCatalog.all { election(type.name, &json) } }
        }
    }

    private func election(_ role: RoleName, _ json: inout JSONWriter) {
        let leader = status.leader(of: role)
        json.object { json in
            json.field("role", role.rawValue)
            json.field("identity", leader?.process.text)
            json.field("is_leader", leader?.process.text == house.process)
            json.field("last_transition_at", leader?.leaderSince)
            json.field("last_success_at", leader?.seenAt)
        }
    }

    private func controller(_ role: RoleName, _ json: inout JSONWriter) {
        let state = status.state(of: role)
        let named = status.roles.filter { $0.role == role && !$0.isReplaced && $0.state == state }
        let requirement = status.requirements.first { $0.role == role }
        json.object { json in
            json.field("name", role.rawValue)
            json.field("enabled", state != .disabled)
            json.field("started", state == .running || state == .degraded || state == .follower)
            json.field("status", state.rawValue)
            json.field(
                "message",
                named.isEmpty ? "no process was told to run it" : named.map(\.detail).first { !$0.isEmpty } ?? "")
            json.field("requirements_ready", requirement?.isReady ?? false)
            json.key("missing_requirements")
            json.array { json in for name in requirement?.missing ?? [] { json.string(name) } }
            json.field("last_checked_at", status.log.observedAt)
        }
    }

    private func role(_ role: RoleStanding, _ json: inout JSONWriter) {
        json.object { json in
            json.field("role", role.role.rawValue)
            json.field("process", role.process.text)
            json.field("state", role.isReplaced ? "replaced" : role.state.rawValue)
            json.field("said", role.said.rawValue)
            json.field("detail", role.detail)
            json.field("since", role.since)
            json.field("leader_since", role.leaderSince)
            json.field("started_at", role.startedAt)
            json.field("seen_at", role.seenAt)
            json.field("last_progress_at", role.lastProgressAt)
            json.field("lag", role.lag)
            json.field("idle", role.idleProved)
            json.key("orphans")
            json.array { json in for orphan in role.orphans { json.string(orphan.description) } }
        }
    }

    private func partition(_ partition: PartitionStanding, _ json: inout JSONWriter) {
        json.object { json in
            json.field("role", partition.role.rawValue)
            json.field("topic", partition.partition.topic.text)
            json.field("partition", partition.partition.partition)
            json.field("owner", partition.owner.text)
            json.field("owned_since", partition.ownedSince)
            json.field("state", partition.state.rawValue)
            json.field("position", partition.position)
            json.field("end", partition.end)
            json.field("lag", partition.lag)
            json.field("last_event_ts", partition.lastEventTime)
        }
    }
}

extension SystemText {
    private func adapter(_ part: PartStanding, _ json: inout JSONWriter) {
        json.object { json in
            json.field("name", part.part)
            json.field("available", part.state == .healthy)
            json.field("status", part.state.rawValue)
            json.field("message", part.detail)
            json.field("endpoint", part.address)
            json.field("source", part.source)
            json.field("observed_at", part.observedAt)
            json.field("age_ms", part.observedAt.map { Self.milliseconds(status.at.since($0)) })
            json.field("latency_us", part.latencyMicroseconds)
            let breaker = Adapter.allCases.first { $0.rawValue == part.part }.map {
                status.evidence.control.state.standing(of: $0).breaker.rawValue
            }
            json.field("breaker", breaker)
        }
    }

    private func database(_ json: inout JSONWriter) {
        let (part, found) = (status.database, status.evidence.database)
        json.object { json in
            json.field("configured", part != nil)
            json.field("connected", found?.answeredAt != nil && found?.fault == nil)
            json.field("status", part?.state.rawValue ?? "unknown")
            json.field("message", part?.detail ?? "was not asked yet")
            json.field("address", part?.address)
            json.field("tls", found?.seal.rawValue ?? "unknown")
            json.field("server_version", found?.serverVersion)
            json.key("latency_ms")
            if let latency = part?.latencyMicroseconds {
                json.raw(Array("\(latency / 1_000).\(String(1_000 + latency % 1_000).dropFirst())".utf8))
            } else {
                json.null()
            }
            json.field("observed_at", part?.observedAt)
            json.field("age_ms", part?.observedAt.map { Self.milliseconds(status.at.since($0)) })
        }
    }

    private func log(_ json: inout JSONWriter) {
        let log = status.evidence.log
        json.object { json in
            json.field("engine", log.engine)
            json.field("address", log.address)
            json.field("status", status.log.state.rawValue)
            json.field("message", status.log.detail)
            json.field("read_at", log.readAt)
            json.field("age_ms", log.readAt.map { Self.milliseconds(status.at.since($0)) })
            json.field("read_us", log.readMicroseconds)
            json.field("appended_at", log.appendedAt)
            json.field("append_us", log.appendMicroseconds)
            json.field("lag", status.partitions.reduce(Int64(0)) { $0 + ($1.lag ?? 0) })
            json.key("missing_topics")
            if let missing = log.missingTopics {
                json.array { json in for name in missing { json.string(name) } }
            } else {
                json.null()
            }
        }
    }

    private static func requirement(_ one: RoleRequirement, _ json: inout JSONWriter) {
        json.object { json in
            json.field("role", one.role.rawValue)
            json.field("ready", one.isReady)
            json.key("missing")
            json.array { json in for name in one.missing { json.string(name) } }
            json.key("unchecked")
            json.array { json in for name in one.unchecked { json.string(name) } }
        }
    }

    private func lanes(_ json: inout JSONWriter) {
        json.array { json in
            for lane in Lane.allCases {
                json.object { json in
                    json.field("lane", lane.rawValue)
                    json.field("mode", status.evidence.control.state.mode(of: lane).rawValue)
                }
            }
        }
    }

    private func stops(_ json: inout JSONWriter) {
        let control = status.evidence.control.state
        json.object { json in
            json.field("kill_switch_engaged", stop.isEngaged)
            json.field("kill_switch_state", stop.word)
            json.field("emergency_stop_active", control.stop.isLatched)
            json.field("emergency_stop_reason", control.stop.latches.last?.reasons.first?.text)
        }
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return max(0, parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000)
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    mutating func field(_ name: StaticString, _ number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    mutating func field(_ name: StaticString, _ number: Int?) { field(name, number.map { Int64($0) }) }

    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func field(_ name: StaticString, _ moment: Timestamp?) {
        key(name)
        if let moment { string("\(moment)") } else { null() }
    }
}
