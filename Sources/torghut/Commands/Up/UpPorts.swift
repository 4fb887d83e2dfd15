import Glibc

/// The ports of a folder's programs, the same after each start: a page that is open goes on, and the policy in force does
/// not change because an address did.
struct UpPorts: Sendable, Equatable {
    var api: UInt16 = 0
    var simulator: UInt16 = 0
    var stream: UInt16 = 0
    /// In front of the runner, where scenarios make LEAN misbehave.
    var front: UInt16 = 0
    var runner: UInt16 = 0

    static let usualAPI: UInt16 = 8_181
    private static let maximumTries: UInt16 = 200
    /// Below those that systems give to connections that go out.
    private static let own: ClosedRange<UInt16> = 10_000...19_999

    init() {}

    init(_ folder: UpFolder) {
        let numbers = (UpFolder.text(of: folder[UpFolder.portsName]) ?? "").split(separator: "\n").reduce(
            into: [String: UInt16]()
        ) { numbers, line in
            let words = line.split(separator: " ")
            if words.count == 2 { numbers[String(words[0])] = UInt16(words[1]) }
        }
        api = numbers["api"] ?? 0
        simulator = numbers["simulator"] ?? 0
        stream = numbers["stream"] ?? 0
        front = numbers["front"] ?? 0
        runner = numbers["runner"] ?? 0
    }

    func keep(in folder: UpFolder) throws {
        let text = "api \(api)\nsimulator \(simulator)\nstream \(stream)\nfront \(front)\nrunner \(runner)\n"
        try folder.put(Array(text.utf8), in: UpFolder.portsName)
    }

    /// The same as before where they are free, else others.
    func chosen(api asked: UInt16?) throws -> UpPorts {
        var ports = self
        ports.api = try chosenAPI(asked)
        for port in [\UpPorts.simulator, \.stream, \.front, \.runner] where !Self.isFree(ports[keyPath: port]) {
            let taken = [ports.api, ports.simulator, ports.stream, ports.front, ports.runner]
            guard let free = Self.anyFree(but: taken) else {
                throw UpFailure("no port from \(Self.own.lowerBound) to \(Self.own.upperBound) is free")
            }
            ports[keyPath: port] = free
        }
        return ports
    }

    /// Where the API listens: at the port that was asked for, else where it was, else at the usual one or the next free.
    private func chosenAPI(_ asked: UInt16?) throws -> UInt16 {
        if let asked, asked != 0 {
            guard Self.isFree(asked) else { throw UpFailure("port \(asked) (--port) is taken by another program") }
            return asked
        }
        if api != 0, Self.isFree(api) { return api }
        if asked == 0, let any = Self.anyFree(but: []) { return any }
        for step in 0..<Self.maximumTries where Self.isFree(Self.usualAPI + step) { return Self.usualAPI + step }
        throw UpFailure("no port from \(Self.usualAPI) on is free; name one: torghut up --port N")
    }

    private static func isFree(_ port: UInt16) -> Bool { port != 0 && canListen(port) }

    /// One that nobody has, nor is given to somebody's connection before our program listens there.
    private static func anyFree(but taken: [UInt16]) -> UInt16? {
        for _ in 0..<maximumTries {
            let port = UInt16.random(in: own)
            if !taken.contains(port), isFree(port) { return port }
        }
        return nil
    }

    /// Whether a server could listen there now.
    private static func canListen(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safe: the address lives as long as the calls.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0
            }
        }
    }
}
