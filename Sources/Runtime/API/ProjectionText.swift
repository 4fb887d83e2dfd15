internal import Core
internal import JSON
internal import Projections

/// The read models that readers see, each in sum over its partitions, as JSON.
enum ProjectionText {
    private struct Sum {
        var version = 0
        var partitions = 0
        var lag: Int64 = 0
        var oldest: Timestamp?
        var parked: Int64 = 0
        var deferred: Int64 = 0
        var commits: Int64 = 0
        var lastCommit: Timestamp?
        var isMoving = false
        var why: String?

        var verdict: String { why != nil ? "stuck" : isMoving ? "moving" : "idle" }

        mutating func add(_ unit: UnitStatus, at now: Timestamp) {
            version = unit.standing.unit.version
            partitions += 1
            lag += unit.lag
            oldest = [oldest, unit.oldest].compactMap(\.self).min()
            parked += unit.standing.parked
            deferred += unit.standing.deferred
            commits += unit.standing.owner?.commits ?? 0
            lastCommit = [lastCommit, unit.standing.owner?.lastCommit].compactMap(\.self).max()
            switch unit.verdict(at: now) {
            case .idle, .aside: break
            case .moving: isMoving = true
            case .stuck(let why): self.why = self.why ?? "partition \(unit.standing.unit.partition): \(why)"
            }
        }
    }

    static func bytes(_ units: [UnitStatus], at now: Timestamp) -> [UInt8] {
        var sums: [String: Sum] = [:]
        for unit in units where unit.verdict(at: now) != .aside {
            sums[unit.standing.unit.projection, default: Sum()].add(unit, at: now)
        }
        let sorted = sums.sorted { $0.key < $1.key }
        var json = JSONWriter(reserving: 4_096)
        json.object { json in
            json.field("looked_at", now)
            json.field("lag", sorted.reduce(0) { $0 + $1.value.lag })
            json.field("parked", sorted.reduce(0) { $0 + $1.value.parked })
            json.key("projections")
            json.array { json in for (name, sum) in sorted { json.object { write(name, sum, &$0) } } }
        }
        return json.finish()
    }

    private static func write(_ name: String, _ sum: Sum, _ json: inout JSONWriter) {
        json.field("projection", name)
        json.field("version", sum.version)
        json.field("verdict", sum.verdict)
        json.field("why", sum.why)
        json.field("partitions", sum.partitions)
        json.field("lag", sum.lag)
        json.field("oldest", sum.oldest)
        json.field("parked", sum.parked)
        json.field("deferred", sum.deferred)
        json.field("commits", sum.commits)
        json.field("last_commit", sum.lastCommit)
    }
}
