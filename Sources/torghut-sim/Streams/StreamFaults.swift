import HTTPServer
import Synchronization
import WebSocket

/// What the next connections to the update stream meet.
struct StreamFaults: Sendable {
    enum Greeting: String, Sendable {
        /// The right key is answered as a wrong one would be.
        case refuseAuth = "refuse_auth"
        /// Told that another connection has the account's place, and closed.
        case limit = "limit_406"
        /// Let in, and never told that it listens; nor does it.
        case muteListen = "mute_listen"
    }

    private var waiting: [(greeting: Greeting, times: Int)] = []

    mutating func plan(_ greeting: Greeting, times: Int) { waiting.append((greeting, times)) }

    /// What this connection meets, if anything.
    mutating func take() -> Greeting? {
        guard let first = waiting.first else { return nil }
        waiting[0].times -= 1
        if waiting[0].times <= 0 { waiting.removeFirst() }
        return first.greeting
    }

    mutating func heal() { waiting = [] }
}

/// `POST /_sim/streams/fault`: what goes wrong with the streams.
struct StreamFaultRoutes: Sendable {
    let hub: StreamHub
    let relay: SocketRelay

    func add(to routes: inout HTTPRoutes) {
        routes.on("POST", "/_sim/streams/fault") { request, _ in
            guard let body = Tree(request.body) else { return .text("no JSON\n", status: 400) }
            return make(body) ? .tree(.object([:])) : .text("there is no such fault\n", status: 400)
        }
    }

    private func make(_ body: Tree) -> Bool {
        guard let name = body["fault"]?.string else { return false }
        if let greeting = StreamFaults.Greeting(rawValue: name) {
            hub.plan(greeting, times: max(1, body["times"]?.integer ?? 1))
            return true
        }
        switch name {
        case "cut": hub.dropAll()
        case "garbage": hub.sendAll(.binary([0x01, 0x7B, 0xFF, 0x22] + Array("no json".utf8)))
        case "huge": hub.sendAll(.text(Self.huge(max(1, min(64 << 20, body["bytes"]?.integer ?? 2 << 20)))))
        case "heal":
            hub.heal()
            relay.fault(.heal)
        default:
            guard let fault = RelayFault(body) else { return false }
            relay.fault(fault)
        }
        return true
    }

    /// JSON of so many bytes.
    private static func huge(_ count: Int) -> [UInt8] {
        let (head, tail) = (Array(#"{"stream":"trade_updates","data":{"event":""#.utf8), Array(#""}}"#.utf8))
        return head + [UInt8](repeating: UInt8(ascii: "x"), count: max(0, count - head.count - tail.count)) + tail
    }
}

extension RelayFault {
    /// `nil` when there is no such fault.
    init?(_ tree: Tree) {
        let times = max(1, tree["times"]?.integer ?? 1)
        switch tree["fault"]?.string {
        case "cut": self = .cut
        case "cut_mid_frame": self = .cutMidFrame
        case "cut_after": self = .cutAfter(max(0, tree["bytes"]?.integer ?? 0))
        case "half_open": self = .halfOpen
        case "stall": self = .stall
        case "delay": self = .delay(milliseconds: max(0, tree["milliseconds"]?.integer ?? 50))
        case "refuse": self = .refuse(times)
        case "http_401": self = .unauthorized(times)
        case "heal": self = .heal
        default: return nil
        }
    }
}
