public import Domain

/// A verdict and what it rests on.
public struct Answered<Verdict: Sendable>: Sendable {
    public let verdict: Verdict
    public let call: CallRecord

    public init(_ verdict: Verdict, _ call: CallRecord) {
        self.verdict = verdict
        self.call = call
    }
}

/// Why an order is proved not to be live.
public struct Refusal: Sendable, Equatable {
    public let rejectionClass: RejectionClass
    public let proof: Proof
    public let taxonomy: FailureTaxonomy

    public init(_ rejectionClass: RejectionClass, _ proof: Proof, _ taxonomy: FailureTaxonomy) {
        self.rejectionClass = rejectionClass
        self.proof = proof
        self.taxonomy = taxonomy
    }
}

public enum SubmitVerdict: Sendable, Equatable {
    /// The broker has it, and its answer kept the contract.
    case accepted(FoundOrder)
    /// Refused for what it is: final, never a reason to fall back.
    case rejected(Refusal)
    /// Proved not to have reached the broker: another route may try.
    case notSent(Refusal)
    /// This call made no order, but its client order id belongs to one already: a look-up tells which.
    case taken(FailureTaxonomy)
    /// Nothing proves what became of it.
    case unknown(FailureTaxonomy)
}

public enum VoidVerdict: Sendable, Equatable {
    /// Durably: not submitted, and never will be.
    case voided
    /// It was submitted.
    case submitted(FoundOrder)
    /// This route makes no such promise.
    case unsupported
    case inconclusive(FailureTaxonomy)
}

public enum LookupVerdict: Sendable, Equatable {
    case found(FoundOrder)
    /// The other side says in its own words that it has none; a 404 of anybody else is inconclusive.
    case absent
    case inconclusive(FailureTaxonomy)
}

public enum ListVerdict: Sendable, Equatable {
    case orders([FoundOrder], isComplete: Bool)
    case inconclusive(FailureTaxonomy)
}

public enum CancelVerdict: Sendable, Equatable {
    case requested
    /// It cannot be canceled any more; its status says why.
    case refused
    case absent
    case inconclusive(FailureTaxonomy)
}

public enum CancelAllVerdict: Sendable, Equatable {
    /// For these it is asked, for the others it was refused.
    case requested([BrokerOrderID], refused: [BrokerOrderID])
    case inconclusive(FailureTaxonomy)
}

public enum HealthVerdict: Sendable, Equatable {
    case healthy
    /// The reason, as `lean_health_http_503`.
    case unhealthy(Code)
    case credentialsRefused
}
