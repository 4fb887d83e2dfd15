import Commands
import Domain
import Testing

@Suite struct `A reading of what stops this process` {
    @Test func `engages when either of the two does`() {
        let reading: LocalStopReading = { LocalStop(latchFile: true, environment: false) }
        #expect(reading().isEngaged)
    }
}
