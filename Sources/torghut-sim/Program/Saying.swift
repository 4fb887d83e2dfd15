import Glibc

/// What the program says to whoever runs it: at once, also into a pipe.
enum Saying {
    static func line(_ text: String) { write(1, text) }

    /// The ports as one line of JSON, when all is ready.
    static func ready(_ ports: Tree) { line(String(decoding: ports.bytes, as: UTF8.self)) }

    static func complaint(_ what: String) { write(2, "torghut-sim: \(what)") }

    private static func write(_ file: Int32, _ text: String) {
        let line = Array((text + "\n").utf8)
        _ = unsafe Glibc.write(file, line, line.count)
    }
}
