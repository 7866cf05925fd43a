/** Names in certificates, of which an authority may be talked into odd ones. */
import { expect, it } from "vitest";
import { alternativeNames, normalName } from "../../src/auth/certificate-names.ts";

it.each([
  ["DNS:a.example, DNS:B.example", ["DNS:a.example", "DNS:b.example"]],
  [
    "URI:spiffe://x/qm, IP Address:192.0.2.7, email:a@example.com",
    ["URI:spiffe://x/qm", "IP:192.0.2.7", "EMAIL:a@example.com"],
  ],
  ['DNS:"evil, DNS:vendor.example, x"', ["DNS:evil, dns:vendor.example, x"]],
  ['URI:"http://a, URI:spiffe://x/qm, b", DNS:a', ["URI:http://a, URI:spiffe://x/qm, b", "DNS:a"]],
  ["DNS:a, broken", []],
  ["", []],
])("%s", (text, names) => expect(alternativeNames(text)).toEqual(names));

it("is compared without regard to the case of a kind or of a DNS name, and with regard to that of a URI", () => {
  expect(normalName("dns:Vendor.example")).toBe("DNS:vendor.example");
  expect(normalName("uri:spiffe://X/qm")).toBe("URI:spiffe://X/qm");
});
