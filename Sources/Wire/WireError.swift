public import JSON

/// Why a record is no event of ours: which type it claims to be, where, and what is wrong.
///
/// It carries no values of the record except single words: they may be private.
public struct WireError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case malformed(JSONError)
        /// A field is required, and absent or null.
        case missing
        case wrongKind(expected: String, found: String)
        /// A text of the right kind that is no value of its field.
        case invalid(String)
        case count(allowed: ClosedRange<Int>, actual: Int)
        case duplicateKey(String)
        case tooLarge(allowed: Int, actual: Int)
    }

    /// `nil` when not even that could be read.
    public let eventType: String?
    /// Where it stands, as in `$.payload.qty`.
    public let path: String
    public let reason: Reason

    public init(eventType: String?, path: String, reason: Reason) {
        self.eventType = eventType
        self.path = path
        self.reason = reason
    }
}

extension WireError: CustomStringConvertible {
    public var description: String { "\(eventType ?? "unreadable event"): \(path): \(reason)" }
}

extension WireError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error): error.description
        case .missing: "is required, and absent or null"
        case .wrongKind(let expected, let found): "must be \(expected), and is \(found)"
        case .invalid(let reason): reason
        case .count(let allowed, let actual):
            "has \(allowed.lowerBound) to \(allowed.upperBound) elements, and this has \(actual)"
        case .duplicateKey(let key): "the key '\(key)' occurs twice"
        case .tooLarge(let allowed, let actual): "has at most \(allowed) bytes, and this has \(actual)"
        }
    }
}

/// How a walk over a record ends early.
enum WalkFailure: Error {
    /// The fields are not in our order, or not all ours: the walk must be done again, searching.
    case outOfOrder
    case unknownVersion(Int64)
    /// The path is kept from the inside out: each level adds its own step as the error passes.
    case fault(path: [PathStep], WireError.Reason)

    enum PathStep {
        case field(StaticString)
        case element(Int)
    }

    static func fault(at name: StaticString, _ reason: WireError.Reason) -> WalkFailure {
        .fault(path: [.field(name)], reason)
    }

    func inside(_ step: PathStep) -> WalkFailure {
        guard case .fault(let path, let reason) = self else { return self }
        return .fault(path: path + [step], reason)
    }

    static func text(of path: [PathStep]) -> String {
        path.reversed().reduce(into: "$") { text, step in
            switch step {
            case .field(let name): text += ".\(name)"
            case .element(let index): text += "[\(index)]"
            }
        }
    }
}
