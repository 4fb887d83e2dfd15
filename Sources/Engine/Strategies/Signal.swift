public import Core

/// What a strategy would do now, and how sure it is.
public struct Signal: Sendable, Equatable {
    public let direction: Direction
    public let confidence: Amount
    public let rationale: String
}
