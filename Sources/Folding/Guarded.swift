public import Domain

/// The state of a fold together with what it could not read.
///
/// It is worth keeping only while it has read everything: a program that was taught to read what this one cannot must
/// find the record before its state, and not only its place.
public struct Guarded<State: Snapshot>: Snapshot {
    public static var foldName: String { "\(State.foldName)+unread.1" }

    public var state: State
    public var unread: UnreadRecords

    public var isWorthKeeping: Bool { unread.count == 0 }

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
        guard isWorthKeeping else {
            throw StateFault("\(unread.count) records could not be read when it was made; they are read again")
        }
    }
}
