import Testing

@testable import Interception

@Suite("Running a program")
struct SubprocessTests {
    @Test("Input and both outputs pass, larger than any kernel buffer")
    func streams() throws {
        let text = String(repeating: "0123456789abcde\n", count: 64 * 1024)
        let outcome = try Subprocess.run("/usr/bin/tee", ["/dev/null"], environment: [], input: text)
        #expect(outcome.succeeded)
        #expect(outcome.output == text)
        let failed = try Subprocess.run("/bin/sh", ["-c", "echo why >&2; exit 3"], environment: ["PATH=/bin"])
        #expect(failed.status == 3)
        #expect(failed.diagnostics == "why\n")
    }

    @Test("A program that does not read its input is no trouble")
    func unreadInput() throws {
        let text = String(repeating: "x", count: 4 * 1024 * 1024)
        #expect(try Subprocess.run("/bin/true", [], environment: [], input: text).succeeded)
    }

    @Test("Endless output is cut off by ending the program")
    func endlessOutput() {
        #expect(throws: InterceptError.self) { try Subprocess.run("/usr/bin/yes", [], environment: []) }
    }

    @Test("A program that is not there is an error, a killed one has a status as shells count")
    func failures() throws {
        #expect(throws: InterceptError.self) { try Subprocess.run("/nonexistent/x", [], environment: []) }
        #expect(try Subprocess.run("/bin/sh", ["-c", "kill -9 $$"], environment: ["PATH=/bin"]).status == 137)
    }
}
