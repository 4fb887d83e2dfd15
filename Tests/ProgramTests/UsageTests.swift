import Testing

private let commands = [
    "up", "doctor", "topics list", "topics plan", "topics apply", "topics verify", "log append", "log read",
    "log stats",
    "log verify", "log repair", "log archive", "log restore", "log retention", "kafka dev", "run",
    "projections status", "projections verify", "projections rebuild", "projections promote", "projections rollback",
    "projections drop", "quarantine list", "quarantine show", "quarantine release", "quarantine skip",
    "quarantine patch", "version", "roles access", "projections migrate",
]

@Suite struct `The command line` {
    private func words(_ command: String) -> [String] { command.split(separator: " ").map(String.init) }

    @Test(arguments: commands)
    func `every command explains itself, and refuses an option it does not know`(command: String) async throws {
        let program = try Program(Ground())
        let help = try await program.run(words(command) + ["--help"])
        #expect(help.status == 0 && help.text.hasPrefix("torghut \(command): "))
        for part in ["Usage: torghut \(command)", "--log ADDRESS", "--json", "Exit codes", "  2  "] {
            #expect(help.text.contains(part), "\(part)")
        }
        let unknown = try await program.run(words(command) + ["--jsn"])
        #expect(unknown.status == 2 && unknown.err.contains("--jsn") && unknown.err.contains("did you mean --json?"))
        #expect(unknown.out.isEmpty)
    }

    @Test func `the program lists its commands, and says so when one is missing or unknown`() async throws {
        let program = try Program(Ground())
        for arguments in [["--help"], ["help"], ["-h"]] {
            let help = try await program.run(arguments)
            #expect(help.status == 0)
            for command in commands { #expect(help.text.contains("  \(command) "), "\(command)") }
        }
        #expect(try await program.run("log", "--help").text.contains("log append"))
        #expect(try await program.run("help", "log", "read").text.hasPrefix("torghut log read"))
        for (arguments, said) in [
            ([], "a command is missing"), (["log"], "needs one more word"), (["log", "raed"], "did you mean 'read'?"),
            (["verify"], "unknown command 'verify'"), (["log", "stats", "extra"], "unexpected 'extra'"),
        ] {
            let refused = try await program.run(arguments)
            #expect(refused.status == 2 && refused.err.contains(said), "\(arguments): \(refused.err)")
        }
    }

    @Test(arguments: [
        (["log", "read"], "needs --topic"), (["log", "read", "--topic"], "--topic needs a value"),
        (["log", "read", "--topic", "a", "--topic", "b"], "--topic is given twice"),
        (["log", "read", "--topic", "a", "--from", "soon"], "--from is an offset"),
        (["log", "read", "--topic", "a", "--to", "beginning"], "--to is an offset or end"),
        (["log", "read", "--topic", "a", "--max", "-1"], "--max is a whole number"),
        (["log", "read", "--topic", "a", "--follow=yes"], "--follow takes no value"),
        (["log", "read", "--topic", "a", "--values", "--json"], "ask for two things"),
        (["log", "append"], "needs --topic"), (["log", "append", "--follow"], "has no option --follow"),
        (["log", "archive"], "needs DIR"), (["log", "restore"], "needs DIR"),
        (["log", "archive", "a", "--from", "3"], "need exactly one --topic"),
        (["log", "archive", "a", "--once"], "belong to --follow"),
        (["log", "archive", "a", "--follow", "--every", "soon"], "--every is a time"),
        (["kafka", "dev", "--brokers", "10"], "--brokers is at most 9"), (["up", "--for", "x"], "--for is a time"),
        (["-x"], "options begin with two dashes"),
        (["--log", "kafka:h:1", "log", "repair"], "log repair is for a journal"),
        (["--log", "kafka:h:1", "log", "retention"], "log retention is for a journal"),
    ])
    func `what cannot be meant is refused with exit code 2`(arguments: [String], said: String) async throws {
        let refused = try await Program(Ground()).run(arguments)
        #expect(refused.status == 2 && refused.err.contains(said), "\(refused.err)")
        #expect(refused.out.isEmpty)
    }

    @Test func `every problem of the settings is named at once, and no secret with it`() async throws {
        var program = try Program(Ground())
        program.environment = [
            "TORGHUT_LOG": "tape:/dev/null", "TORGHUT_KAFKA_PROPS": "sasl.password;x=y", "TORGHUT_DATA_DIR": "",
        ]
        let refused = try await program.run("log", "stats")
        #expect(
            refused.status == 2 && refused.err.contains("'tape'") && refused.err.contains("entry 1 is not name=value"))
        #expect(refused.err.contains("TORGHUT_DATA_DIR is empty"))
        #expect(!refused.err.contains("sasl.password"))
        for address in ["kafka:host", "kafka::9092", "kafka:h:99999", "kafka:h:1,", "journal:", "plain"] {
            #expect(try await program.run(["log", "stats", "--log", address]).status == 2, "\(address)")
        }
    }

    @Test func `the log may be named before or after the command, in both spellings`() async throws {
        let program = try Program(Ground())
        #expect(try await program.run("--log", "journal:j", "topics", "apply", "--json").status == 0)
        for arguments in [
            ["topics", "verify", "--log", "journal:j"], ["--log=journal:j", "topics", "verify"],
            ["topics", "--log", "journal:j", "verify", "--json"],
        ] {
            #expect(try await program.run(arguments).status == 0, "\(arguments)")
        }
        #expect(try await program.run("topics", "verify").status == 3)
    }
}
