import Core
import Testing

@Suite struct `A secret` {
    @Test func `prints as redacted however it is printed, also inside another value`() {
        struct Settings {
            let user = "ann"
            let password = Secret("hunter2")
        }
        let settings = Settings()
        var dumped = ""
        dump(settings, to: &dumped)
        let mirrored = Mirror(reflecting: settings.password).children.map { "\($0.value)" }.joined()
        let printed = [
            "\(settings.password)", String(reflecting: settings.password), String(describing: settings.password),
            "\(settings)", String(reflecting: settings), dumped, mirrored, "\([settings.password])",
            "\(Optional(settings.password) as Any)",
        ]
        for text in printed { #expect(!text.contains("hunter2"), "\(text)") }
        #expect("\(settings.password)" == "[redacted]")
        #expect(settings.password.reveal() == "hunter2")
    }
}
