import Foundation
import Testing

@testable import Telemetry

@Suite struct LogTests {
    @Test func aLineHasTimeLevelComponentAndMessage() {
        let bytes = Log.line(.text, .warn, "resolver", "bad \"name\"\nforged", omitted: 0, milliseconds: 0)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "1970-01-01T00:00:00.000Z warn resolver bad \"name\"\\x0aforged\n")
    }

    @Test func aLongLineIsCutToOneLine() {
        let message = String(repeating: "x", count: 100_000)
        let bytes = Log.line(.text, .info, "a", message, omitted: 3, milliseconds: 0)
        #expect(bytes.count == TelemetryLimits.logLineBytes && bytes.last == 0x0A)
    }

    @Test(arguments: ["bad \"name\"\nforged", "caf\u{e9} \u{1b}[2J", String(repeating: "\u{1}\u{1F600}", count: 9_000)])
    func aJSONLineIsOneObjectWhateverTheMessageHolds(message: String) throws {
        let bytes = Log.line(.json, .error, "source", message, omitted: 7, milliseconds: 0)
        #expect(bytes.count <= TelemetryLimits.logLineBytes && bytes.last == 0x0A)
        #expect(bytes.dropLast().allSatisfy { (0x20...0x7E).contains($0) })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["time"] as? String == "1970-01-01T00:00:00.000Z")
        #expect(object["level"] as? String == "error" && object["component"] as? String == "source")
        #expect(object["repeated"] as? Int == 7)
        let text = try #require(object["message"] as? String)
        #expect(message.count < 100 ? text == message : message.hasPrefix(text.dropLast()))
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
