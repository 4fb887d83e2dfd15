/// A unit that was full may go on: the lane takes all of its units up again, and reads from where that one stopped.
struct RoomAgain: Error {}

/// Units in which no more may wait for operators.
extension Lane {
    /// Told once; a unit that is to reach a cap, and whose operators have no more to say, never will.
    func tellWhoIsFull() throws(FoldFailure) {
        for unit in table.units where (unit.isFull || unit.isDeaf) && !unit.hasRoomAgain {
            guard !unit.isStuck else { throw FoldFailure(unit: unit.name, description: unit.fullness) }
            if full.insert(unit.name).inserted { context.note(.halted, "\(unit.name): \(unit.fullness)") }
        }
    }

    /// Asked when the batch that made room is on its way.
    func lookForRoom() throws(RoomAgain) {
        let free = table.units.filter(\.hasRoomAgain).map(\.name)
        guard !free.isEmpty else { return }
        full.subtract(free)
        throw RoomAgain()
    }
}
