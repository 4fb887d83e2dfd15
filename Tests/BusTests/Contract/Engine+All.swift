import Bus
import Core
import Foundation
import TestSupport

extension Engine {
    static let all: [Engine] = [memory, memoryWithHoles]

    static let memory = Engine(name: "twin", cannotShow: []) { scene(of: MemoryLog()) }

    static let memoryWithHoles = Engine(name: "twin with holes", cannotShow: []) { scene(of: MemoryLog(holes: true)) }

    private static func scene(of log: MemoryLog) -> Scene {
        Scene(log: log, name: "twin", create: { try await log.create($0) }, end: {})
    }
}
