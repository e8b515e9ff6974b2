import Glibc

/// Time as the tests count it: monotonic, in milliseconds.
enum Clock {
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    static func system(_ call: String) -> Failure { Failure("\(call): \(String(cString: strerror(errno)))") }
}

/// How long a test waits for something that must happen. No verdict depends on how fast the machine is: what comes,
/// comes long before this.
let patience = 90_000

/// Longer than any test waits: for servers that never answer, and for the timeouts that a test must not meet.
let forever = 3_600_000

/// Waits until `condition` holds, looking every few milliseconds.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    let deadline = Clock.now() + patience
    while true {
        if try condition() { return }
        if Clock.now() > deadline { throw Failure("not within \(patience) ms: \(what)") }
        _ = poll(nil, 0, 5)
    }
}
