/// The stories in which LEAN's answers are wrong.
extension ScenarioStage {
    private func begin(_ story: LeanPlan.Story) -> LeanFront? {
        sources.front?.begin(story, say)
        return sources.front
    }

    func leanTimeouts() async {
        guard let front = begin(.timeouts) else { return }
        let enough = 4
        _ = await wait(atMost: limit) {
            let misdeeds = front.plan.misdeeds
            return misdeeds[.notPassedOn, default: 0] >= enough && misdeeds[.notAnswered, default: 0] >= enough
        }
        told(front)
    }

    func leanLies() async {
        guard let front = begin(.lies) else { return }
        _ = await wait(atMost: limit) {
            let misdeeds = front.plan.misdeeds
            return misdeeds[.notMade, default: 0] >= LeanPlan.maximumLies
                && misdeeds[.takenAndRefused, default: 0] >= LeanPlan.maximumLies
        }
        told(front)
    }

    private func told(_ front: LeanFront) {
        let sums = front.plan.misdeeds.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.value) \($0.key.rawValue)"
        }
        say(sums.isEmpty ? "no order came meanwhile" : "in all: " + sums.joined(separator: "; "))
    }

    func canaryBreach() async {
        guard let front = begin(.failures) else { return }
        let isStopped = await wait(atMost: limit) {
            if let product, await Self.isLatched(product) { return true }
            // Without the product's word, silence after failures is the sign.
            guard product == nil, front.plan.misdeeds[.refused, default: 0] > 0, let silence = front.silence else {
                return false
            }
            return silence > .seconds(8)
        }
        told(front)
        say(
            isStopped
                ? "the gate has stopped LEAN; to go on: resolve the incident, clear the emergency stop, enable the lane"
                : "nothing stopped LEAN in time")
    }

    private static func isLatched(_ product: ScenarioProduct) async -> Bool {
        await product.get("/trading/control")?["emergency_stop"]?["latched"]?.bool ?? false
    }
}
