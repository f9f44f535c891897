// The judge of the chaos run finds each promise broken that it is there for, and nothing in a run without fault.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Shown, Stored } from "../../../bench/chaos/evidence.ts";
import { type Given, type Judgement, judge } from "../../../bench/chaos/judge.ts";
import type { Trouble } from "../../../bench/chaos/trouble.ts";

const minute = 60_000;
const kill: Trouble = { kind: "kill", replica: 0, fromAt: 10 * minute, toAt: 10 * minute };

function shown(text: string, at: number, marked = false): Shown {
  return { robot: "ops", isFile: false, text, at, marked };
}

function stored(text: string, deliveryId: number, more: Partial<Stored> = {}): Stored {
  return { bot: "ops", isFile: false, inDoubt: false, place: 1, text, deliveryId, ...more };
}

/** One message of one part, and one of two. */
const faultless: Given = {
  accepted: ["a1", "a2", "a3"],
  idPattern: /a\d/gu,
  troubles: [kill],
  shown: [shown("a1", 1), shown("（1/2） a2", 2), shown("（2/2） a3", 3)],
  stored: [stored("a1", 1), stored("（1/2） a2", 2), stored("（2/2） a3", 2, { place: 2 })],
  modes: { full: 2 },
  storedTwice: 0,
};

interface Case {
  readonly what: string;
  readonly given: Given;
  readonly found: Partial<Judgement>;
}

const told = faultless.shown;
const inDoubt = [stored("a1", 1, { inDoubt: true }), ...faultless.stored.slice(1)];
const early = 9.99 * minute;

const cases: readonly Case[] = [
  {
    what: "an alert that nobody was told",
    given: { ...faultless, shown: told.slice(1) },
    found: { undelivered: ["a1"] },
  },
  {
    what: "an alert that two deliveries tell",
    given: { ...faultless, stored: [...faultless.stored, stored("a1 again", 3)] },
    found: { deliveredTwice: ["a1"] },
  },
  {
    what: "a message that the outbox does not know",
    given: { ...faultless, shown: [...told, shown("a1 and more", 4)] },
    found: { unknown: 1 },
  },
  {
    what: "parts that arrive the wrong way round",
    given: { ...faultless, shown: [shown("a1", 1), shown("（2/2） a3", 2), shown("（1/2） a2", 3)] },
    found: { disordered: [2] },
  },
  {
    what: "a part repeated after the next one",
    given: { ...faultless, shown: [...told, shown("（1/2） a2", 4, true)] },
    found: { disordered: [2] },
  },
  {
    what: "parts numbered otherwise than they arrive",
    given: {
      ...faultless,
      shown: [shown("a1", 1), shown("（2/2） a2", 2), shown("（1/2） a3", 3)],
      stored: [stored("a1", 1), stored("（2/2） a2", 2), stored("（1/2） a3", 2, { place: 2 })],
    },
    found: { disordered: [2] },
  },
  {
    what: "three arrivals of one message: two repeats of its key, by one trouble",
    given: {
      ...faultless,
      stored: inDoubt,
      shown: [shown("a1", early), ...told.slice(1), shown("a1", 11 * minute, true), shown("a1", 12 * minute, true)],
    },
    found: { mostPerKey: 2, mostPerTrouble: 2 },
  },
];

describe("the judge of the chaos run", () => {
  it("finds nothing in a run without fault", () => {
    const judgement = judge(faultless);

    const nothing = {
      undelivered: [],
      deliveredTwice: [],
      repeats: [],
      mostPerKey: 0,
      mostPerTrouble: 0,
      disordered: [],
      unknown: 0,
    };
    assert.deepEqual(judgement, { ...nothing, severalParts: 1 });
  });

  for (const { what, given, found } of cases) {
    it(`finds ${what}`, () => {
      const judgement = judge(given);

      for (const [name, value] of Object.entries(found))
        assert.deepEqual(judgement[name as keyof Judgement], value, name);
    });
  }

  it("says of a repeat whether it was in doubt, whether it is marked, and what went on when the first arrived", () => {
    const again = (at: number, marked: boolean) => [
      shown("a1", at),
      ...told.slice(1),
      shown("a1", 11 * minute, marked),
    ];
    const judged = (given: Partial<Given>) =>
      judge({ ...faultless, ...given }).repeats.map((repeat) => {
        return [repeat.inDoubt, repeat.again.map(({ marked }) => marked), repeat.during?.kind ?? null];
      });

    const repeats = [
      ...judged({ stored: inDoubt, shown: again(early, true) }),
      ...judged({ shown: again(early, false) }),
      ...judged({ stored: inDoubt, shown: again(5 * minute, true) }),
    ];

    assert.deepEqual(repeats, [
      [true, [true], "kill"],
      [false, [false], "kill"],
      [true, [true], null],
    ]);
  });
});
