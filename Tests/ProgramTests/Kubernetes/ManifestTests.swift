import Foundation
import TestSupport
import Testing

/// `deploy/k8s` is read by the schemas of Kubernetes and held against this program (deploy/check-k8s.sh).
@Suite struct `The manifests of Kubernetes` {
    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/check-k8s.sh").standardizedFileURL.path

    private func judged(_ arguments: String...) async throws -> Judge.Verdict {
        try await aside { try Judge.run("bash", [Self.script] + arguments) }
    }

    @Test func `name what the program has, open what is needed and nothing else`() async throws {
        let verdict = try await judged(Program.path)
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        #expect(verdict.lines.last?.contains("objects, nothing to say") == true, "\(verdict.output)")
    }

    @Test func `are not let through with a fault that somebody planted`() async throws {
        let verdict = try await judged(Program.path, "--planted")
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        #expect(verdict.lines.last?.contains("faults, each was found") == true, "\(verdict.output)")
    }

    @Test func `start programs whose probes tell what is away from what has died`() async throws {
        let verdict = try await judged(Program.path, "--live")
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        #expect(verdict.lines.last?.contains("each says what is so") == true, "\(verdict.output)")
    }
}

@Suite struct `The step before a roll-out` {
    @Test func `makes the schema once, and has nothing to do the second time`() async throws {
        var program = try Program(Ground())
        let database = try PrivatePostgres.shared().database()
        program.environment["TORGHUT_DB_DSN"] = database.address
        let first = try await program.run("projections", "migrate", "--json")
        #expect(first.status == 0 && first.lines.first?.contains("0001-") == true, "\(first)")
        let second = try await program.run("projections", "migrate")
        #expect(second.status == 0 && second.out.isEmpty && second.err.contains("nothing to do"), "\(second)")
        program.environment["TORGHUT_DB_DSN"] = "postgresql://nobody@127.0.0.1:9/nothing"
        #expect(try await program.run("projections", "migrate").status == 1)
    }
}

@Suite struct `The small port` {
    @Test func `is not opened to others without a token for the stop`() async throws {
        var program = try Program(Ground())
        program.environment["TORGHUT_HTTP_HOST"] = "0.0.0.0"
        let refused = try await program.run("run", "--roles", "gates")
        #expect(refused.status == 2 && refused.err.contains("TORGHUT_CONTROL_TOKEN"), "\(refused)")
    }

    @Test func `says begun, gets on and ready, each by itself`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let roles = try await RunningRoles(program, "gates")
        for path in ["/startupz", "/readyz", "/livez", "/healthz"] {
            let address = roles.address + path
            try await eventually(path) {
                try await aside { try Judge.run("curl", ["-fsS", address]) }.status == 0
            }
        }
        #expect(try await roles.stop() == 0)
    }
}
