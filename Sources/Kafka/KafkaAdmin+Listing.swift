internal import Core

/// What the cluster shows.
extension KafkaAdmin {
    /// All topics but Kafka's own.
    func topics(until deadline: Deadline) throws(KafkaError) -> [String: Client.Presence] {
        try withClient(.metadata) { client throws(KafkaError) in
            try client.listing(until: deadline).filter { !$0.key.hasPrefix("__") }
        }
    }

    func wait(
        _ operation: KafkaError.Operation, until deadline: Deadline, for condition: ([String: Client.Presence]) -> Bool
    ) throws(KafkaError) {
        var agreeing = 0
        while agreeing < Self.agreeingAnswers {
            if condition(try topics(until: deadline)) {
                agreeing += 1
            } else {
                agreeing = 0
                guard !deadline.hasPassed else {
                    throw KafkaError(operation, .timedOut, "accepted, but the brokers do not show it yet")
                }
                Pause.shortly()
            }
        }
    }
}
