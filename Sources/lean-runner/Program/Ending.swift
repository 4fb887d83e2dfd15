import Dispatch
import Glibc

/// Where the handler of signals writes to: it may do little more.
///
/// Set once, before the handler is.
private nonisolated(unsafe) var bell: Int32 = -1

/// Hears when the program shall end: at SIGTERM or SIGINT, or, when asked for, at the end of standard input.
///
/// It hears from the moment it is made, so it is made before anybody is told that the program is ready.
struct Ending {
    private let ends: AsyncStream<Void>

    init(untilInputEnds: Bool) {
        let (ends, end) = AsyncStream<Void>.makeStream()
        self.ends = ends
        var ports: [Int32] = [-1, -1]
        guard unsafe pipe(&ports) == 0 else { fatalError("the system gives no pipe") }
        let reading = ports[0]
        unsafe bell = ports[1]
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                var byte: UInt8 = 1
                _ = unsafe write(bell, &byte, 1)
            }
        }
        // Threads of their own: reading blocks, and ends with the process at the latest.
        DispatchQueue(label: "signals").async {
            var byte: UInt8 = 0
            while unsafe read(reading, &byte, 1) < 0, errno == EINTR {}
            end.yield()
        }
        guard untilInputEnds else { return }
        DispatchQueue(label: "input").async {
            var byte: UInt8 = 0
            while unsafe read(0, &byte, 1) > 0 {}
            end.yield()
        }
    }

    func wait() async {
        for await _ in ends { break }
    }
}
