import Dispatch
import Glibc

/// Hears when the program shall end: at a polite signal, or, when asked for, at the end of standard input.
///
/// It hears from the moment it is made, so it is made before anybody is told that the program is ready.
struct Ending {
    private let ends: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init(untilInputEnds: Bool) {
        let (ends, end) = AsyncStream<Void>.makeStream()
        self.ends = ends
        sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before anything is closed.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { end.yield() }
            source.resume()
            return source
        }
        guard untilInputEnds else { return }
        // A thread of its own: reading blocks, and ends with the process at the latest.
        DispatchQueue(label: "input").async {
            while readLine(strippingNewline: false) != nil {}
            end.yield()
        }
    }

    func wait() async {
        for await _ in ends { break }
        for source in sources { source.cancel() }
    }
}
