/// What each role did last.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Heartbeats: Sendable, Equatable {
    case heartbeatRecorded(HeartbeatRecorded)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case heartbeatRecorded = "heartbeat.recorded"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .heartbeatRecorded: .heartbeatRecorded
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .heartbeatRecorded: .heartbeatRecorded(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .heartbeatRecorded(let payload): try viewer.view(payload)
        }
    }
}
