import AdmissionFuzz
import FuzzDriver
import Testing

@Suite struct ControllerFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "/", "=", "==", "!=", "!", ",", "(", ")", " in (", " notin (", ".", "-", "_", ":", "@", "sha256:", " ", "\0",
        "a",
        "9223372036854775807", "99999999999999999999", "\u{e9}", "eyJ", "==", "namespaces/",
    ])

    private func findings(_ seeds: [String], _ entry: ([UInt8]) -> [String]) -> [String] {
        Self.driver.findings(seeds.map { Array($0.utf8) }, cutsShort: true, entry)
    }

    @Test func noRequestBreaksTheServedAPI() {
        #expect(
            findings(
                [
                    "a=b,c!=d,e,!f,g in (h,i),j notin (k)", "/api/v1/namespaces/shop/services/cart",
                    "/apis/gateway.networking.k8s.io/v1/httproutes", "12/shop/cart",
                    "eyJhbGciOiJub25lIn0.eyJhdWQiOlsid2VpciJdLCJleHAiOjE5MDAwMDAwMDB9.c2ln",
                    "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ3ZWlyIiwiZXhwIjoxLjVlOTl9.c2ln",
                ], ControllerFuzz.request) == [])
    }

    @Test func repositoriesStayWhatTheyAre() {
        #expect(
            findings(
                [
                    "weir", "registry.example.com:5000/team/weir:1.0",
                    "ghcr.io/weir/weir@sha256:" + String(repeating: "a", count: 64),
                ],
                ControllerFuzz.image) == [])
    }
}
