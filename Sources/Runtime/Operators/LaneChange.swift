public import Domain

/// What an operator can say of a lane, and the event that it becomes.
public enum LaneChange: String, Sendable, CaseIterable {
    case enable, disable
    case dryRun = "dry-run"

    public func control(_ lane: Lane, _ order: ControlOrder) -> Control {
        switch self {
        case .enable: .laneEnabled(LaneEnabled(order: order, lane: lane))
        case .disable: .laneDisabled(LaneDisabled(order: order, lane: lane))
        case .dryRun: .laneDisabled(LaneDisabled(order: order, lane: lane, dryRun: true))
        }
    }

    /// People call the lane of orders by the name of the runner.
    public static func lane(named name: String) -> Lane? { name == "lean" ? .execution : Lane(rawValue: name) }
    public static var laneNames: [String] { ["lean"] + Lane.allCases.map(\.rawValue) }
}
