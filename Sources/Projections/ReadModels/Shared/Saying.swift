internal import Domain

/// When something was said, and by which event: a total order that is the same however the log interleaves.
struct Saying: Hashable, Sendable, Comparable {
    var at: Moment
    var event: EventID

    static func < (left: Saying, right: Saying) -> Bool {
        left.at == right.at ? left.event < right.event : left.at < right.at
    }
}

/// A saying about one of several attempts; the attempt counts first.
struct AttemptSaying: Hashable, Sendable, Comparable {
    var attempt: Int64
    var saying: Saying

    static func < (left: AttemptSaying, right: AttemptSaying) -> Bool {
        left.attempt == right.attempt ? left.saying < right.saying : left.attempt < right.attempt
    }
}

extension Optional where Wrapped: Comparable {
    /// The smaller of what is known; nothing known is no candidate.
    mutating func lower(to other: Wrapped?) {
        guard let other else { return }
        if let mine = self { self = Swift.min(mine, other) } else { self = other }
    }

    mutating func raise(to other: Wrapped?) {
        guard let other else { return }
        if let mine = self { self = Swift.max(mine, other) } else { self = other }
    }
}
