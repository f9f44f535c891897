// A storm as data: a shape of bots and keys, and a list of steps. Short scripts shrink well.

import fc from "fast-check";

export type Answer = "ok" | "busy" | "tooOften" | "hang" | "acceptThenHang" | "serverError";

export type Step =
  /** So many groups at once, from this number on, each with these alerts; what fires may be resolved by a later step. */
  | {
      readonly kind: "arrive";
      readonly firstGroup: number;
      readonly groups: number;
      readonly alerts: number;
      readonly status: "firing" | "resolved";
      readonly urgent: boolean;
    }
  | { readonly kind: "pass"; readonly ms: number }
  /** The next requests of one key of the first bot, or of its fallback (key 9), meet this instead. */
  | { readonly kind: "answers"; readonly key: number; readonly answer: Answer; readonly times: number }
  | { readonly kind: "keyDies" | "keyReturns"; readonly key: number }
  /** The process dies within its so many next calls of the outbox, and starts again a second later. */
  | { readonly kind: "crash"; readonly afterCalls: number }
  /**
   * A reload to a config without these keys, in which a bot without keys is not named; keys lost before and not named here are
   * back. It comes at once (0), or just before the so many-th next call of the outbox.
   */
  | { readonly kind: "reload"; readonly lost: readonly number[]; readonly afterCalls: number };

export interface Shape {
  readonly keys: number;
  readonly fallback: boolean;
  readonly reserve: number;
  readonly maxAgeMs: number;
}

export interface Script {
  readonly shape: Shape;
  readonly steps: readonly Step[];
}

const anyKey = fc.constantFrom(0, 1, 2, 9);

const arrive = fc.record({
  kind: fc.constant("arrive" as const),
  firstGroup: fc.constantFrom(0, 0, 0, 1, 2),
  groups: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }) }),
  alerts: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 90 })),
  status: fc.constantFrom("firing" as const, "firing" as const, "resolved" as const),
  urgent: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

const pass = fc.record({
  kind: fc.constant("pass" as const),
  ms: fc.oneof(fc.constantFrom(0, 50, 200, 1_000), fc.nat(15_000), fc.nat(120_000)),
});

const answers = fc.record({
  kind: fc.constant("answers" as const),
  key: anyKey,
  answer: fc.constantFrom<Answer>("busy", "busy", "tooOften", "hang", "acceptThenHang", "serverError"),
  times: fc.integer({ min: 1, max: 3 }),
});

const reload = fc.record({
  kind: fc.constant("reload" as const),
  lost: fc.oneof(fc.constant([]), fc.subarray([0, 1, 2, 9])),
  afterCalls: fc.oneof(fc.constant(0), fc.nat(8)),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: arrive },
  { weight: 6, arbitrary: pass },
  { weight: 4, arbitrary: answers },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("keyDies" as const, "keyReturns" as const), key: anyKey }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("crash" as const), afterCalls: fc.nat(20) }) },
  { weight: 3, arbitrary: reload },
);

export const scripts: fc.Arbitrary<Script> = fc.record({
  shape: fc.record({
    keys: fc.integer({ min: 1, max: 3 }),
    fallback: fc.boolean(),
    reserve: fc.constantFrom(0, 4),
    maxAgeMs: fc.constantFrom(120_000, 3_600_000),
  }),
  steps: fc.array(steps, { minLength: 1, maxLength: 40 }),
});

const calm: Shape = { keys: 1, fallback: false, reserve: 0, maxAgeMs: 3_600_000 };
const oneFires = { kind: "arrive", firstGroup: 0, groups: 1, alerts: 1, status: "firing", urgent: false } as const;

const theBotGoes = { kind: "reload", lost: [0], afterCalls: 0 } as const;
const allIsBack = { ...theBotGoes, lost: [] } as const;

/** Played first, every time: what was or could be broken where chance seldom looks. */
export const knownScripts: readonly Script[] = [
  // A backlog older than a window behind a key that is off.
  { shape: calm, steps: [{ kind: "keyDies", key: 0 }, oneFires, { kind: "pass", ms: 60_120 }] },
  // A newer state of a group whose body backs off, while another key is free.
  {
    shape: { ...calm, keys: 2 },
    steps: [
      { kind: "answers", key: 0, answer: "busy", times: 1 },
      oneFires,
      { kind: "pass", ms: 200 },
      { ...oneFires, status: "resolved" },
    ],
  },
  // A bot goes and comes back while its request is in flight, and more comes for it.
  {
    shape: calm,
    steps: [
      { kind: "answers", key: 0, answer: "hang", times: 1 },
      oneFires,
      theBotGoes,
      { kind: "pass", ms: 200 },
      allIsBack,
      { ...oneFires, firstGroup: 1 },
    ],
  },
  // A bot comes back while its lease is given back, and more comes for it.
  {
    shape: calm,
    steps: [
      oneFires,
      { kind: "pass", ms: 1_000 },
      theBotGoes,
      { ...allIsBack, afterCalls: 1 },
      { kind: "pass", ms: 1_000 },
      { ...oneFires, firstGroup: 1 },
      { kind: "pass", ms: 30_000 },
    ],
  },
  // A reload at each call on the way of a digest and its file, whose key is lost and comes back later.
  ...Array.from(
    { length: 12 },
    (_, n): Script => ({
      shape: { ...calm, keys: 2 },
      steps: [
        { ...theBotGoes, afterCalls: n + 1 },
        { ...oneFires, alerts: 90 },
        { kind: "pass", ms: 1_000 },
        { ...theBotGoes, lost: [1] },
      ],
    }),
  ),
  // Death at each call on the way of a digest and its file.
  ...Array.from(
    { length: 20 },
    (_, afterCalls): Script => ({
      shape: calm,
      steps: [
        { kind: "crash", afterCalls },
        { ...oneFires, alerts: 90 },
      ],
    }),
  ),
  // Death at each call on the way of a text and its picture.
  ...Array.from(
    { length: 14 },
    (_, afterCalls): Script => ({
      shape: calm,
      steps: [
        { kind: "crash", afterCalls },
        oneFires,
        { kind: "pass", ms: 10_000 },
        { ...oneFires, status: "resolved" },
      ],
    }),
  ),
  // A picture of which WeCom's answer is missing, or that it does not take, and a text that comes meanwhile.
  ...(["hang", "acceptThenHang", "busy", "tooOften", "serverError"] as const).map(
    (answer): Script => ({
      shape: { ...calm, keys: 2 },
      steps: [
        ...[0, 1].map((key) => ({ kind: "answers", key, answer: "ok", times: 1 }) as const),
        ...[0, 1].map((key) => ({ kind: "answers", key, answer, times: 1 }) as const),
        oneFires,
        { kind: "pass", ms: 2_000 },
        { ...oneFires, firstGroup: 1 },
      ],
    }),
  ),
  // More pictures than half of a window.
  {
    shape: calm,
    steps: Array.from({ length: 16 }, (_, n) => [
      { ...oneFires, firstGroup: n },
      { kind: "pass", ms: 3_000 } as const,
    ]).flat(),
  },
];
