import Core
import Domain
import Testing

@Suite struct `Orders under our id that should not be there` {
    private func working() -> Drive {
        var drive = Drive()
        drive.intent()
        drive.step()
        drive.step(drive.answered(drive.accepted()))
        return drive
    }

    private func canceled(_ steps: RouterStep...) -> [String] {
        steps.flatMap(\.events).compactMap { event in
            if case .route(.cancelRequested(let asked)) = event.content { asked.order.alpacaOrderID?.text } else { nil }
        }
    }

    private func confirmed(_ steps: RouterStep...) -> [String] {
        steps.flatMap(\.events).compactMap { event in
            if case .route(.cancelConfirmed(let told)) = event.content { told.order.alpacaOrderID?.text } else { nil }
        }
    }

    /// The second one is seen while the first one's cancellation is on its way.
    @Test func `are all canceled, and our own order is left alone`() {
        var drive = working()
        drive.seen("stray-1", .new)
        let first = drive.step()
        #expect(first.kinds == ["ids_divergent", "cancel_requested"] && canceled(first) == ["stray-1"])
        drive.seen("stray-2", .new)
        let second = drive.step()
        // Named at once; one cancellation at a time.
        #expect(second.kinds == ["ids_divergent"] && drive.first.cancel?.alpacaOrderID.text == "stray-1")
        #expect(drive.state.openOrders.map(\.orderID.text) == ["order-1", "stray-1", "stray-2"])
        drive.seen("stray-1", .canceled)
        let (third, fourth) = (drive.step(), drive.step())
        #expect(confirmed(third, fourth) == ["stray-1"] && canceled(third, fourth) == ["stray-2"])
        drive.seen("stray-2", .canceled)
        #expect(confirmed(drive.step()) == ["stray-2"])
        #expect(drive.step().kinds.isEmpty && drive.first.phase == .working && drive.first.cancel == nil)
        #expect(drive.state.openOrders.map(\.orderID.text) == ["order-1"])
    }

    @Test func `are over when the broker says so of them, and not our own with them`() {
        var drive = working()
        drive.seen("stray-1", .new)
        drive.step()
        let look = LookupAnswer(askedAt: drive.now, result: .found(drive.order("stray-1", .canceled)))
        let step = drive.step(.lookedUp(drive.first.intentID, drive.first.clientOrderID, look))
        #expect(confirmed(step) == ["stray-1"] && drive.first.phase == .working && drive.first.strays.isEmpty)
    }

    @Test func `that end by themselves while another is canceled need no cancellation`() {
        var drive = working()
        for name in ["stray-1", "stray-2"] { drive.seen(name, .new) }
        #expect(drive.step().kinds == ["ids_divergent", "ids_divergent", "cancel_requested"])
        drive.seen("stray-2", .filled)
        drive.seen("stray-1", .canceled)
        let (step, next) = (drive.step(), drive.step())
        #expect(confirmed(step, next) == ["stray-1"] && canceled(step, next).isEmpty && drive.first.strays.isEmpty)
    }

    @Test func `are remembered up to a limit`() {
        var drive = working()
        for number in 0...RoutedIntent.maximumStrays { drive.seen("stray-\(number)", .new) }
        #expect(drive.first.strays.count == RoutedIntent.maximumStrays)
    }
}
