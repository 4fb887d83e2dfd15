public import Core

/// The program's own log: one line of JSON for each thing worth telling an operator.
///
/// An event and its fields have names known when the program is built, and no field takes bytes: what came from
/// outside is named by its position, never quoted. Events of trading belong on the event log, not here.
public struct Logbook: Sendable {
    public enum Level: String, Comparable, CaseIterable, Sendable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    public typealias Fields = KeyValuePairs<StaticString, LogField>
    /// Takes one whole line, with its newline; called from any thread, also from several at once.
    public typealias Sink = @Sendable (_ line: [UInt8]) -> Void

    public let minimum: Level
    private let time: any TimeSource
    private let sink: Sink

    /// Lines below `minimum` are not written, and their fields not even computed.
    public init(from minimum: Level = .info, time: any TimeSource, to sink: @escaping Sink) {
        self.minimum = minimum
        self.time = time
        self.sink = sink
    }

    public func debug(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.debug, event, fields())
    }

    public func info(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.info, event, fields())
    }

    public func warning(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.warning, event, fields())
    }

    public func error(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, event, fields())
    }

    public func write(_ level: Level, _ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        guard level >= minimum else { return }
        var line = LogLine()
        line.add("ts", .timestamp(time.now()))
        line.add("level", .text(level.rawValue))
        line.add("event", .text("\(event)"))
        for (name, value) in fields() { line.add("\(name)", value) }
        sink(line.finish())
    }
}
