import Foundation
import TestSupport
import Testing

@Suite struct `A proxy full of faults` {
    @Test func `does what its script says, as often as it says`() async throws {
        let broker = try Simulator("alpaca")
        let proxy = try Simulator("faults", "--to", broker.address())
        let verdict = try await Scripts.run(
            """
            import http.client, socket, time
            base, control, broker = "\(proxy.address())", "\(proxy.address("control"))", "\(broker.address())"
            def attempt(id):
                try: return ask(base, "POST", "/v2/orders", order(id))[0]
                except (urllib.error.URLError, http.client.HTTPException, ConnectionError, ValueError) as error:
                    return type(error).__name__
            names = ["drop_before", "drop_after", "error_before", "error_after", "duplicate", "truncate", "hang_after",
                     "delay", "drip"]
            faults = [{"fault": n, "method": "POST", "path": "/v2/orders", "milliseconds": 1} for n in names]
            assert ask(control, "POST", "/script", faults)[0] == 200
            assert ask(base, "GET", "/v2/clock")[0] == 200
            seen = {n: attempt(n) for n in names}
            counts = {i["client_order_id"]: i["submits"] for i in ask(broker, "GET", "/_sim/summary")[1]["client_order_ids"]}
            assert counts == {"drop_after": 1, "error_after": 1, "duplicate": 2, "truncate": 1, "hang_after": 1, "delay": 1,
                              "drip": 1}, counts
            assert seen["error_before"] == seen["error_after"] == 502 and seen["duplicate"] == 422, seen
            assert seen["delay"] == seen["drip"] == 200 and seen["truncate"] == "IncompleteRead", seen
            assert attempt("plain") == 200
            log = ask(control, "GET", "/log")[1]["entries"]
            assert [e["fault"] for e in log] == ["none"] + names + ["none"] and log[5]["forwards"] == 2, log
            ask(control, "POST", "/listening", {"listening": False})
            try: socket.create_connection(("127.0.0.1", \(proxy.ports["http"] ?? 0)), 2); assert False
            except ConnectionRefusedError: pass
            ask(control, "POST", "/listening", {"listening": True})
            assert attempt("again") == 200
            assert ask(control, "POST", "/script", {"fault": "earthquake"})[0] == 400
            print("ok")
            """)
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }

    @Test func `meets the same faults again from the same seed`() async throws {
        let broker = try Simulator("alpaca")
        func run(_ seed: Int) async throws -> [String] {
            let proxy = try Simulator("faults", "--to", broker.address())
            let chances = #"{"seed":\#(seed),"error_before":300,"drop_before":200,"corrupt":100}"#
            try await proxy.control("/random", chances, port: "control")
            _ = try await Scripts.run(
                """
                for n in range(40):
                    try: ask("\(proxy.address())", "GET", "/v2/clock")
                    except Exception: pass
                """)
            let log = try await proxy.control("/log", port: "control")
            return (0..<log.count("entries")).map { log("entries", $0, "fault") ?? "" }
        }
        let first = try await run(5)
        #expect(first.count == 40 && Set(first).count == 4, "\(first)")
        #expect(try await run(5) == first)
        #expect(try await run(6) != first)
    }
}

@Suite struct `The simulator's command line` {
    private func run(_ arguments: String...) async throws -> Judge.Verdict {
        let path = Simulator.path
        return try await aside { try Judge.run(path, arguments) }
    }

    @Test func `says what it can, and what it cannot`() async throws {
        let help = try await run("--help")
        #expect(help.status == 0 && help.output.contains("alpaca") && help.output.contains("--until-eof"))
        for wrong in [["frobnicate"], ["alpaca", "--gravity"], ["alpaca", "--port", "99999"], ["faults"]] {
            let verdict = try await aside { try Judge.run(Simulator.path, wrong) }
            #expect(verdict.status == 2 && verdict.errors.hasPrefix("torghut-sim: "), "\(wrong): \(verdict)")
        }
    }

    @Test func `ends in good order when it is asked to`() async throws {
        let script = """
            import subprocess, signal, json
            for command in (["alpaca"], ["faults", "--to", "http://127.0.0.1:1"], ["lean", "--to", "http://127.0.0.1:1"]):
                p = subprocess.Popen(["\(Simulator.path)"] + command, stdout=subprocess.PIPE)
                assert json.loads(p.stdout.readline())["http"] > 0
                p.send_signal(signal.SIGTERM)
                assert p.wait(10) == 0
            print("ok")
            """
        let verdict = try await aside { try Judge.python(script) }
        #expect(verdict.lines == ["ok"], "\(verdict)")
    }
}
