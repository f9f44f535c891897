import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  createRotation,
  nextHandover,
  type Rotation,
  type RotationPlan,
  readLocalTime,
  shiftAt,
  shiftsBetween,
} from "../../../src/route/on-call.ts";

const hour = 3_600_000;
const day = 24 * hour;

function local(text: string): number {
  return readLocalTime(text) ?? assert.fail(text);
}

function rotationOf(rest: Partial<RotationPlan> = {}): Rotation {
  return createRotation({
    people: ["张三", "李四", "王五"],
    timezone: "Asia/Shanghai",
    firstTurnAt: local("2026-11-02 09:00"),
    turnMs: 7 * day,
    overrides: [],
    ...rest,
  });
}

function override(from: string, to: string, who = "赵六") {
  return { fromAt: local(from), toAt: local(to), who };
}

const people: readonly (readonly [rule: string, rotation: Rotation, at: string, who: string])[] = [
  ["the first of the people begins", rotationOf(), "2026-11-02T09:00:00+08:00", "张三"],
  ["a turn lasts to its last millisecond", rotationOf(), "2026-11-09T08:59:59.999+08:00", "张三"],
  ["and the next one follows at once", rotationOf(), "2026-11-09T09:00:00+08:00", "李四"],
  ["after the last comes the first", rotationOf(), "2026-11-24T00:00:00+08:00", "张三"],
  ["before the first turn the order is the same", rotationOf(), "2026-11-02T08:59:59+08:00", "王五"],
  ["one person is always on call", rotationOf({ people: ["张三"] }), "2030-01-01T00:00:00Z", "张三"],
  ["turns of a day", rotationOf({ turnMs: day }), "2026-11-04T10:00:00+08:00", "王五"],
  ["turns of half a day", rotationOf({ turnMs: day / 2 }), "2026-11-02T21:00:00+08:00", "李四"],
  ["a person may have several turns", rotationOf({ people: ["a", "b", "a"] }), "2026-11-17T00:00:00+08:00", "a"],
];

const inNewYork: Partial<RotationPlan> = { timezone: "America/New_York", turnMs: day, people: ["even", "odd"] };

/** Clocks skip 02:00 to 03:00 on 2026-03-08, and show 01:00 to 02:00 twice on 2026-11-01. */
const changes: readonly (readonly [rule: string, first: string, at: string, shift: readonly [string, string]])[] = [
  [
    "a turn over the change to summer time is an hour shorter",
    "2026-03-07 09:00",
    "2026-03-08T00:00:00-05:00",
    ["2026-03-07T14:00:00.000Z", "2026-03-08T13:00:00.000Z"],
  ],
  [
    "a turn over the change to winter time is an hour longer",
    "2026-10-31 09:00",
    "2026-11-01T00:00:00-04:00",
    ["2026-10-31T13:00:00.000Z", "2026-11-01T14:00:00.000Z"],
  ],
  [
    "a handover at a time that clocks skip is at the change",
    "2026-03-07 02:30",
    "2026-03-08T03:10:00-04:00",
    ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"],
  ],
  [
    "a handover at a time that clocks show twice is at the first",
    "2026-10-31 01:30",
    "2026-11-01T01:40:00-04:00",
    ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"],
  ],
  [
    "and is not undone when they show it again",
    "2026-10-31 01:30",
    "2026-11-01T01:10:00-05:00",
    ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"],
  ],
];

const overridden: readonly (readonly [rule: string, at: string, shift: readonly [string, string, string]])[] = [
  ["a turn ends where an override begins", "2026-12-24T00:00:00Z", ["李四", "2026-12-21 09:00", "2026-12-24 09:00"]],
  ["an override is a shift of its own", "2026-12-24T01:00:00Z", ["赵六", "2026-12-24 09:00", "2026-12-25 09:00"]],
  ["one that touches it follows", "2026-12-25T01:00:00Z", ["孙七", "2026-12-25 09:00", "2026-12-25 12:00"]],
  ["the rest of the turn comes after it", "2026-12-25T04:00:00Z", ["李四", "2026-12-25 12:00", "2026-12-28 09:00"]],
  ["an override may span handovers", "2027-01-11T01:00:00Z", ["周八", "2027-01-08 09:00", "2027-01-20 09:00"]],
];

/** Of Shanghai, without seconds. */
function shown(at: number): string {
  return new Date(at + 8 * hour).toISOString().slice(0, 16).replace("T", " ");
}

describe("shiftAt", () => {
  for (const [rule, rotation, at, who] of people) {
    it(rule, () => assert.equal(shiftAt(rotation, Date.parse(at)).who, who));
  }

  for (const [rule, first, at, expected] of changes) {
    it(rule, () => {
      const { startsAt, endsAt } = shiftAt(rotationOf({ ...inNewYork, firstTurnAt: local(first) }), Date.parse(at));

      assert.deepEqual(
        [startsAt, endsAt].map((end) => new Date(end).toISOString()),
        expected,
      );
    });
  }

  const overrides = [
    override("2026-12-25 09:00", "2026-12-25 12:00", "孙七"),
    override("2026-12-24 09:00", "2026-12-25 09:00"),
    override("2027-01-08 09:00", "2027-01-20 09:00", "周八"),
  ];
  for (const [rule, at, expected] of overridden) {
    it(rule, () => {
      const { who, startsAt, endsAt } = shiftAt(rotationOf({ overrides }), Date.parse(at));

      assert.deepEqual([who, shown(startsAt), shown(endsAt)], expected);
    });
  }

  it("an override in an hour that clocks skip does not exist", () => {
    const overrides = [override("2026-03-08 02:10", "2026-03-08 02:50")];
    const rotation = rotationOf({ ...inNewYork, overrides });

    const shifts = shiftsBetween(rotation, Date.parse("2026-03-07T00:00:00Z"), Date.parse("2026-03-10T00:00:00Z"));

    assert.ok(shifts.every(({ who, startsAt, endsAt }) => who !== "赵六" && startsAt < endsAt));
  });
});

/** In the week of 张三 that begins on 2026-11-02. */
const handovers: readonly (readonly [rule: string, plan: Partial<RotationPlan>, next: string | null])[] = [
  ["the next turn", {}, "李四 2026-11-09 09:00"],
  ["an override", { overrides: [override("2026-11-05 09:00", "2026-11-06 09:00")] }, "赵六 2026-11-05 09:00"],
  [
    "not one by the same person",
    { overrides: [override("2026-11-05 09:00", "2026-11-10 09:00", "张三")] },
    "李四 2026-11-10 09:00",
  ],
  ["not the next turn of the same person", { people: ["张三", "张三", "李四"] }, "李四 2026-11-16 09:00"],
  ["none, where there is only one person", { people: ["张三"] }, null],
  [
    "an override in 14 days, where one person has short turns",
    { people: ["张三"], turnMs: hour, overrides: [override("2026-11-16 09:00", "2026-11-16 10:00")] },
    "赵六 2026-11-16 09:00",
  ],
  ["a turn in months", { turnMs: 50 * 7 * day }, "李四 2027-10-18 09:00"],
];

describe("nextHandover", () => {
  for (const [rule, plan, expected] of handovers) {
    it(rule, () => {
      const next = nextHandover(rotationOf(plan), Date.parse("2026-11-03T00:00:00+08:00"));

      assert.equal(next === null ? null : `${next.who} ${shown(next.startsAt)}`, expected);
    });
  }
});

const zones = Intl.supportedValuesOf("timeZone");
const [from, to] = [local("2000-01-01 00:00"), local("2060-01-01 00:00")];
const instant = fc.integer({ min: from, max: to });
const minutes = fc.integer({ min: 0, max: (to - from) / 60_000 }).map((count) => from + count * 60_000);
const names = fc.array(fc.constantFrom("张三", "李四", "王五", "赵六"), { minLength: 1, maxLength: 5 });

/** Overrides of a few days each, the next one begins where one ends or later. */
const someOverrides = fc
  .tuple(minutes, fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 1, max: 5_000 })), { maxLength: 6 }))
  .map(([first, spans]) => {
    let end = first;
    return spans.map(([gap, length], n) => {
      const fromAt = end + gap * 60_000;
      end = fromAt + length * 60_000;
      return { fromAt, toAt: end, who: `override ${n}` };
    });
  });

const plans = fc.record<RotationPlan>({
  people: names,
  timezone: fc.constantFrom(...zones),
  firstTurnAt: minutes,
  turnMs: fc.integer({ min: 1, max: 24 * 30 }).map((hours) => hours * hour),
  overrides: someOverrides,
});

/** Of zones that change by half an hour, by two hours, by a day, at midnight, or for a month of each year. */
const changing = [
  "America/New_York",
  "America/Santiago",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Antarctica/Troll",
  "Asia/Pyongyang",
  "Australia/Lord_Howe",
  "Europe/London",
  "Pacific/Apia",
].flatMap((timezone) => changesOf(timezone).map((at) => ({ timezone, at })));

/** Within two days of noon before a change. */
function changesOf(timezone: string): readonly number[] {
  const clock = clockOf(timezone);
  const days = Array.from({ length: 25 * 365 }, (_, n) => Date.UTC(2005, 0, 1, 12) + n * day);
  return days.filter((at) => clock(at + day) - clock(at) !== day);
}

/** Near an override, near a change of the clocks, or anywhere. */
const moments = fc.oneof(
  fc.record({ plan: plans, at: instant }),
  fc.record({ plan: plans, near: fc.integer({ min: -3 * day, max: 3 * day }) }).map(({ plan, near }) => {
    return { plan, at: (plan.overrides[0]?.fromAt ?? plan.firstTurnAt) + near };
  }),
  fc
    .record({ plan: plans, change: fc.constantFrom(...changing), near: fc.integer({ min: -day, max: 2 * day }) })
    .map(({ plan, change, near }) => ({ plan: { ...plan, timezone: change.timezone }, at: change.at + near })),
);

describe("rotations", () => {
  it("have exactly one shift at every instant, and the shifts tile the time", () => {
    fc.assert(
      fc.property(moments, ({ plan, at }) => {
        const rotation = createRotation(plan);

        const shift = shiftAt(rotation, at);

        assert.ok(shift.startsAt <= at && at < shift.endsAt);
        assert.deepEqual(shiftAt(rotation, shift.startsAt), shift, "at its first instant");
        assert.deepEqual(shiftAt(rotation, shift.endsAt - 1), shift, "at its last instant");
        assert.equal(shiftAt(rotation, shift.endsAt).startsAt, shift.endsAt, "the next one follows at once");
        assert.equal(shiftAt(rotation, shift.startsAt - 1).endsAt, shift.startsAt, "the one before ends at once");
      }),
      { numRuns: 1_000 },
    );
  });

  it("hand over at the local time of the config, or where clocks skip it at the change", () => {
    fc.assert(
      fc.property(moments, ({ plan, at }) => {
        const rotation = createRotation({ ...plan, overrides: [] });

        const { startsAt } = shiftAt(rotation, at);

        const clock = clockOf(plan.timezone);
        const late = mod(clock(startsAt) - plan.firstTurnAt, plan.turnMs);
        const jump = clock(startsAt) - clock(startsAt - 1) - 1;
        assert.ok(late === 0 || late <= jump, `${late} ms late, clocks jump by ${jump} ms`);
      }),
      { numRuns: 1_000 },
    );
  });

  it("give each person one turn after another, also with overrides", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: -40, max: 40 }), (people, turn) => {
        const rotation = rotationOf({ people });

        const { who } = shiftAt(rotation, Date.parse("2026-11-02T09:00:00+08:00") + turn * 7 * day);

        assert.equal(who, people[mod(turn, people.length)]);
      }),
    );
  });

  it("say the same for a span as for each instant of it", () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 40 * day }), ({ plan, at }, span) => {
        const rotation = createRotation({ ...plan, turnMs: Math.max(plan.turnMs, 12 * hour) });

        const shifts = shiftsBetween(rotation, at, at + span);

        assert.ok((shifts[0]?.startsAt ?? at + 1) <= at && (shifts.at(-1)?.endsAt ?? 0) >= at + span);
        for (const [n, shift] of shifts.entries()) {
          assert.deepEqual(shiftAt(rotation, shift.startsAt), shift);
          assert.equal(shift.startsAt, shifts[n - 1]?.endsAt ?? shift.startsAt);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** What clocks of the zone show, as if it were UTC: another way to it than the one under test. */
function clockOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return (at) => Date.parse(`${format.format(at).replace(" ", "T")}Z`) + mod(at, 1_000);
}

function mod(a: number, b: number): number {
  return ((a % b) + b) % b;
}

describe("readLocalTime", () => {
  const read: readonly (readonly [text: string, at: string | null])[] = [
    ["2026-11-02 09:00", "2026-11-02T09:00:00.000Z"],
    ["2026-11-02T23:59", "2026-11-02T23:59:00.000Z"],
    ["2028-02-29 00:00", "2028-02-29T00:00:00.000Z"],
    ["2026-02-29 00:00", null],
    ["2026-11-31 00:00", null],
    ["2026-11-02 24:00", null],
    ["2026-11-02 09:00:00", null],
    ["2026-11-02 09:00Z", null],
    ["2026-11-02", null],
    ["2026-1-2 9:00", null],
    ["", null],
  ];
  for (const [text, at] of read) {
    it(`"${text}" is ${at ?? "no local time"}`, () => {
      const local = readLocalTime(text);

      assert.equal(local === null ? null : new Date(local).toISOString(), at);
    });
  }
});
