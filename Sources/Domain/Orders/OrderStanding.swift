public import Core

/// How far an order is, and who says so.
///
/// Standings have one order among themselves, and an order stands at the highest that was ever said: words may come in
/// any order and as often as they like. An end stays an end. Of an order that works, the broker's latest word counts,
/// so that a cancel that was refused and a day that is over lead back to work. What we were told in reply to a submit
/// counts least, for it carries no time of the broker's.
public struct OrderStanding: FieldRecord, Equatable {
    public var status: OrderStatus
    public var at: Timestamp
    /// Said in a reply to us, not by the broker's own report.
    public var isReply: Bool

    public init(_ status: OrderStatus, at moment: Timestamp, isReply: Bool = false) {
        self.status = status
        self.at = moment
        self.isReply = isReply
    }

    public init(unread: Unread) {
        status = unread()
        at = unread()
        isReply = false
    }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("status", &status, "How far it is.")
        try fields.field("at", &at, "Since when.")
        try fields.field("is_reply", &isReply, "Whether it was said in a reply to us.")
    }
}

extension OrderStanding: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        guard left.grade == right.grade else { return left.grade < right.grade }
        switch left.grade {
        case .works: return (left.at, left.status.rank) < (right.at, right.status.rank)
        // Said twice at one moment, the broker's own report of it counts.
        case .reply, .end:
            return (left.status.rank, left.at, left.isReply ? 0 : 1)
                < (right.status.rank, right.at, right.isReply ? 0 : 1)
        }
    }

    private enum Grade: Int, Comparable {
        case reply, works, end
        static func < (left: Grade, right: Grade) -> Bool { left.rawValue < right.rawValue }
    }

    private var grade: Grade { status.isEnd ? .end : isReply ? .reply : .works }
}
