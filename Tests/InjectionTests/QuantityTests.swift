import Injection
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("250m", 0.25), ("1", 1), ("0.5", 0.5), ("64Mi", 67_108_864), ("1e3", 1000), ("2E3", 2000), ("1k", 1000),
    ])
    func quantitiesAreRead(_ text: String, _ amount: Double) {
        #expect(Quantity.amount(text) == amount)
    }

    @Test(arguments: [
        "", "m", ".", "-1", "1 Mi", "1mi", "1MiB", "lots", "1e", "1e99", "0x10", "1.2.3", "١", "1\n",
        "1000000000000000000000000000000000",
    ])
    func othersAreRefused(_ text: String) { #expect(Quantity.amount(text) == nil) }
}
