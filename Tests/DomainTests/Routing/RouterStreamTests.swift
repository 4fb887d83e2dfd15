import Core
import Domain
import Testing

@Suite struct `A router that waits for the update stream` {
    private func drive(_ word: String? = "true") -> Drive {
        var drive = Drive()
        drive.settings["TRADING_REQUIRE_STREAM_READY"] = word
        drive.intent()
        return drive
    }

    private func say(_ drive: inout Drive, epoch: Int64, readyFor seconds: Int64?, of account: String = "paper") {
        let ready = seconds.flatMap { drive.now.advanced(by: .seconds($0)) }
        drive.write(
            .control(
                .streamLeaseTaken(
                    StreamLeaseTaken(
                        order: TradingDay.order(), stream: StreamLeaseTaken.updates(of: AccountLabel(trusted: account)),
                        process: ProcessName(trusted: "p"), epoch: epoch,
                        expiresAt: drive.now.advanced(by: .seconds(60)) ?? drive.now, readyUntil: ready))))
    }

    private func held(_ step: RouterStep) -> HoldReason? {
        guard case .route(.intentHeld(let held))? = step.events.last?.content else { return nil }
        return held.holdReason
    }

    @Test func `sends nothing before somebody says that it is ready, and goes on then`() {
        var drive = drive()
        #expect(held(drive.step()) == .streamNotReady)
        say(&drive, epoch: 1, readyFor: nil)
        #expect(drive.step(after: .seconds(1)).sentTo.isEmpty)
        say(&drive, epoch: 1, readyFor: 60, of: "another")
        #expect(drive.step(after: .seconds(1)).sentTo.isEmpty)
        say(&drive, epoch: 1, readyFor: 60)
        let step = drive.step(after: .seconds(1))
        #expect(step.kinds == ["intent_released", "attempt_prepared"] && step.sentTo == [.lean])
    }

    @Test func `takes the last word for old when its time is over, and a succeeded holder's for none`() {
        var drive = drive()
        say(&drive, epoch: 2, readyFor: 60)
        drive.now = drive.now.advanced(by: .seconds(61)) ?? drive.now
        drive.health(.lean)
        #expect(held(drive.step()) == .streamNotReady)
        say(&drive, epoch: 3, readyFor: nil)
        say(&drive, epoch: 2, readyFor: 60)
        #expect(drive.step(after: .seconds(1)).sentTo.isEmpty)
        say(&drive, epoch: 3, readyFor: 60)
        #expect(drive.step(after: .seconds(1)).sentTo == [.lean])
    }

    @Test(arguments: [nil, "false"])
    func `waits only where that is asked for`(word: String?) {
        var drive = drive(word)
        #expect(drive.step().sentTo == [.lean])
    }

    @Test func `waits also where the setting cannot be read, and an operator may let one pass`() {
        var drive = drive("yess")
        #expect(held(drive.step()) == .streamNotReady)
        drive.vouch(.releaseHold)
        #expect(drive.step(after: .seconds(1)).sentTo == [.lean])
    }
}
