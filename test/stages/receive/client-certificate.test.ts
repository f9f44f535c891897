// Which client certificates are accepted.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientCertificate } from "../../../src/config/web-config.ts";
import { certificateError } from "../../../src/receive/tls-server.ts";

const none = { given: false, authorized: false, subjectAltName: "" };
const foreign = { given: true, authorized: false, subjectAltName: "DNS:a.example" };
const known = { given: true, authorized: true, subjectAltName: "DNS:a.example, IP Address:10.0.0.7" };

const table: readonly (readonly [ClientCertificate, boolean, boolean, boolean])[] = [
  // Without a certificate, with one of another authority, with a known one. For `verified` OpenSSL itself checks the authority.
  ["none", true, true, true],
  ["requested", true, true, true],
  ["any", false, true, true],
  ["verifiedIfGiven", true, false, true],
  ["verified", false, true, true],
];
for (const [clientCertificate, ...expected] of table) {
  test(`client certificates: ${clientCertificate} accepts ${expected.join(", ")}`, () => {
    const letsIn = [none, foreign, known].map(
      (peer) => certificateError(peer, { clientCertificate, allowedSans: [] }) === null,
    );

    assert.deepEqual(letsIn, expected);
  });
}

for (const [names, allowed, lets] of [
  ["DNS:a.example, IP Address:10.0.0.7", ["10.0.0.7"], true],
  ["DNS:a.example", ["b.example", "a.example"], true],
  ["DNS:a.example", ["A.example"], false],
  ["DNS:a.example.evil", ["a.example"], false],
  ["URI:spiffe://cluster/ns/monitoring", ["spiffe://cluster/ns/monitoring"], true],
  ["email:ops@example.cn", ["ops@example.cn"], true],
  ['DNS:"evil, DNS:a.example"', ["a.example"], false],
  ['DNS:"evil, DNS:a.example"', ["evil, DNS:a.example"], true],
  ['URI:"x\\", DNS:a.example", DNS:b.example', ["a.example"], false],
  ["", ["a.example"], false],
] as const) {
  test(`a certificate for ${names || "nobody"} is ${lets ? "" : "not "}among ${allowed.join()}`, () => {
    const peer = { ...known, subjectAltName: names };

    const error = certificateError(peer, { clientCertificate: "verified", allowedSans: allowed });

    assert.equal(error === null, lets);
  });
}
