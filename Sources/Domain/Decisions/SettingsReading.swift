internal import Core

/// A setting that could not be used as it stands, and what is done instead: reported, never ignored.
///
/// It carries no value: those may be private.
public struct Misconfiguration: Sendable, Equatable {
    public let name: String
    public let problem: String
    public let instead: String

    public init(name: String, problem: String, instead: String) {
        self.name = name
        self.problem = problem
        self.instead = instead
    }
}

/// Reads settings by their names, and keeps what is in force as one text that can be hashed.
struct SettingsReading {
    let lookup: (String) -> String?
    private(set) var misconfigurations: [Misconfiguration] = []
    private(set) var inForce: [(name: String, value: String)] = []

    init(_ lookup: @escaping (String) -> String?) { self.lookup = lookup }

    mutating func report(_ name: String, _ problem: String, instead: String) {
        let fault = Misconfiguration(name: name, problem: problem, instead: instead)
        // Two policies may read the same setting.
        if !misconfigurations.contains(fault) { misconfigurations.append(fault) }
    }

    /// Blank is the same as unset.
    func text(_ name: String) -> String? {
        guard let value = lookup(name) else { return nil }
        let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        let trimmed = String(String(value.drop(while: blanks).reversed()).drop(while: blanks).reversed())
        return trimmed.isEmpty ? nil : trimmed
    }

    mutating func keep(_ name: String, _ value: String) {
        if !inForce.contains(where: { $0.name == name }) { inForce.append((name, value)) }
    }

    /// What is unreadable counts as `whenUnreadable`, which is the safe side of the setting.
    mutating func flag(_ name: String, default unset: Bool, whenUnreadable: Bool = false) -> Bool {
        let value =
            switch text(name)?.lowercased() {
            case nil: unset
            case "true", "1", "yes", "on": true
            case "false", "0", "no", "off": false
            default: unreadable(name, "is neither true nor false", whenUnreadable)
            }
        keep(name, "\(value)")
        return value
    }

    /// A cap: unset is no cap, zero is a cap, and one that cannot be read lets nothing through.
    mutating func cap(_ name: String) -> Amount? {
        guard let text = text(name) else { return nil }
        var cap = Amount.zero
        do {
            cap = try Amount(text)
            if cap.isNegative { cap = unreadable(name, "is below zero", .zero) }
        } catch { cap = unreadable(name, "is no number", .zero) }
        keep(name, "\(cap)")
        return cap
    }

    /// A number within bounds.
    mutating func amount(_ name: String, default unset: Amount, in bounds: ClosedRange<Amount>) -> Amount {
        var value = unset
        if let text = text(name) {
            do {
                value = try Amount(text)
                if !bounds.contains(value) { value = unreadable(name, "is outside its bounds", unset) }
            } catch { value = unreadable(name, "is no number", unset) }
        }
        keep(name, "\(value)")
        return value
    }

    mutating func count(_ name: String, default unset: Int64, in bounds: ClosedRange<Int64>) -> Int64 {
        let value = amount(name, default: Amount(unset), in: Amount(bounds.lowerBound)...Amount(bounds.upperBound))
        return Int64(value.units / Amount.unitsPerOne)
    }

    /// Seconds, with parts of them.
    mutating func seconds(_ name: String, default unset: Int64, in bounds: ClosedRange<Int64>) -> Duration {
        let value = amount(name, default: Amount(unset), in: Amount(bounds.lowerBound)...Amount(bounds.upperBound))
        return .nanoseconds(Int64(value.units))
    }

    /// Names between commas; `nil` when nothing is said, and empty when nothing is left of what is said.
    mutating func symbols(_ name: String) -> [Symbol]? {
        guard let text = text(name) else { return nil }
        var symbols: [Symbol] = []
        for part in text.split(separator: ",") {
            let word = part.filter { $0 != " " && $0 != "\t" }.uppercased()
            guard !word.isEmpty else { continue }
            do { symbols.append(try Symbol(word)) } catch {
                report(name, "names something that is no symbol", instead: "it is left out")
            }
        }
        symbols.sort()
        keep(name, symbols.map(\.text).joined(separator: ","))
        return symbols
    }

    /// Accounts between commas; what is none is reported and left out.
    mutating func accounts(_ name: String) -> [AccountLabel] {
        guard let text = text(name) else { return [] }
        var accounts: [AccountLabel] = []
        for part in text.split(separator: ",") {
            let word = part.filter { $0 != " " && $0 != "\t" }
            guard !word.isEmpty else { continue }
            do { accounts.append(try AccountLabel(word)) } catch {
                report(name, "names something that is no account", instead: "it is left out")
            }
        }
        accounts.sort()
        keep(name, accounts.map(\.text).joined(separator: ","))
        return Array(accounts.prefix(64))
    }

    private mutating func unreadable<Value>(_ name: String, _ problem: String, _ value: Value) -> Value {
        report(name, problem, instead: "\(value)")
        return value
    }
}
