/// One line of the checklist for what lies behind the log: what was looked at, and what came of it.
public struct DownstreamLine: Sendable, Equatable {
    public enum Part: String, Sendable, CaseIterable {
        case topic
        case role
        case scheduler
        case flink
        case clickhouse
    }

    public enum Verdict: String, Sendable {
        case ok
        case no
        /// Nobody said where it is, so nobody asked: neither well nor ill.
        case notAsked = "not asked"
    }

    public let part: Part
    public let name: String
    public let verdict: Verdict
    public let says: String
    /// What to do about it, where it is not well.
    public let next: String?

    static func ok(_ part: Part, _ name: String, _ says: String) -> DownstreamLine {
        DownstreamLine(part: part, name: name, verdict: .ok, says: says, next: nil)
    }

    static func no(_ part: Part, _ name: String, _ says: String, next: String) -> DownstreamLine {
        DownstreamLine(part: part, name: name, verdict: .no, says: says, next: next)
    }

    static func notAsked(_ part: Part, _ setting: String) -> DownstreamLine {
        DownstreamLine(
            part: part, name: part.rawValue, verdict: .notAsked, says: "not asked: no \(setting) set", next: nil)
    }
}
