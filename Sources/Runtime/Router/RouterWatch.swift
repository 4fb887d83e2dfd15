internal import Commands
internal import Domain
internal import Telemetry

/// Hears what the router does: writes it down, and says how the role is.
struct RouterWatch: RouterObserver {
    private let house: House

    init(_ house: House) { self.house = house }

    func progressed(_ partition: Int32) { house.board.progressed(.router) }

    func noted(_ note: RouterNote) {
        let fields: Logbook.Fields = ["partition": .integer(Int64(note.partition)), "what": .text(note.text)]
        switch note.kind {
        case .owned: house.logbook.info("router_owned", fields)
        case .left: house.logbook.info("router_left", fields)
        case .snapshot: house.logbook.warning("router_snapshot", fields)
        case .unwritten: house.logbook.warning("router_unwritten", fields)
        case .restarting:
            house.board.failed(.router, for: "restarting")
            house.logbook.warning("router_restarting", fields)
            house.board.set(.router, .degraded, note.text)
        case .unread:
            house.logbook.error("router_unread", fields)
            house.board.set(.router, .degraded, note.text)
        case .fenced:
            house.board.failed(.router, for: "log_fenced")
            house.logbook.error("router_fenced", fields)
            house.board.set(.router, .degraded, "fenced from \(note.partition)")
        case .halted:
            house.logbook.error("router_halted", fields)
            house.board.set(.router, .degraded, "\(note.partition): \(note.text)")
        }
    }
}
