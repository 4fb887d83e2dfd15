internal import Commands
internal import Core
internal import Domain
internal import Folding
internal import JSON

/// What is in force, as JSON: for `/trading/control`, and the first thing a stream says.
enum ControlText {
    static func bytes(_ seen: ControlSight.Seen, _ house: House) -> [UInt8] {
        let stop = StopReading(house, seen)
        let state = seen.view.state
        let now = house.time.now()
        var json = JSONWriter()
        json.object { json in
            json.key("known_at")
            optional(seen.provedAt, &json)
            json.key("fault")
            if let fault = seen.fault { json.string(fault) } else { json.null() }
            json.key("kill_switch")
            killSwitch(seen.view.state.kill, stop, &json)
            json.key("emergency_stop")
            json.object { json in
                json.key("latched")
                json.bool(state.stop.isLatched)
                json.key("latches")
                json.array { json in
                    for latch in state.stop.latches {
                        json.object { json in
                            json.key("latched_at")
                            json.string("\(latch.latchedAt)")
                            json.key("event_id")
                            json.string("\(latch.latchedBy)")
                            json.key("reasons")
                            json.array { json in for reason in latch.reasons { json.string(reason.text) } }
                        }
                    }
                }
            }
            json.key("disabled_lanes")
            json.array { json in
                for lane in Lane.allCases where state.mode(of: lane) == .off { json.string(lane.rawValue) }
            }
            json.key("lanes")
            json.object { json in
                for lane in Lane.allCases {
                    json.key(lane.rawValue)
                    json.string(state.mode(of: lane).rawValue)
                }
            }
            json.key("reviews")
            json.array { json in for review in state.reviews.rows { json.string(review.symbol.text) } }
            json.key("strategies")
            json.array { json in
                for row in state.strategies.rows where row.isEnabled { json.string(row.strategy.text) }
            }
            json.key("adapters")
            json.array { json in for row in state.adapters.rows { adapter(row, &json) } }
            json.key("overrides")
            json.array { json in
                for granted in state.overrides where granted.expiresAt > now { override(granted, &json) }
            }
        }
        return json.finish()
    }

    private static func killSwitch(_ kill: KillSwitch, _ stop: StopReading, _ json: inout JSONWriter) {
        json.object { json in
            json.key("engaged")
            json.bool(stop.isEngaged)
            json.key("state")
            json.string(stop.word)
            json.key("latch_file")
            json.bool(stop.latch)
            json.key("environment")
            json.bool(stop.environment)
            json.key("log")
            json.bool(stop.log)
            json.key("stale")
            json.bool(stop.isStale)
            json.key("unreadable")
            json.bool(stop.isUnread)
            json.key("engaged_at")
            optional(kill.engagedAt, &json)
            json.key("reason")
            if let reason = kill.reason { json.string(reason.text) } else { json.null() }
        }
    }

    private static func adapter(_ row: AdapterStanding, _ json: inout JSONWriter) {
        json.object { json in
            json.key("adapter")
            json.string(row.adapter.rawValue)
            json.key("breaker")
            json.string(row.breaker.rawValue)
            json.key("health")
            if let health = row.health { json.string(health.rawValue) } else { json.null() }
            json.key("judged_at")
            optional(row.breakerJudgedAt, &json)
        }
    }

    private static func override(_ granted: GrantedOverride, _ json: inout JSONWriter) {
        json.object { json in
            json.key("intent_id")
            json.string("\(granted.intentID)")
            json.key("kind")
            json.string(granted.kind.rawValue)
            json.key("expires_at")
            json.string("\(granted.expiresAt)")
            json.key("actor")
            json.string(granted.actor.text)
            json.key("reason")
            json.string(granted.reason.text)
        }
    }

    private static func optional(_ time: Timestamp?, _ json: inout JSONWriter) {
        if let time { json.string("\(time)") } else { json.null() }
    }
}
