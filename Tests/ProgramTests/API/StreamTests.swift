import Foundation
import TestSupport
import Testing

@Suite struct `The stream of events` {
    /// Listens, is ended by force at random, and begins again where it was: prints the position of every record it was
    /// sent, in the order in which each came first, once it has the last one, and how often it was ended.
    private static let client = """
        import json, os, random, signal, subprocess, sys, time
        address, auth, seed, first, goal = sys.argv[1:6]
        chance, last, seen, order, ended = random.Random(int(seed)), first, set(), [], 0
        began, kinds = time.monotonic(), {}
        while time.monotonic() - began < 150:
            with open("heard", "wb") as heard:
                curl = subprocess.Popen(["curl", "-sSN", "-H", auth, "-H", "Last-Event-ID: " + last,
                    address + "/trading/stream"], stdout=heard)
                time.sleep(chance.uniform(0.02, 0.4))
                curl.send_signal(signal.SIGKILL)
                curl.wait()
            ended += 1
            # What is not whole was not heard.
            for block in open("heard", "rb").read().decode(errors="replace").split("\\n\\n")[:-1]:
                fields = dict(line.split(": ", 1) for line in block.split("\\n") if ": " in line)
                kinds[fields.get("event")] = kinds.get(fields.get("event"), 0) + 1
                place = json.loads(fields["data"]).get("position") if "data" in fields else None
                if place and place not in seen:
                    seen.add(place)
                    order.append(place)
                if "id" in fields: last = fields["id"]
            if ended >= 20 and os.path.exists(goal) and len(seen) >= int(open(goal).read()): break
        print(json.dumps({"order": order, "ended": ended, "snapshots": kinds.get("snapshot", 0)}))
        """

    @Test func `loses no event when its client is killed twenty times, and the server once`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let nowhere = "host=\(program.ground.folder) user=nobody dbname=none"
        var api = try await RunningAPI(program, roles: "api", address: nowhere)
        let port = try #require(api.address.split(separator: ":").last.map(String.init))
        let opening = try await api.opening()
        let first = try #require(opening.firstMatch(of: #/id: (v1-[0-9.]+)/#).map { String($0.output.1) })
        let (address, folder) = (api.address, program.ground.folder)
        let seed = "\(UInt64.random(in: 0...1_000_000))"
        async let heard = aside {
            try Judge.run(
                "bash",
                [
                    "-c", #"cd "$1" && shift && exec /usr/bin/python3 -c "$@""#, "client", folder, Self.client, address,
                    RunningAPI.auth, seed, first, "\(folder)/goal",
                ])
        }
        var told: Set<String> = []
        for turn in 0..<20 {
            if turn == 10 {
                #expect(try await api.roles.stop() == 0)
                api = try await RunningAPI(program, roles: "api", address: nowhere, port: port)
            }
            let lines = (0..<60).map { Self.line(turn * 60 + $0) }
            let appended = try await program.run(
                ["log", "append", "--topic", "torghut.decisions.v1"], input: Array(lines.joined(separator: "\n").utf8))
            try #require(appended.status == 0, "\(appended.err)")
        }
        let read = try await program.run("log", "read", "--topic", "torghut.decisions.v1", "--to", "end")
        for line in read.lines {
            let record = try fields(line)
            let (partition, offset) = (record["partition"] as? Int ?? -1, record["offset"] as? Int ?? -1)
            told.insert("torghut.decisions.v1/\(partition)/\(offset)")
        }
        try #require(told.count == 1_200, "\(read.lines.first ?? "")")
        try "\(told.count)".write(toFile: "\(folder)/goal.new", atomically: true, encoding: .utf8)
        try FileManager.default.moveItem(atPath: "\(folder)/goal.new", toPath: "\(folder)/goal")
        let verdict = try await heard
        let said = try fields(verdict.output)
        let order = try #require(said["order"] as? [String])
        #expect(Set(order) == told && said["snapshots"] as? Int == 0, "seed \(seed): \(order.count) of \(told.count)")
        #expect(said["ended"] as? Int ?? 0 >= 20)
        // Within a partition in the order of the log, whatever was sent twice.
        for (source, places) in Dictionary(grouping: order, by: { $0.split(separator: "/").dropLast().joined() }) {
            let offsets = places.compactMap { Int($0.split(separator: "/").last ?? "") }
            #expect(offsets == offsets.sorted(), "seed \(seed): \(source)")
        }
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `begins with what is in force at its place, and says how far behind everybody is`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        var opening = ""
        for number in 1...4 {
            let verb = number % 2 == 1 ? "disable" : "enable"
            #expect(
                try await api.post("/trading/control/lanes/execution/\(verb)", #"{"reason":"a drill"}"#).status == 200)
            // At once: whatever is not in the snapshot has to come behind it.
            opening =
                try await number < 4
                ? api.opening() : api.opening(7) { $0.contains("event: snapshot") && $0.contains("event: lag") }
            let data = try #require(opening.firstMatch(of: #/event: snapshot\ndata: (.+)/#)?.output.1)
            let snapshot = try fields(String(data))
            let control = try #require(snapshot["control"] as? [String: any Sendable])
            let lanes = try #require(control["lanes"] as? [String: String])
            let behind = opening.contains("event: control.lane_\(verb)d")
            #expect(lanes["execution"] == (number % 2 == 1 ? "off" : "on") || behind, "\(opening)")
            let position = try #require(snapshot["position"] as? String)
            #expect(position.contains("torghut.control.v1=") && position.contains("torghut.decisions.v1="))
        }
        let lag = try #require(opening.firstMatch(of: #/event: lag\ndata: (.+)/#)?.output.1)
        let roles = try #require(try fields(String(lag))["roles"] as? [[String: any Sendable]])
        #expect(roles.contains { $0["role"] as? String == "api" && $0["events"] as? Int != nil }, "\(lag)")
        #expect(try await api.curl("/trading/stream", "--head").status == 200)
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `ends when its token is taken out of the file`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let folder = program.ground.folder
        let api = try await RunningAPI(program, roles: "api", address: "host=\(folder) user=nobody dbname=none")
        _ = try await api.opening()
        let client = api.client
        try await eventually("nobody who listens") {
            try await client.curl("/metrics").body.contains("\ntorghut_http_streams 0")
        }
        let began = ContinuousClock.now
        async let heard = client.curl("/trading/stream", as: RunningAPI.auth, ["-N", "--max-time", "55"])
        try await eventually("a listener") {
            try await client.curl("/metrics").body.contains("\ntorghut_http_streams 1")
        }
        let taken = try await aside {
            try Judge.run("bash", ["-c", "umask 077; cd \(folder) && grep -v ^anna tokens > other; mv other tokens"])
        }
        try #require(taken.status == 0, "\(taken.errors)")
        #expect(try await heard.body.contains("event: snapshot"))
        #expect(ContinuousClock.now - began < .seconds(50))
        #expect(try await client.curl("/trading/stream", as: RunningAPI.auth, []).status == 401)
        #expect(try await api.roles.stop() == 0)
    }

    private static func line(_ number: Int) -> String {
        let id = String(number + 1_000_000)
        return """
            {"key":"S\(number % 23)","value":{"event_id":"00000000-0000-8000-8000-00000\(id)","event_type":"shadow.failed",\
            "version":1,"number":\(number)}}
            """
    }
}
