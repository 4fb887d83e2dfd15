internal import Core
internal import Synchronization

/// How the stream is: three gates, as the original's forwarder names them.
public struct StreamStanding: Sendable, Equatable {
    /// The broker knows who we are.
    public var isAuthorized = false
    /// The broker said that it tells us of orders.
    public var isListening = false
    /// Nothing of the time before this connection is missing on the log.
    public var isWhole = false
    /// The connection that listens; 0 while none does.
    var connection = 0
    var isLogAway = false
    /// No room is left for what comes.
    var isFull = false
    var trouble: StreamTrouble?
    var logTrouble: StreamTrouble = .kafkaProduce

    public enum Gate: String, Sendable, CaseIterable {
        case alpacaWS = "alpaca_ws"
        case kafka
        case tradeUpdates = "trade_updates"
    }

    /// Appends become durable, and there is room for what comes.
    public var isLogWell: Bool { !isLogAway && !isFull }

    public init() {}

    public func isOpen(_ gate: Gate) -> Bool {
        switch gate {
        case .alpacaWS: isAuthorized
        case .kafka: isLogWell
        case .tradeUpdates: isListening && isWhole
        }
    }

    mutating func disconnect() {
        (isAuthorized, isListening, isWhole, connection) = (false, false, false, 0)
    }

    public var isReady: Bool { Gate.allCases.allSatisfy { isOpen($0) } }

    /// What stands in the way; `nil` when it is ready.
    public var errorClass: StreamTrouble? {
        guard !isReady else { return nil }
        if !isLogWell { return logTrouble }
        return trouble ?? (isListening ? .gapOpen : .unknown)
    }

    public var description: String {
        if isReady { return "" }
        if !isLogWell { return "the log does not take updates (\(logTrouble.rawValue))" }
        if !isListening { return trouble.map { "no stream (\($0.rawValue))" } ?? "connecting" }
        return "gap open" + (trouble.map { " (\($0.rawValue))" } ?? "")
    }
}

/// Classes of errors; the first five and the last are the original's.
public enum StreamTrouble: String, Sendable, CaseIterable {
    case secondConnection = "alpaca_406_second_connection"
    case auth = "alpaca_auth"
    case kafkaAuth = "kafka_auth"
    case kafkaMetadata = "kafka_metadata"
    case kafkaProduce = "kafka_produce"
    case gapOpen = "gap_open"
    case unknown

    init(_ error: LogError) {
        switch error.reason {
        case .refused: self = .kafkaAuth
        case .unknownTopic, .unknownPartition: self = .kafkaMetadata
        default: self = .kafkaProduce
        }
    }
}

/// Keeps the standing, and tells of each change, in the order of the changes: what was told last is how it is.
final class StandingDesk: Sendable {
    private let standing = Mutex(StreamStanding())
    /// Held while a change is told, so that no later one overtakes it.
    private let telling = Mutex(())
    private let changed: @Sendable (StreamStanding) -> Void

    init(_ changed: @escaping @Sendable (StreamStanding) -> Void) { self.changed = changed }

    var now: StreamStanding { standing.withLock { $0 } }

    func change(_ body: (inout StreamStanding) -> Void) {
        telling.withLock { _ in
            let after: StreamStanding? = standing.withLock { standing in
                let before = standing
                body(&standing)
                return standing == before ? nil : standing
            }
            if let after { changed(after) }
        }
    }
}
