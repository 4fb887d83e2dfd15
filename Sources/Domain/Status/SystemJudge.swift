internal import Core

/// What is thought of each part; green needs evidence that is not too old.
struct SystemJudge {
    let evidence: SystemEvidence
    let roles: [RoleStanding]
    let now: Timestamp
    let limits: SystemLimits

    static func seconds(_ duration: Duration) -> Int64 { max(0, duration.components.seconds) }

    static func log(_ log: LogEvidence, at now: Timestamp, _ limits: SystemLimits) -> PartStanding {
        var faults: [String] = []
        let unread = now.since(log.readAt ?? log.since)
        if unread >= limits.reading {
            faults.append(
                "was not read to its end for \(seconds(unread)) s" + (log.readFault.map { ": \($0)" } ?? ""))
        }
        if let began = log.appendBegan, now.since(began) >= limits.appending {
            faults.append("has taken no append for \(seconds(now.since(began))) s")
        } else if let fault = log.appendFault {
            faults.append("takes no appends: \(fault)")
        }
        if let missing = log.missingTopics, !missing.isEmpty {
            faults.append("has no \(missing.joined(separator: ", ")); 'torghut topics apply' makes them")
        }
        let state: PartStanding.State = faults.isEmpty ? (log.readAt == nil ? .unknown : .healthy) : .degraded
        return PartStanding(
            "log", state, faults.joined(separator: "; "), address: log.address, observedAt: log.readAt,
            latencyMicroseconds: log.appendMicroseconds ?? log.readMicroseconds)
    }

    static func database(
        _ database: DatabaseEvidence, at now: Timestamp, _ limits: SystemLimits
    ) -> PartStanding {
        var standing = PartStanding(
            "database", .healthy, address: database.target, observedAt: database.answeredAt,
            latencyMicroseconds: database.latencyMicroseconds)
        var faults: [String] = []
        if let fault = database.fault {
            faults.append(fault)
        } else if let answered = database.answeredAt, now.since(answered) >= limits.database {
            faults.append("has not answered for \(seconds(now.since(answered))) s")
        } else if database.answeredAt == nil {
            standing.state = .unknown
            standing.detail = "was not asked yet"
            return standing
        }
        if let fault = database.migrationFault { faults.append(fault) }
        if let missing = database.missingMigrations, !missing.isEmpty {
            faults.append("lacks the migrations \(missing.joined(separator: ", "))")
        }
        if let missing = database.missingReadModels, !missing.isEmpty {
            faults.append("lacks the read models \(missing.joined(separator: ", "))")
        }
        if !database.outdatedReadModels.isEmpty {
            faults.append("has outdated read models: \(database.outdatedReadModels.joined(separator: ", "))")
        }
        if !faults.isEmpty { (standing.state, standing.detail) = (.degraded, faults.joined(separator: "; ")) }
        return standing
    }

    /// What this process heard when it asked, and what others wrote down: the worse of the two, while it is fresh.
    func adapter(_ one: AdapterEvidence) -> PartStanding {
        let part = one.adapter.rawValue
        let told = evidence.control.adapters[one.adapter]
        guard let address = one.address else { return PartStanding(part, .disabled, "no address is named") }
        let isToldIll = told.map { $0.health != .healthy && now.since($0.observedAt) < limits.adapter } ?? false
        guard one.isAsked else { return unasked(part, address, told, isToldIll) }
        guard let health = one.health, let askedAt = one.askedAt else {
            return PartStanding(part, .unknown, "was not asked yet", address: address)
        }
        var standing = PartStanding(
            part, .healthy, one.detail, address: address, observedAt: askedAt,
            latencyMicroseconds: one.latencyMicroseconds)
        if now.since(askedAt) >= limits.adapter {
            standing.state = .degraded
            standing.detail = "has not answered for \(Self.seconds(now.since(askedAt))) s"
        } else if health != .healthy {
            standing.state = .degraded
        } else if isToldIll, let told, told.observedAt > askedAt {
            standing.state = .degraded
            (standing.detail, standing.source, standing.observedAt) = (told.detail, told.by.text, told.observedAt)
        }
        return standing
    }

    /// Somebody else has to have asked, and lately.
    private func unasked(
        _ part: String, _ address: String, _ told: ControlSightings.AdapterWord?, _ isToldIll: Bool
    ) -> PartStanding {
        var standing = PartStanding(
            part, .unknown, "this process may not ask, and nobody else has lately", address: address,
            source: told?.by.text ?? "nobody", observedAt: told?.observedAt,
            latencyMicroseconds: told?.latencyMicroseconds)
        let isUsed = roles.contains { [.router, .gates].contains($0.role) && $0.state != .disabled && !$0.isReplaced }
        if !isUsed { (standing.state, standing.detail) = (.disabled, "no process runs that uses it") }
        if isToldIll { (standing.state, standing.detail) = (.degraded, told?.detail ?? "") }
        if let told, told.health == .healthy, now.since(told.observedAt) < limits.adapter {
            (standing.state, standing.detail) = (.healthy, told.detail)
        }
        return standing
    }

    /// The broker's streams, by what their holders say on control.
    var streams: [PartStanding] {
        evidence.control.streams.values.sorted { $0.stream.text < $1.stream.text }.map { lease in
            let part = "stream \(lease.stream.text)"
            let holder = roles.first { $0.role == .ingest && $0.process == lease.process }
            var standing = PartStanding(
                part, .healthy, "", source: lease.process.text, observedAt: holder?.seenAt)
            if lease.order.reason.text == StreamLeaseTaken.givenBack || holder?.state == .disabled {
                let others = roles.contains { $0.role == .ingest && $0.state == .running && !$0.isSilent }
                // Who is told to end gives it back; where ingest goes on and has no stream, nobody asked for one.
                standing.state = .disabled
                standing.detail = "given back" + (others ? ", and nobody has taken it" : "")
            } else if holder.map(\.isSilent) ?? false {
                standing.state = .unknown
                standing.detail = "its holder \(lease.process.text) is silent"
            } else if lease.expiresAt <= now {
                standing.state = .degraded
                standing.detail = "nobody has said for \(Self.seconds(now.since(lease.expiresAt))) s that he listens"
            } else if lease.readyUntil.map({ $0 <= now }) ?? true {
                standing.state = .degraded
                standing.detail = StreamWords.detail(holder) ?? "it is not ready"
            }
            return standing
        }
    }
}

/// What a role says of its part that has the stream.
enum StreamWords {
    static let part = "trade updates"

    static func detail(_ holder: RoleStanding?) -> String? {
        guard let holder else { return nil }
        let pieces = holder.detail.split(separator: "; ").map { String($0.drop { $0 == " " }) }
        return pieces.first { $0.hasPrefix("\(part): ") }.map { String($0.dropFirst(part.count + 2)) }
    }
}

extension StreamLeaseTaken {
    /// The reason of the last word of a holder that ends as it should.
    static let givenBack = "the stream is given back"
}
