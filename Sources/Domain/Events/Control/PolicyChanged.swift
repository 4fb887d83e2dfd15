public import Core

/// Another policy is in force.
public struct PolicyChanged: Payload {
    @inlinable public static var type: EventType { .control(.policyChanged) }

    public var order: ControlOrder
    public var name: Label
    public var policyHash: ContentHash
    public var previousPolicyHash: ContentHash?
    public var policyJSON: CompactJSON

    @inlinable
    public init(
        order: ControlOrder, name: Label, policyHash: ContentHash, previousPolicyHash: ContentHash? = nil,
        policyJSON: CompactJSON
    ) {
        self.order = order
        self.name = name
        self.policyHash = policyHash
        self.previousPolicyHash = previousPolicyHash
        self.policyJSON = policyJSON
    }

    @inlinable
    public init(unread: Unread) {
        order = unread()
        name = unread()
        policyHash = unread()
        policyJSON = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try order.walk(&fields)
        try fields.field("name", &name, "Which policy.")
        try fields.field("policy_hash", &policyHash, "What it hashes to.")
        try fields.field("previous_policy_hash", &previousPolicyHash, "What was in force.")
        try fields.field("policy_json", &policyJSON, "The policy.")
    }
}
