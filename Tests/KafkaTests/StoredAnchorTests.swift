import Core
import Testing

@testable import Kafka

@Suite struct `An anchor in a committed offset` {
    @Test func `comes back as it was stored`() {
        for anchor in [
            Anchor(offset: 0, timestamp: 0, hash: 0), Anchor(offset: .max, timestamp: -1, hash: .max),
            Anchor(offset: 41, timestamp: 1_700_000_000_000, hash: 0xFFEE_DDCC_BBAA_9988),
        ] {
            #expect(StoredAnchor.decode(StoredAnchor.encode(anchor)) == anchor)
        }
    }

    @Test(arguments: ["", "hello", "torghut2:1:2:3", "torghut1:1:2", "torghut1:1:2:xyz", "torghut1:1:2:3:4"])
    func `is none when somebody else wrote there`(text: String) {
        #expect(StoredAnchor.decode(text) == nil)
    }
}
