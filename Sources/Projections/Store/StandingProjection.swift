/// A projection, and which version of its tables is meant.
public struct StandingProjection: Sendable {
    public let type: any Projection.Type
    public let version: Int

    public init(_ type: any Projection.Type, version: Int) {
        self.type = type
        self.version = version
    }
}

/// A version of a projection as the database has it.
public struct StandingVersion: Sendable, Hashable {
    public enum State: String, Sendable {
        /// Being filled by a rebuild; dropped without a trace when that does not end.
        case building
        /// Filled and proved, and not shown yet.
        case ready
        /// What readers see and the projector folds into.
        case serving
        /// What readers saw before; kept so that they can be switched back.
        case retired
    }

    public let projection: String
    public let version: Int
    public let fold: Int
    public let state: State
}
