import Glibc

/// One connection of a client's and the one behind it.
struct RelayPair {
    enum Cut: Equatable {
        case midFrame
        case after(Int)
    }

    /// Bytes on their way in one direction.
    private struct Lane {
        var pieces: [(due: Duration, bytes: ArraySlice<UInt8>)] = []
        var count = 0
        /// Nothing more comes after what is here.
        var ends = false

        func isReady(_ now: Duration) -> Bool { pieces.first.map { $0.due <= now } ?? false }
        /// More is taken while less than this waits.
        var hasRoom: Bool { count < 4 << 20 && !ends }

        /// False when the other side is gone.
        mutating func send(to socket: Socket, at now: Duration) -> Bool {
            while let first = pieces.first, first.due <= now {
                guard let sent = socket.write(first.bytes) else { return false }
                count -= sent
                guard sent == first.bytes.count else {
                    pieces[0].bytes = first.bytes.dropFirst(sent)
                    return true
                }
                pieces.removeFirst()
            }
            return true
        }

        mutating func take(_ bytes: [UInt8], due: Duration) {
            guard !bytes.isEmpty else { return }
            pieces.append((due, bytes[...]))
            count += bytes.count
        }
    }

    private let client: Socket
    private var upstream: Socket?
    private var toClient = Lane()
    private var toServer = Lane()
    private var frames = FrameCutter()
    private var request: [UInt8] = []
    private let isTurnedAway: Bool
    private(set) var isForgotten = false
    private(set) var isOver = false
    var isStalled = false
    var cut: Cut?

    init(_ client: Socket, _ upstream: Socket) {
        (self.client, self.upstream, isTurnedAway) = (client, upstream, false)
    }

    /// One that is told it may not come in.
    init(turningAway client: Socket) { (self.client, upstream, isTurnedAway) = (client, nil, true) }

    private static let piece = 65_536
    private static let refusal = Array(
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)

    /// From here on the client speaks to nobody and is told nothing.
    mutating func forget() {
        isForgotten = true
        upstream = nil
    }

    func wanted(at now: Duration) -> [pollfd] {
        guard !isForgotten, !isStalled else { return [] }
        var list = [Self.look(client, reads: toServer.hasRoom, writes: toClient.isReady(now))]
        if let upstream { list.append(Self.look(upstream, reads: toClient.hasRoom, writes: toServer.isReady(now))) }
        return list
    }

    private static func look(_ socket: Socket, reads: Bool, writes: Bool) -> pollfd {
        pollfd(fd: socket.number, events: Int16((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), revents: 0)
    }

    /// How long until something that is held back may go.
    func due(after now: Duration) -> Duration? {
        guard !isForgotten, !isStalled else { return nil }
        return [toClient.pieces.first?.due, toServer.pieces.first?.due].compactMap(\.self).map { max(.zero, $0 - now) }
            .min()
    }

    /// Sockets do not block, so that asking one that has nothing costs little.
    mutating func move(at now: Duration, _ delay: Duration) {
        guard !isForgotten, !isStalled, !isOver else { return }
        if toServer.hasRoom { hear(client.read(upTo: Self.piece), due: now + delay) }
        if let upstream {
            if toClient.hasRoom { answer(upstream.read(upTo: Self.piece), due: now + delay) }
            if !toServer.send(to: upstream, at: now + .milliseconds(1)) { isOver = true }
        }
        if !toClient.send(to: client, at: now + .milliseconds(1)) { isOver = true }
        if toClient.ends, toClient.pieces.isEmpty { isTurnedAway ? client.endWriting() : (isOver = true) }
        // A client that has gone takes its server with it.
        if toServer.ends, toServer.pieces.isEmpty { isOver = true }
    }

    private mutating func hear(_ got: Socket.Got, due: Duration) {
        switch got {
        case .nothing: return
        case .end: toServer.ends = true
        case .bytes(let bytes):
            guard isTurnedAway else { return toServer.take(bytes, due: due) }
            request += bytes
            guard request.suffix(4) == Array("\r\n\r\n".utf8)[...], !toClient.ends else { return }
            toClient.take(Self.refusal, due: due)
            toClient.ends = true
        }
    }

    private mutating func answer(_ got: Socket.Got, due: Duration) {
        switch got {
        case .nothing: return
        case .end: toClient.ends = true
        case .bytes(let bytes):
            let inside = frames.pass(bytes)
            var count = bytes.count
            switch cut {
            case nil: break
            case .midFrame:
                if let inside { (count, toClient.ends) = (inside, true) }
            case .after(let left):
                if left <= bytes.count { (count, toClient.ends) = (left, true) } else { cut = .after(left - count) }
            }
            toClient.take(Array(bytes.prefix(count)), due: due)
            if toClient.ends { upstream = nil }
        }
    }
}
