public import Core
public import Domain
internal import Glibc
internal import Wire

extension Settings {
    /// Names that only processes with roles read.
    static let ownNames =
        ["TORGHUT_CONTROL_TOKEN", "TORGHUT_HTTP_HOST", "TORGHUT_HTTP_PORT"] + APISettings.names + marketNames
    /// The original's settings: their names begin like this.
    private static let prefixes = ["TRADING_", "APCA_"]

    /// What is judged by, as the environment has it.
    public var policy: PolicyInForce { PolicyInForce(Policy(settings: { environment[$0] }), mint: EventMint.mint) }

    /// A setting of the environment; an empty one is unset.
    public func value(of name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whose account the broker's words are about where they name none.
    func accountLabel() throws(SettingsProblems) -> AccountLabel {
        let label = value(of: "TRADING_ACCOUNT_LABEL") ?? "paper"
        do { return try AccountLabel(label) } catch {
            throw SettingsProblems(problems: ["TRADING_ACCOUNT_LABEL: '\(label)': \(error)"])
        }
    }

    /// What whoever asks the control port must show; without one, being on this machine is enough.
    public var controlToken: Secret<String>? { value(of: "TORGHUT_CONTROL_TOKEN").map { Secret($0) } }

    /// All variables of this process whose names begin like the original's.
    static func tradingEnvironment() -> [String: String] {
        var found: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2, prefixes.contains(where: { pair[0].hasPrefix($0) }) {
                found[String(pair[0])] = String(pair[1])
            }
            unsafe entry += 1
        }
        return found
    }
}
