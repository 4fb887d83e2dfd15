internal import Core
internal import Domain
internal import JSON

/// What trading leans on, as this process sees it; the original's fields keep their names.
enum HealthText {
    struct Dependency: Sendable {
        let name: String
        let state: PartStanding.State
        let detail: String

        var isIll: Bool { state == .degraded || state == .unknown }
        var word: String { state == .healthy ? "ok" : state.rawValue }
    }

    static func dependencies(_ status: SystemStatus) -> [Dependency] {
        var found = [Dependency(name: "log", state: status.log.state, detail: status.log.detail)]
        if let database = status.database {
            found.append(Dependency(name: "postgres", state: database.state, detail: database.detail))
        }
        for part in status.adapters + status.streams {
            found.append(Dependency(name: part.part, state: part.state, detail: part.detail))
        }
        return found
    }

    /// The latest record of the decisions' topic that any role took up.
    static func lastDecision(_ status: SystemStatus) -> Timestamp? {
        let topic = TopicCatalog.decisions.name
        return status.partitions.filter { $0.partition.topic.text == topic }.compactMap(\.lastEventTime).max()
    }

    static func bytes(_ house: House, _ status: SystemStatus, _ faults: [String]) -> [UInt8] {
        let dependencies = dependencies(status)
        let isWell = faults.isEmpty && dependencies.allSatisfy { !$0.isIll }
        var json = JSONWriter()
        json.object { json in
            json.field("status", isWell ? "ok" : "degraded")
            json.field("process", house.process)
            for one in dependencies {
                json.key(one.name)
                json.string(one.word)
            }
            json.key("scheduler")
            json.object { json in
                json.field("ok", faults.isEmpty)
                json.field("detail", faults.joined(separator: "; "))
            }
            json.key("dependencies")
            json.object { json in
                for one in dependencies {
                    json.key(one.name)
                    json.object { json in
                        json.field("ok", !one.isIll)
                        json.field("detail", one.state == .disabled ? "disabled: \(one.detail)" : one.detail)
                    }
                }
            }
            json.field("last_decision_at", lastDecision(status))
        }
        return json.finish()
    }
}
