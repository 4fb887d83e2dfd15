import Core
import Glibc
import Synchronization

/// Whether the broker's REST answers at all.
final class OutageSwitch: Sendable {
    private let state = Mutex(false)
    var isOut: Bool { state.withLock { $0 } }
    func set(_ isOut: Bool) { state.withLock { $0 = isOut } }
}

/// What a scenario may move: the broker, its streams, and what stands in front of the runner.
struct ScenarioSources: Sendable {
    let broker: SimBroker
    let relay: SocketRelay
    let outage: OutageSwitch
    let front: LeanFront?
    /// A file that says where the product is; it is read when it is needed, because it may come later.
    let productFile: String?

    func product() -> ScenarioProduct? { productFile.flatMap(ScenarioProduct.init(file:)) }

    func heal() {
        outage.set(false)
        front?.begin(.honest, nil)
        broker.hub.heal()
        relay.fault(.heal)
    }
}

/// What whoever starts a scenario may say about it.
struct ScenarioWishes: Sendable {
    var product: ScenarioProduct?
    var limit: Duration?
    /// Who asked for it, and why.
    var asking: String?

    /// `nil` when it cannot be read.
    init?(_ body: [UInt8]) {
        guard !body.isEmpty else { return }
        guard let tree = Tree(body), case .object(let fields) = tree else { return nil }
        for field in fields where !["api", "token_file", "seconds", "by", "reason"].contains(field.name) { return nil }
        if let seconds = tree["seconds"] {
            guard let seconds = seconds.integer, (1...3_600).contains(seconds) else { return nil }
            limit = .seconds(seconds)
        }
        if let by = tree["by"]?.string { asking = "\(by): \(tree["reason"]?.string ?? "")" }
        switch (tree["api"]?.string, tree["token_file"]?.string) {
        case (nil, nil): break
        case (let api?, let file?):
            guard let token = TokenFile.read(file) else { return nil }
            product = ScenarioProduct(address: api, token: token)
        default: return nil
        }
    }
}

extension Scenario {
    /// What it needs and is not there.
    func missing(in sources: ScenarioSources, _ wishes: ScenarioWishes) -> String? {
        switch self {
        case .leanTimeouts, .leanLies, .canaryBreach:
            sources.front?.target == nil ? "no runner stands behind this simulator (--lean-port, POST /_sim/lean)" : nil
        case .killDrill:
            wishes.product ?? sources.product() == nil
                ? "nobody said where the product's API is (--product, or --api and --token-file)" : nil
        case .calm, .brokerOutage, .streamCut, .poison: nil
        }
    }
}
