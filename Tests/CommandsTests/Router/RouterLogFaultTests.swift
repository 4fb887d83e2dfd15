import Bus
import Commands
import Core
import Domain
import RouterTestSupport
import TestSupport
import Testing
import Threading

/// What the log may do to a router.
@Suite(.serialized) struct `A router whose log misbehaves` {
    /// Without its answer nothing would ever tell what became of the attempt: the broker refused, so it shows nothing.
    @Test(arguments: [AppendFault.beforeWriting, .afterWriting])
    func `keeps an answer until its append is known to be on the log`(fault: AppendFault) async throws {
        let ground = try await RouterGround()
        let journal = JournalLog(ground.journal)
        let partition = RouterGround.partition(of: "AAPL")
        var maker = IntentMaker(ground.words.policy.routing, prefix: "kept-\(fault)")
        let event = maker.next("AAPL", expected: .alpaca, at: ground.time.now())
        let intent = try #require(event.intent)
        try await ground.broker.control("/_sim/outcomes", #"{"action": "reject"}"#)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: journal)
        // The first append prepares, the second is the answer's.
        let log = FaultyLog(journal, failing: "torghut.router.\(partition)", [.none, fault])
        let router = RouterHere(ground.words, on: log, partitions: [partition])
        let story = try await router.story(.seconds(10)) { $0.ending(of: intent.intentID) == .nothingLive }
        #expect(story.ending(of: intent.intentID) == .nothingLive, "\(story.kinds(of: intent.intentID))")
        let kinds = story.kinds(of: intent.intentID)
        #expect(kinds.filter { $0 == "attempt_rejected" || $0 == "attempt_resolved" }.count == 1, "\(kinds)")
        #expect(router.notes.all.contains { $0.hasPrefix("restarting") })
        await router.fleet.end()
        await journal.close()
    }
}
