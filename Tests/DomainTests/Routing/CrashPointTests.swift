import Core
import Domain
import Testing

@Suite struct `An attempt whose router dies` {
    typealias World = SimulatedWorld

    static let scripts: [World.Script] = [
        World.Script(fate: .fine), World.Script(fate: .fine, rejects: true), World.Script(fate: .lostReply),
        World.Script(fate: .lostRequest), World.Script(fate: .slowRequest), World.Script(fate: .slowReply),
        World.Script(fate: .errorAfter), World.Script(fate: .lies), World.Script(fate: .refusedConnection),
        World.Script(fate: .notSent), World.Script(fate: .contractInvalid), World.Script(fate: .doubled),
        World.Script(fate: .earlyError),
        World.Script(adapter: .alpaca, fate: .fine), World.Script(adapter: .alpaca, fate: .fine, rejects: true),
        World.Script(adapter: .alpaca, fate: .lostReply), World.Script(adapter: .alpaca, fate: .lostRequest),
        World.Script(adapter: .alpaca, fate: .slowRequest), World.Script(adapter: .alpaca, fate: .errorAfter),
        World.Script(adapter: .alpaca, fate: .lies), World.Script(adapter: .alpaca, fate: .refusedConnection),
    ]

    /// Seeds 1 and 2 differ in whether the broker refuses an id that it has seen.
    @Test(arguments: scripts, [1, 2] as [UInt64])
    func `has at most one live order and an outcome, at whichever point it dies`(script: World.Script, seed: UInt64) {
        var script = script
        var point = 0
        while point < 60 {
            script.deathPoint = point
            var world = World(seed: seed, policy: RouterSimulation.policy, script: script)
            world.run()
            #expect(world.failures == [], "\(script)")
            // Every point was one to die at; behind the last nothing dies.
            guard world.points > point else { break }
            point += 1
        }
        #expect(point >= 4)
    }
}
