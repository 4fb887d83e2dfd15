/// The stories that the simulator can make happen; each is bounded in time and ends by itself.
enum Scenario: String, Sendable, CaseIterable {
    case calm
    case leanTimeouts = "lean-timeouts"
    case leanLies = "lean-lies"
    case brokerOutage = "broker-outage"
    case streamCut = "stream-cut"
    case canaryBreach = "canary-breach"
    case killDrill = "kill-drill"
    case poison

    var title: String {
        switch self {
        case .calm: "Calm"
        case .leanTimeouts: "LEAN does not answer"
        case .leanLies: "LEAN lies"
        case .brokerOutage: "The broker is away"
        case .streamCut: "The update stream is cut"
        case .canaryBreach: "The canary's limit is broken"
        case .killDrill: "A kill drill"
        case .poison: "An update that cannot be folded"
        }
    }

    var what: String {
        switch self {
        case .calm: "Ends whatever goes wrong."
        case .leanTimeouts:
            "Of six orders one never reaches the runner and one is never answered: the first is proved absent and goes "
                + "to Alpaca, the second is found."
        case .leanLies:
            "LEAN says that it accepted an order which the broker never saw, and that it refused one which he took."
        case .brokerOutage: "The broker's REST answers nobody for eight seconds."
        case .streamCut: "The update stream is cut in the middle of a message, and later goes silent without an end."
        case .canaryBreach: "LEAN refuses orders until the gate stops it: incident, emergency stop, lane off."
        case .killDrill: "The kill switch is engaged by the API, orders stop, and it is released again."
        case .poison: "The broker tells of a fill that no table can hold: its key is parked until somebody decides."
        }
    }

    /// The longest that it goes on.
    var limit: Duration {
        switch self {
        case .calm, .poison: .seconds(10)
        case .brokerOutage: .seconds(8)
        case .streamCut, .killDrill: .seconds(60)
        case .leanTimeouts, .leanLies: .seconds(45)
        case .canaryBreach: .seconds(300)
        }
    }
}
