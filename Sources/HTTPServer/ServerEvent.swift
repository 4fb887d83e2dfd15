/// One message of a stream of server-sent events.
public struct ServerEvent: Sendable, Equatable {
    /// What a client sends back as `Last-Event-ID` when it comes again.
    public let id: String?
    public let name: String?
    public let data: [UInt8]

    /// Neither id nor name may hold a line end.
    public init(id: String? = nil, name: String? = nil, data: [UInt8]) {
        precondition(![id, name].contains { $0?.contains { $0.isNewline || $0 == "\0" } ?? false }, "it ends its line")
        self.id = id
        self.name = name
        self.data = data
    }

    /// As it goes over the wire; made once, and sent to everybody.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if let id { bytes += "id: \(id)\n".utf8 }
        if let name { bytes += "event: \(name)\n".utf8 }
        // Each line of the data is a line of its own; a carriage return is a line end too.
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            bytes += "data: ".utf8
            bytes += line
            bytes.append(0x0A)
        }
        bytes.append(0x0A)
        return bytes
    }

    /// What a client reads over: it shows both sides that the other is there.
    static let heartbeat = Array(": \n\n".utf8)
}
