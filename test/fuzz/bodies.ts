// Hostile bodies: damaged real ones, well-formed ones with every kind of label, and bodies that no sender sends. A number gives the
// same body every time.

import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createRandom, type Random } from "./random.ts";

export interface HostileBody {
  /** The kind of body, for the report. */
  readonly kind: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const webhooks = new URL("../fixtures/webhooks/", import.meta.url);

const realBodies: readonly Buffer[] = ["own", "captured"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, webhooks))
    .filter((name) => /\.(json|txt)$/.test(name) && !name.endsWith(".headers.json"))
    .map((name) => readFileSync(new URL(`${folder}/${name}`, webhooks))),
);

/** Label names and values that have broken programs: prototypes, markup, templates, halves of characters, and size. */
const hostileTexts: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "\0",
  "\u0000\u0001\u001f\u007f\u0085",
  "\ud800",
  "\udc00\ud800",
  "\u202eevil\u2066",
  "\ufeff\ufffe\uffff",
  "<@all>",
  "<@userid>",
  '<font color="warning">x</font>',
  "[a](http://169.254.169.254/)",
  "# heading\n> quote\n```\ncode",
  "{{labels.alertname}}",
  "{{#each this}}{{lookup . 'constructor'}}{{/each}}",
  "$\u007bjndi:ldap://x}",
  "%s%n%x",
  "../../../etc/passwd",
  "a".repeat(300),
  "报警".repeat(900),
  "👩‍👩‍👧‍👦".repeat(120),
  "e\u0301".repeat(500),
  "(a+)+$".repeat(40),
  "'; DROP TABLE messages; --",
  "key=00000000-0000-4000-8000-000000000000",
];

const hostileValues: readonly unknown[] = [null, true, -0, 1e308, 2 ** 60, -1, [], {}, [[[]]], { a: { b: null } }];

function text(random: Random): string {
  const one = random.pick(hostileTexts);
  return random.once(3) ? one + random.pick(hostileTexts) : one;
}

function value(random: Random, depth = 3): unknown {
  if (random.once(2)) return text(random);
  if (depth === 0 || random.once(2)) return random.pick(hostileValues);
  const size = random.below(4);
  if (random.once(2)) return Array.from({ length: size }, () => value(random, depth - 1));
  return pairs(random, size, depth - 1);
}

/** Makes own properties, also of `__proto__`, which an assignment would not. */
function pairs(random: Random, count: number, depth = 0): object {
  return Object.fromEntries(
    Array.from({ length: count }, () => [text(random), depth > 0 ? value(random, depth) : text(random)]),
  );
}

function alert(random: Random): object {
  return {
    status: random.pick(["firing", "resolved", "firing", "FIRING", text(random)]),
    labels: {
      alertname: text(random),
      severity: random.pick(["critical", text(random)]),
      ...pairs(random, random.below(6)),
    },
    annotations: random.once(8) ? value(random) : pairs(random, random.below(4)),
    startsAt: random.pick(["2026-11-22T08:21:20.992Z", "0001-01-01T00:00:00Z", "9999-99-99T99:99:99Z", text(random)]),
    endsAt: random.pick(["0001-01-01T00:00:00Z", "+275760-09-13T00:00:00.001Z", text(random)]),
    generatorURL: random.pick([
      "http://p.example/graph",
      "javascript:alert(1)",
      `http://${"a".repeat(3_000)}`,
      text(random),
    ]),
    fingerprint: random.pick(["c0ffee0000000000", text(random)]),
    values: random.once(4) ? value(random) : { A: 1 },
  };
}

function group(random: Random, alerts: number): Buffer {
  const body = {
    receiver: text(random),
    status: random.pick(["firing", "resolved", text(random)]),
    alerts: Array.from({ length: alerts }, () => alert(random)),
    groupLabels: random.once(6) ? value(random) : pairs(random, random.below(3)),
    commonLabels: pairs(random, random.below(3)),
    commonAnnotations: random.once(6) ? value(random) : {},
    externalURL: text(random),
    groupKey: `{}:{n="${random.below(5_000)}"}`,
    truncatedAlerts: random.pick([0, 0, 3, -1, 1e99, "7"]),
    ...(random.once(3) ? { orgId: 1, title: text(random), state: "alerting", message: text(random) } : {}),
  };
  return Buffer.from(JSON.stringify(body));
}

const charsets = [
  "gbk",
  "GB18030",
  "utf-8",
  "utf-16",
  "iso-8859-1",
  "shift_jis",
  "x-user-defined",
  '"',
  "no-such-charset",
];

function damagedBody(random: Random): Buffer {
  let bytes: Buffer = random.pick(realBodies);
  for (let left = random.below(4); left >= 0; left--) bytes = wound(bytes, random);
  return bytes;
}

function wound(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(200));
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(8)), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(JSON.stringify(value(random))), bytes.subarray(to)]);
  }
}

function nested(random: Random): Buffer {
  const depth = random.pick([10, 200, 2_000, 20_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"alerts":[{"labels":', "}]}"],
  ] as const);
  return Buffer.from(`${open.repeat(depth)}1${random.once(3) ? "" : close.repeat(depth)}`);
}

function manyKeys(count: number): Buffer {
  const labels = Array.from({ length: count }, (_, index) => `"k${index}":"v"`).join(",");
  return Buffer.from(`{"alerts":[{"status":"firing","labels":{${labels}}}]}`);
}

function twice(random: Random): Buffer {
  const [name, other] = [JSON.stringify(text(random)), JSON.stringify(text(random))];
  const labels = `{${name}:"a",${name}:"b",${name}:${other},"alertname":"x","alertname":[]}`;
  return Buffer.from(
    `{"alerts":[],"alerts":[{"status":"resolved","status":"firing","labels":${labels}}],"status":1,"status":"firing"}`,
  );
}

function packed(random: Random): HostileBody {
  const inner = random.once(2) ? group(random, 1) : random.bytes(random.below(300));
  const [encoding, pack] = random.pick([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const);
  const whole = pack(inner);
  const bytes = random.pick([
    whole,
    whole.subarray(0, random.below(whole.length)),
    inner,
    Buffer.concat([whole, whole]),
  ]);
  const named = random.pick([encoding, encoding, encoding.toUpperCase(), "identity", "gzip, gzip", "zstd", ""]);
  return { kind: "packed", bytes, headers: { "content-encoding": named } };
}

const heavy: Readonly<Record<string, () => Buffer>> = {
  "a million keys": () => manyKeys(1_000_000),
  "a string of 10 MB": () =>
    Buffer.from(JSON.stringify({ alerts: [{ labels: { alertname: "x".repeat(9_900_000) } }] })),
  "a body over the limit": () => Buffer.alloc(11_000_000, "["),
  "a gzip bomb": () => gzipSync(Buffer.alloc(200_000_000)),
  "a brotli bomb": () => brotliCompressSync(Buffer.alloc(200_000_000)),
  "three million alerts": () => Buffer.from(`{"alerts":[${"{},".repeat(3_000_000)}{}]}`),
  "a million labels of all": () =>
    Buffer.from(
      manyKeys(900_000)
        .toString()
        .replace(/^.*?"labels":/, '{"alerts":[{}],"commonLabels":')
        .replace(/\}\]\}$/, "}"),
    ),
  "twenty thousand alerts": () =>
    Buffer.from(
      JSON.stringify({
        alerts: Array.from({ length: 20_000 }, (_, index) => ({ labels: { alertname: `a${index}` } })),
      }),
    ),
};
const made = new Map<string, Buffer>();

/** Making the big bodies takes seconds in which nothing else is sent, so a run makes them before it measures. */
export function makeHeavyBodies(): void {
  for (const [kind, make] of Object.entries(heavy)) if (!made.has(kind)) made.set(kind, make());
}

function heavyBody(random: Random): HostileBody {
  makeHeavyBodies();
  const kind = random.pick([...made.keys()]);
  const encoding = kind === "a gzip bomb" ? "gzip" : "br";
  const headers = kind.endsWith("bomb") ? { "content-encoding": encoding } : {};
  return { kind, bytes: made.get(kind) ?? Buffer.alloc(0), headers };
}

const makers: readonly (readonly [share: number, kind: string, (random: Random) => Buffer])[] = [
  [45, "a damaged real body", damagedBody],
  [27, "hostile labels", (random) => group(random, 1 + random.below(2))],
  [10, "any JSON", (random) => Buffer.from(JSON.stringify(value(random, 5)) ?? "")],
  [4, "duplicate keys", twice],
  [3, "deep nesting", nested],
  [3, "bytes", (random) => random.bytes(random.below(400))],
  [2, "many keys", (random) => manyKeys(random.pick([100, 300, 1_000, 3_000]))],
  [2, "many alerts", (random) => group(random, random.below(30))],
];

/** One in four declares a charset, mostly a wrong one. */
function typeOf(random: Random): HostileBody["headers"] {
  return random.once(4) ? { "content-type": `application/json; charset=${random.pick(charsets)}` } : {};
}

/** @param heavyEvery one in this many bodies is big */
export function hostileBody(number: number, heavyEvery: number): HostileBody {
  const random = createRandom(number);
  if (number % heavyEvery === 0) return heavyBody(random);
  let share = random.below(100);
  for (const [of, kind, make] of makers) {
    if (share < of) return { kind, bytes: make(random), headers: typeOf(random) };
    share -= of;
  }
  return packed(random);
}
