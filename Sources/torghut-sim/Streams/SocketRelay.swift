import Glibc
import Synchronization
import Threading

/// What a network does to connections, below whatever is spoken on them.
enum RelayFault: Sendable, Equatable {
    /// Both sides are gone.
    case cut
    /// The client gets half of the next WebSocket frame, and then nobody is there.
    case cutMidFrame
    /// The client gets so many bytes more, and then nobody is there.
    case cutAfter(Int)
    /// The client's socket stays and nothing comes any more, not even an end; the server's side is closed.
    case halfOpen
    /// Nothing moves in either direction until it is healed.
    case stall
    /// Everything comes so much later.
    case delay(milliseconds: Int)
    /// So many of the next connections are closed at once.
    case refuse(Int)
    /// So many of the next connections are answered with 401 instead of a WebSocket.
    case unauthorized(Int)
    /// Stalls, delays and refusals end.
    case heal
}

/// Passes bytes between a port and a server, and loses, holds and cuts them as it is told: real sockets, one thread.
final class SocketRelay: Sendable {
    private let bell: Int32
    private let worker: WorkerThread
    let port: UInt16

    init(port: UInt16, to host: String, _ server: UInt16) throws {
        let (listener, taken) = try Socket.listening(on: port)
        self.port = taken
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Socket.Problem(what: "no pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        let (reading, writing) = (Socket(owning: ends[0]), ends[1])
        bell = writing
        let orders = OrderBox()
        box = orders
        worker = try WorkerThread("relay", wake: { SocketRelay.ring(writing) }) { signal in
            var loop = RelayLoop(listener: listener, bell: reading, host: host, server: server)
            while !signal.isStopping { loop.turn(orders.take()) }
        }
    }

    private final class OrderBox: Sendable {
        private let waiting = Mutex<[RelayFault]>([])
        func put(_ fault: RelayFault) { waiting.withLock { $0.append(fault) } }
        func take() -> [RelayFault] {
            waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
        }
    }

    private let box: OrderBox

    private static func ring(_ bell: Int32) { _ = unsafe write(bell, [1], 1) }

    func fault(_ fault: RelayFault) {
        box.put(fault)
        Self.ring(bell)
    }

    func stop() async { await worker.stop() }
}
