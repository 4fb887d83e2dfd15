import Glibc

/// The long runs of `make soak`: the same faults as in the tests, for longer and from another seed.
public enum Storm {
    /// Set by `make soak`; without it only the short twins run.
    public static var isOn: Bool { unsafe getenv("TORGHUT_SOAK") != nil }

    /// `TORGHUT_SEED`, as `make soak SEED=…` passes it on; 1 when nothing is said.
    public static var seed: UInt64 {
        guard let text = unsafe getenv("TORGHUT_SEED") else { return 1 }
        return UInt64(unsafe String(cString: text)) ?? 1
    }

    /// `TORGHUT_EVENTS`, as `make soak EVENTS=…` passes it on: how long the longest storm is.
    public static var events: Int {
        guard let text = unsafe getenv("TORGHUT_EVENTS") else { return 2_000_000 }
        return Int(unsafe String(cString: text)) ?? 2_000_000
    }

    /// `TORGHUT_ORDERS`, as `make soak ORDERS=…` passes it on: how many orders the longest day has.
    public static var orders: Int {
        guard let text = unsafe getenv("TORGHUT_ORDERS") else { return 100_000 }
        return Int(unsafe String(cString: text)) ?? 100_000
    }
}
