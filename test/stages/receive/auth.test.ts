// Which requests are authenticated: every kind of credential, right, wrong, missing and at the wrong time. No network.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { challenge, judgeBody, judgeHead, type Presented } from "../../../src/receive/auth.ts";

type Headers = Readonly<Record<string, string>>;

function presented(headers: Headers, query: Headers = {}): Presented {
  return { header: (name) => headers[name.toLowerCase()] ?? null, query: (name) => query[name] ?? null };
}

/** In place of bcrypt: the hash is the password itself. */
const verify = async (password: string, { passwordHash }: { readonly passwordHash: Secret }) =>
  passwordHash.equals(password);

const basic = (username: string, password: string): Credential => ({
  kind: "basic",
  username,
  passwordHash: new Secret(password),
});
const sent = (username: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
});

const lists = {
  open: [],
  bearer: [{ kind: "authorization", scheme: "Bearer", credentials: new Secret("t0ken") }],
  scheme: [{ kind: "authorization", scheme: "Token", credentials: new Secret("a b") }],
  basic: [basic("am", "pa:ss@word")],
  twoPasswords: [basic("am", "old"), basic("am", "new")],
  header: [{ kind: "header", name: "X-Hook-Token", value: new Secret("t0ken") }],
  query: [{ kind: "query", name: "token", value: new Secret("t0ken") }],
  mixed: [
    { kind: "authorization", scheme: "Bearer", credentials: new Secret("t0ken") },
    basic("am", "secret"),
    { kind: "header", name: "X-Hook-Token", value: new Secret("other") },
  ],
} as const satisfies Readonly<Record<string, readonly Credential[]>>;

const allowed = "allowed";
const missing = "missing";
const wrong = "wrong";

const table: readonly (readonly [keyof typeof lists, string, Presented, string])[] = [
  ["open", "nothing", presented({}), allowed],
  ["bearer", "the token", presented({ authorization: "Bearer t0ken" }), allowed],
  ["bearer", "the token, with the scheme in other case", presented({ authorization: "bEARER  t0ken " }), allowed],
  ["bearer", "another token", presented({ authorization: "Bearer t0ken2" }), wrong],
  ["bearer", "the token in other case", presented({ authorization: "Bearer T0KEN" }), wrong],
  ["bearer", "an empty token", presented({ authorization: "Bearer" }), wrong],
  ["bearer", "nothing", presented({}), missing],
  ["bearer", "an empty header", presented({ authorization: "" }), missing],
  ["bearer", "the token under another scheme", presented({ authorization: "Token t0ken" }), missing],
  ["bearer", "the token in the address", presented({}, { token: "t0ken" }), missing],
  ["scheme", "credentials with a space", presented({ authorization: "Token a b" }), allowed],
  ["scheme", "a part of the credentials", presented({ authorization: "Token a" }), wrong],
  ["scheme", "a bearer token", presented({ authorization: "Bearer a b" }), missing],
  ["basic", "a password with : and @", presented(sent("am", "pa:ss@word")), allowed],
  ["basic", "the password up to its colon", presented(sent("am", "pa")), wrong],
  ["basic", "another name", presented(sent("grafana", "pa:ss@word")), wrong],
  ["basic", "what is no base64", presented({ authorization: "Basic %%%" }), wrong],
  ["basic", "a name without a password", presented({ authorization: `Basic ${btoa("am")}` }), wrong],
  ["basic", "a bearer token", presented({ authorization: "Bearer pa:ss@word" }), missing],
  ["twoPasswords", "the first of two passwords", presented(sent("am", "old")), allowed],
  ["twoPasswords", "the second of two passwords", presented(sent("am", "new")), allowed],
  ["header", "the token in its header", presented({ "x-hook-token": "t0ken" }), allowed],
  ["header", "another token in the header", presented({ "x-hook-token": "t0ken, t0ken" }), wrong],
  ["header", "the token elsewhere", presented({ authorization: "Bearer t0ken" }), missing],
  ["query", "the token in the address", presented({}, { token: "t0ken" }), allowed],
  ["query", "another token in the address", presented({}, { token: "" }), wrong],
  ["query", "no token in the address", presented({}, { key: "t0ken" }), missing],
  ["mixed", "what satisfies the first entry", presented({ authorization: "Bearer t0ken" }), allowed],
  ["mixed", "what satisfies the second entry", presented(sent("am", "secret")), allowed],
  [
    "mixed",
    "what satisfies the third and fails the first",
    presented({ authorization: "Bearer x", "x-hook-token": "other" }),
    allowed,
  ],
  ["mixed", "what satisfies none", presented({ authorization: "Bearer other" }), wrong],
];

describe("judgeHead", () => {
  for (const [list, what, shown, expected] of table) {
    it(`a list of ${list} answers ${what} with ${expected}`, async () => {
      const verdict = await judgeHead(lists[list], shown, { now: 0, verify });

      assert.equal(verdict.kind === "rejected" ? verdict.reason : verdict.kind, expected);
    });
  }

  it("compares a password for an unknown name too, so that names cannot be found out by time", async () => {
    const compared: string[] = [];
    const counting = async (password: string) => {
      compared.push(password);
      return true;
    };

    const verdict = await judgeHead(lists.basic, presented(sent("nobody", "x")), { now: 0, verify: counting });

    assert.deepEqual(compared, ["x"]);
    assert.deepEqual(verdict, { kind: "rejected", reason: "wrong" });
  });
});

const signedAt = 1_700_000_000;
const maxAgeMs = 300_000;
const hmac = (secret: string, timestampHeader: string | null, header = "X-Sig"): Credential => ({
  kind: "hmac",
  secret: new Secret(secret),
  header,
  timestampHeader,
  maxAgeMs,
});

/** Computed by Grafana's rule; the second pair is from its tests. */
const vectors = [
  ["gkey", '{"a":1}', "1700000000", "22fa362e179e150a7005766ee09f7a41a115d22c6499140a58c3eb23b8e70198"],
  ["secret", "test message", null, "3bcebf43c85d20bba6e3b6ba278af1d2ba3ab0d57de271b0ad30b833e851c5a6"],
  ["secret", "test message", "0", "ac18a483a582b60a883e974541afe25aa1026136163e94665649743324183ef1"],
] as const;

describe("signatures", () => {
  for (const [secret, body, time, signature] of vectors) {
    const list = [hmac(secret, time === null ? null : "X-Time")];
    const headers = { "x-sig": signature, ...(time === null ? {} : { "x-time": time }) };
    const at = { now: Number(time ?? 0) * 1_000 };

    it(`of Grafana pass: "${body}" ${time === null ? "without a time" : `at ${time}`}`, async () => {
      const shown = presented(headers);

      const head = await judgeHead(list, shown, { ...at, verify });
      const whole = judgeBody(list, shown, { bytes: Buffer.from(body), ...at, outboxNow: 0 });

      assert.deepEqual([head.kind, whole.kind], ["needsBody", "allowed"]);
    });

    it(`of Grafana fail for any other body or signature: "${body}" ${time === null ? "without a time" : `at ${time}`}`, () => {
      const judge = (bytes: string, changed: Headers) =>
        judgeBody(list, presented({ ...headers, ...changed }), {
          bytes: Buffer.from(bytes),
          ...at,
          outboxNow: 0,
        });

      const verdicts = [
        judge(`${body} `, {}),
        judge(body, { "x-sig": signature.toUpperCase() }),
        judge(body, { "x-sig": `sha256=${signature}` }),
        judge(body, { "x-sig": "" }),
        judge("", {}),
      ];

      for (const verdict of verdicts) assert.deepEqual(verdict, { kind: "rejected", reason: "wrong" });
    });
  }

  const [secret, body, , signature] = vectors[0];
  const list = [hmac(secret, "X-Time")];

  for (const [what, headers, now, expected] of [
    ["as old as allowed", { "x-time": `${signedAt}` }, signedAt * 1_000 + maxAgeMs, "needsBody"],
    ["as far ahead as allowed", { "x-time": `${signedAt}` }, signedAt * 1_000 - maxAgeMs, "needsBody"],
    ["too old", { "x-time": `${signedAt}` }, signedAt * 1_000 + maxAgeMs + 1, "stale"],
    ["too far ahead", { "x-time": `${signedAt}` }, signedAt * 1_000 - maxAgeMs - 1, "stale"],
    ["absent", {}, signedAt * 1_000, "wrong"],
    ["no number", { "x-time": "now" }, signedAt * 1_000, "wrong"],
    ["written with a sign", { "x-time": `+${signedAt}` }, signedAt * 1_000, "wrong"],
  ] as const) {
    it(`whose time is ${what}: ${expected}, before the body is read`, async () => {
      const verdict = await judgeHead(list, presented({ "x-sig": signature, ...headers }), { now, verify });

      assert.equal(verdict.kind === "rejected" ? verdict.reason : verdict.kind, expected);
    });
  }

  it("that are absent are missing credentials", async () => {
    const verdict = await judgeHead(list, presented({ "x-time": `${signedAt}` }), { now: 0, verify });

    assert.deepEqual(verdict, { kind: "rejected", reason: "missing" });
  });

  const shown = presented({ "x-sig": signature, "x-time": `${signedAt}` });

  it("with a time have an id, the same for every request with this signature and for no other", () => {
    const other = vectors[2];
    const otherShown = presented({ "x-sig": other[3], "x-time": other[2] });
    const judge = (now: number) => judgeBody(list, shown, { bytes: Buffer.from(body), now, outboxNow: now });

    const ids = [judge(signedAt * 1_000), judge(signedAt * 1_000 + maxAgeMs)].map(idOf);
    const otherId = idOf(
      judgeBody([hmac(other[0], "X-Time")], otherShown, { bytes: Buffer.from(other[1]), now: 0, outboxNow: 0 }),
    );

    assert.match(ids[0] ?? "", /^[\w-]{43}$/);
    assert.equal(ids[1], ids[0]);
    assert.notEqual(otherId, ids[0]);
  });

  it("are kept, by the outbox's clock, exactly until they are too old by this machine's", async () => {
    const skew = fc.integer({ min: -maxAgeMs, max: maxAgeMs });
    await fc.assert(
      fc.asyncProperty(skew, fc.nat(2 ** 40), async (skewMs, outboxNow) => {
        const now = signedAt * 1_000 + skewMs;
        const verdict = judgeBody(list, shown, { bytes: Buffer.from(body), now, outboxNow });

        assert.ok(verdict.kind === "allowed" && verdict.signature !== null);
        const keptMs = verdict.signature.expiresAt - outboxNow;
        const last = await judgeHead(list, shown, { now: now + keptMs - 1, verify });
        const after = await judgeHead(list, shown, { now: now + keptMs, verify });
        assert.deepEqual([last, after], [{ kind: "needsBody" }, { kind: "rejected", reason: "stale" }]);
      }),
    );
  });

  it("without a time have no id, because a repeat cannot be recognised", () => {
    const [key, message, , untimed] = vectors[1];
    const body = { bytes: Buffer.from(message), now: 0, outboxNow: 0 };

    const verdict = judgeBody([hmac(key, null)], presented({ "x-sig": untimed }), body);

    assert.deepEqual(verdict, { kind: "allowed", signature: null });
  });

  it("are tried against every entry, so that a secret can be rotated", () => {
    const two = [hmac("old", "X-Time"), hmac(secret, "X-Time")];
    const now = signedAt * 1_000;

    const verdict = judgeBody(two, shown, { bytes: Buffer.from(body), now, outboxNow: now });

    assert.equal(verdict.kind, "allowed");
  });
});

function idOf(verdict: ReturnType<typeof judgeBody>): string | undefined {
  return verdict.kind === "allowed" ? verdict.signature?.id : undefined;
}

describe("challenge", () => {
  it("names each scheme once, and is null when no credential uses the Authorization header", () => {
    assert.equal(
      challenge([...lists.mixed, ...lists.bearer]),
      'Bearer realm="alertmanager-wecom", Basic realm="alertmanager-wecom", charset="UTF-8"',
    );
    assert.equal(challenge([...lists.header, ...lists.query, hmac("x", null)]), null);
  });
});
