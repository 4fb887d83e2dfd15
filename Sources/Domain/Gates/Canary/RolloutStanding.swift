public import Core

/// How far a rollout is: a fold of its own steps.
public struct RolloutStanding: Sendable, Equatable {
    /// The phase it is in; `nil` before the first one and after it was taken back.
    public private(set) var phase: RolloutPhase?
    public private(set) var isHeld = false
    public private(set) var steps: Int64 = 0
    /// When it was taken back last: all that was found before begins again with it.
    public private(set) var rolledBackAt: Timestamp?

    public init() {}

    /// The steps that are taken now; further words only lie on older logs.
    public static let phases: [RolloutPhase] = [.paper, .canary, .wider, .held, .rolledBack]

    public mutating func fold(_ step: RolloutStepTaken, at moment: Timestamp) {
        steps += 1
        switch step.phase {
        case .paper: (phase, isHeld) = (.paper, false)
        case .canary, .started: (phase, isHeld) = (.canary, false)
        case .wider, .widened, .finished: (phase, isHeld) = (.wider, false)
        case .held: isHeld = true
        case .rolledBack: (phase, isHeld, rolledBackAt) = (nil, false, moment)
        case .planned: break
        }
    }

    /// Why this step is not next; `nil` when it is.
    ///
    /// Each phase follows the one before it, and may be taken again with another scope.
    public func refusal(of step: RolloutPhase) -> String? {
        let standing = phase.map { "it is in phase \($0.rawValue)" } ?? "it has not begun"
        let isNext: Bool
        switch step {
        case .paper: isNext = phase == nil || phase == .paper
        case .canary: isNext = phase == .paper || phase == .canary
        case .wider: isNext = phase == .canary || phase == .wider
        case .held, .rolledBack: isNext = phase != nil
        case .planned, .started, .widened, .finished: isNext = false
        }
        return isNext ? nil : "\(standing), and \(step.rawValue) does not follow from that"
    }
}
