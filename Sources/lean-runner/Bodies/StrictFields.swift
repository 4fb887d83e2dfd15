import Adapters
import Core
import Domain

/// Reads the fields of one object, each by its name and kind, and in the end refuses what nobody asked for.
///
/// All that is wrong is gathered, so that who mends one thing does not meet the next.
final class StrictFields {
    private let fields: [String: Document]
    private let order: [String]
    private let path: String
    private var asked: Set<String> = []
    private let findings: Findings

    /// What is wrong with a body, shared by an object and those inside it.
    final class Findings {
        var unknown: [String] = []
        var problems: [String] = []
    }

    init(_ object: [Document.Field], path: String = "", findings: Findings = Findings()) {
        fields = Dictionary(object.map { ($0.name, $0.value) }) { first, _ in first }
        order = object.map(\.name)
        self.path = path
        self.findings = findings
    }

    /// `nil` when it is absent or null.
    func raw(_ name: String) -> Document? {
        asked.insert(name)
        guard let value = fields[name], !value.isNull else { return nil }
        return value
    }

    func missing(_ name: String) { report(name, "is missing") }

    func report(_ name: String, _ problem: String) { findings.problems.append("\(path)\(name) \(problem)") }

    private func optional<Value>(_ name: String, _ problem: String, _ read: (Document) -> Value?) -> Value? {
        guard let value = raw(name) else { return nil }
        guard let read = read(value) else {
            report(name, problem)
            return nil
        }
        return read
    }

    private func required<Value>(_ name: String, _ problem: String, _ read: (Document) -> Value?) -> Value? {
        guard raw(name) != nil else {
            report(name, "is missing")
            return nil
        }
        return optional(name, problem, read)
    }

    // Texts

    static let maximumTextBytes = 4096

    func text(_ name: String) -> String? { required(name, "is no text", Self.plain) }
    func optionalText(_ name: String) -> String? { optional(name, "is no text", Self.plain) }

    private static func plain(_ value: Document) -> String? {
        guard let text = value.string, text.utf8.count <= maximumTextBytes, !text.utf8.contains(0) else { return nil }
        return text
    }

    func identifier<Kind: IdentifierKind>(_ name: String, _ type: Identifier<Kind>.Type) -> Identifier<Kind>? {
        required(name, "is no \(Kind.name)") { Self.identifier($0, type) }
    }

    func optionalIdentifier<Kind: IdentifierKind>(
        _ name: String, _ type: Identifier<Kind>.Type
    ) -> Identifier<Kind>? {
        optional(name, "is no \(Kind.name)") { Self.identifier($0, type) }
    }

    private static func identifier<Kind: IdentifierKind>(
        _ value: Document, _ type: Identifier<Kind>.Type
    ) -> Identifier<Kind>? {
        guard let text = value.string else { return nil }
        do { return try Identifier<Kind>(text) } catch { return nil }
    }

    /// One of the words of a closed list.
    func word<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        required(name, "is none of " + Self.list(type)) { $0.string.flatMap(Value.init(rawValue:)) }
    }

    func optionalWord<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        optional(name, "is none of " + Self.list(type)) { $0.string.flatMap(Value.init(rawValue:)) }
    }

    private static func list<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> String
    where Value.RawValue == String {
        Value.allCases.map(\.rawValue).joined(separator: ", ")
    }

    // Numbers

    /// A number above zero, exact to nine digits; text or number, as both are sent.
    func amount(_ name: String) -> Amount? { required(name, Self.notPositive, Self.positive) }
    func optionalAmount(_ name: String) -> Amount? { optional(name, Self.notPositive, Self.positive) }

    private static let notPositive = "is no decimal above zero with at most nine digits behind its point"

    private static func positive(_ value: Document) -> Amount? {
        let text: String
        switch value {
        case .string(let written), .number(let written): text = written
        case .object, .array, .bool, .null: return nil
        }
        guard text.utf8.count <= 64, let amount = LooseAmount.read(text), amount > .zero else { return nil }
        return amount
    }

    func optionalInteger(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        optional(name, "is no whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.int64.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func optionalBool(_ name: String) -> Bool? { optional(name, "is neither true nor false", \.bool) }

    // Objects

    /// An object whose own fields are as strict; `nil` when it is absent.
    func object(_ name: String) -> StrictFields? {
        optional(name, "is no object", \.fields).map {
            StrictFields($0, path: "\(path)\(name).", findings: findings)
        }
    }

    /// An object inside this one, whose findings are gathered with ours.
    func inner(_ object: [Document.Field], _ name: String) -> StrictFields {
        StrictFields(object, path: "\(path)\(name).", findings: findings)
    }

    /// An object that is taken as it is: whoever uses it looks into it.
    func openObject(_ name: String) -> Document? {
        optional(name, "is no object") { $0.fields == nil ? nil : $0 }
    }

    /// Fields that nobody asked for; to be said of each object when all of it was read.
    func close() {
        findings.unknown += order.filter { !asked.contains($0) }.map { path + $0 }
    }

    /// Ends the reading of the outermost object.
    func finish() throws(RunnerFault) {
        close()
        guard findings.unknown.isEmpty, findings.problems.isEmpty else {
            throw .invalid(unknown: findings.unknown, findings.problems)
        }
    }
}
