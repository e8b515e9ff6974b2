import Testing

@testable import Telemetry

@Suite struct LogTests {
    @Test func aLineHasTimeLevelComponentAndMessage() {
        let bytes = Log.line(.warn, "resolver", "bad \"name\"\nforged", omitted: 0, milliseconds: 0)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "1970-01-01T00:00:00.000Z warn resolver bad \"name\"\\x0aforged\n")
    }

    @Test func aLongLineIsCutToOneLine() {
        let message = String(repeating: "x", count: 100_000)
        let bytes = Log.line(.info, "a", message, omitted: 3, milliseconds: 0)
        #expect(bytes.count == TelemetryLimits.logLineBytes && bytes.last == 0x0A)
    }

    @Test func repeatedLinesAreLeftOutAndCounted() {
        var filter = RepeatFilter()
        for _ in 0..<RepeatFilter.allowed {
            #expect(filter.judge(component: "a", message: "m", now: 0) == .write(omitted: 0))
        }
        #expect(filter.judge(component: "a", message: "m", now: 1) == .omit)
        #expect(filter.judge(component: "a", message: "other", now: 1) == .write(omitted: 0))
        #expect(filter.judge(component: "a", message: "m", now: RepeatFilter.window) == .write(omitted: 1))
    }

    @Test func levelsAreReadByName() {
        #expect(LogLevel(name: "debug") == .debug)
        #expect(LogLevel(name: "loud") == nil)
    }
}
