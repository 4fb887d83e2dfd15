/// The state of a fold that can be kept beside the log, and be thrown away at any time.
public protocol Snapshot: Sendable, Equatable {
    /// Changes whenever the fold or its state does: a snapshot of another fold is none.
    static var foldName: String { get }

    func write(to writer: inout StateWriter)
    init(from reader: inout StateReader) throws(StateFault)
}

extension Snapshot {
    public var snapshot: [UInt8] {
        var writer = StateWriter()
        write(to: &writer)
        return writer.bytes
    }

    public init(snapshot bytes: [UInt8]) throws(StateFault) {
        var reader = StateReader(bytes)
        try self.init(from: &reader)
        guard reader.isAtEnd else { throw StateFault("bytes behind the state") }
    }
}
