internal import Core
internal import Domain

extension BrokerUpdateRecorded {
    /// When it happened at the broker.
    func moment(_ envelope: Envelope) -> Moment { Moment(brokerEventTime ?? envelope.eventTime) }
}

extension WithdrawalReason {
    var status: OrderStatus {
        switch self {
        case .expired: .expired
        case .attemptsExhausted: .rejected
        case .killSwitchEngaged, .emergencyStopLatched, .symbolUnderReview, .canceled: .canceled
        }
    }
}
