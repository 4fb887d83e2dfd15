public import Domain

/// The state of a fold together with what it could not read: they are kept and thrown away together.
public struct Guarded<State: Snapshot>: Snapshot {
    public static var foldName: String { "\(State.foldName)+unread.1" }

    public var state: State
    public var unread: UnreadRecords

    public init(_ state: State) {
        self.state = state
        unread = UnreadRecords()
    }

    public func write(to writer: inout StateWriter) {
        state.write(to: &writer)
        var unread = unread
        unread.walk(&writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        state = try State(from: &reader)
        unread = try UnreadRecords.filled(by: &reader)
    }
}
