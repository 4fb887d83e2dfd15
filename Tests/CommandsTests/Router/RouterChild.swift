import RouterTestSupport
import TestSupport

extension Child {
    /// A router in a process of its own.
    convenience init(router: RouterWords, journal: String, _ more: [String: String] = [:]) throws {
        let words = router.arguments.merging(["journal": journal]) { $1 }
        try self.init("router-child", words.merging(more) { $1 })
    }
}
