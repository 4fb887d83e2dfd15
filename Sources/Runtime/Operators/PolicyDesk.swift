public import Commands
public import Core
public import Domain
internal import JSON

/// Writes down which policy a process judges by: policies are settings of processes, and their history is on the log.
public enum PolicyDesk {
    /// The policy of trading, routing and gates, which `TRADING_*` make.
    public static let name = Label(trusted: "trading")

    /// Says that this policy is in force; `nil` when that was the last word about it.
    public static func record(
        _ policy: PolicyInForce, _ origin: OperatorOrigin, through desk: ControlDesk
    ) async throws -> RecordPosition? {
        try await desk.say { log in
            let last = try await last(log)
            guard last != policy.policyHash else { return nil }
            return .policyChanged(
                PolicyChanged(
                    order: origin.order(.global), name: name, policyHash: policy.policyHash, previousPolicyHash: last,
                    policyJSON: CompactJSON(trusted: settings(of: policy))))
        }
    }

    private static func last(_ log: any EventLog) async throws(LogError) -> ContentHash? {
        var last: ContentHash?
        _ = try await LogScan.read(log, [ControlView.source], wanting: [.control(.policyChanged)]) { event, _ in
            guard case .control(.policyChanged(let changed)) = event.content, changed.name == name else { return }
            last = changed.policyHash
        }
        return last
    }

    /// As an object: of each setting the value that is judged by.
    public static func settings(of policy: PolicyInForce) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            for setting in policy.policy.settings {
                json.key(setting.name)
                json.string(setting.value)
            }
        }
        return json.finish()
    }
}
