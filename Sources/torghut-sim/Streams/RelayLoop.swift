import Glibc
import Threading

/// The relay's thread: waits for whatever can move, and moves it.
struct RelayLoop {
    private let listener: Socket
    private let bell: Socket
    private let host: String
    private let server: UInt16
    private let time = SystemTime()
    private var pairs: [RelayPair] = []
    private var delay = Duration.zero
    private var refusals = 0
    private var unauthorized = 0

    init(listener: Socket, bell: Socket, host: String, server: UInt16) {
        self.listener = listener
        self.bell = bell
        self.host = host
        self.server = server
    }

    mutating func turn(_ orders: [RelayFault]) {
        for order in orders { obey(order) }
        let now = time.uptime()
        var wanted = [
            pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
        ]
        var wait = Duration.milliseconds(500)
        for pair in pairs {
            wanted += pair.wanted(at: now)
            if let due = pair.due(after: now) { wait = min(wait, due) }
        }
        let milliseconds = max(1, Int32((wait / .milliseconds(1)).rounded(.up)))
        guard unsafe poll(&wanted, nfds_t(wanted.count), milliseconds) >= 0 else { return }
        if wanted[1].revents != 0 { _ = bell.read(upTo: 64) }
        let after = time.uptime()
        for index in pairs.indices { pairs[index].move(at: after, delay) }
        pairs.removeAll(where: \.isOver)
        if wanted[0].revents != 0 { while let client = listener.accepted() { welcome(client) } }
    }

    private mutating func welcome(_ client: Socket) {
        if refusals > 0 {
            refusals -= 1
        } else if unauthorized > 0 {
            unauthorized -= 1
            pairs.append(RelayPair(turningAway: client))
        } else if let upstream = try? Socket.connected(to: host, server) {
            // Without a server there is nobody to pass it to: it is closed, as it would have been refused.
            pairs.append(RelayPair(client, upstream))
        }
    }

    private mutating func obey(_ order: RelayFault) {
        switch order {
        case .cut: pairs.removeAll { !$0.isForgotten }
        case .refuse(let times): refusals = times
        case .unauthorized(let times): unauthorized = times
        case .delay(let milliseconds): delay = .milliseconds(milliseconds)
        case .heal:
            (delay, refusals, unauthorized) = (.zero, 0, 0)
            for index in pairs.indices { pairs[index].isStalled = false }
        case .stall: for index in pairs.indices { pairs[index].isStalled = true }
        case .halfOpen: for index in pairs.indices { pairs[index].forget() }
        case .cutMidFrame: for index in pairs.indices { pairs[index].cut = .midFrame }
        case .cutAfter(let bytes): for index in pairs.indices { pairs[index].cut = .after(bytes) }
        }
    }
}
