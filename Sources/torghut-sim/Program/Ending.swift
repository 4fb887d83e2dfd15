import Dispatch
import Glibc

/// When the program shall end: a polite signal, or, when asked for, the end of standard input.
enum Ending {
    static func wait(untilInputEnds: Bool) async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before anything is closed.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { end.yield() }
            source.resume()
            return source
        }
        if untilInputEnds {
            // A thread of its own: reading blocks, and ends with the process at the latest.
            DispatchQueue(label: "input").async {
                while readLine(strippingNewline: false) != nil {}
                end.yield()
            }
        }
        for await _ in ends { break }
        for source in sources { source.cancel() }
    }
}
