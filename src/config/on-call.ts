// On-call rotations: who is on call from when to when. Names are those of `people`, or userids.

import * as z from "zod";
import { createRotation, type Rotation, readLocalTime } from "../route/on-call.ts";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, duration, filledText, type Parsed, parsedText, section, timezone, withCheck } from "./fields.ts";
import { didYouMean, inQuotes } from "./in-quotes.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;

const weekdays: readonly string[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

interface Handover {
  /** 0 is Sunday; null when none is given. */
  readonly weekday: number | null;
  /** Since midnight, by the clock. */
  readonly timeMs: number;
}

const startDate = parsedText(z.string("expected a date such as 2026-11-02"), (text): Parsed<number> => {
  const at = readLocalTime(`${text} 00:00`);
  return at === null ? bad("expected a date such as 2026-11-02") : { value: at };
});

const localTime = parsedText(z.string("expected a time such as 2026-12-24 09:00"), (text): Parsed<number> => {
  const at = readLocalTime(text);
  return at === null ? bad("expected a time such as 2026-12-24 09:00, without a time zone") : { value: at };
});

const handoverText = 'expected a time such as "Mon 09:00", or "09:00"';

const handover = parsedText(z.string(handoverText), (text): Parsed<Handover> => {
  const [, name, time] = /^(?:([A-Z][a-z]{2}) )?(\d\d:\d\d)$/.exec(text) ?? [];
  const timeMs = readLocalTime(`1970-01-01 ${time}`);
  const weekday = name === undefined ? null : weekdays.indexOf(name);
  return timeMs === null || weekday === -1 ? bad(handoverText) : { value: { weekday, timeMs } };
});

const override = withCheck(
  section({
    from: localTime.describe("When it begins, in local time, like 2026-12-24 09:00."),
    to: localTime.describe("When it ends."),
    who: filledText("a name").describe("Who is on call in between: a name of `people`, or a userid."),
  }),
  (value) => {
    const { from, to } = mappingOf(value) ?? {};
    if (typeof from !== "number" || typeof to !== "number" || from < to) return [];
    return [{ code: "bad_value", path: ["to"], of: "value", message: "must be later than from" }];
  },
);

const rotation = withCheck(
  section({
    people: z
      .array(filledText("a name"))
      .min(1, "expected at least one name")
      .describe("Who takes turns, in this order: names of `people`, or userids."),
    start: startDate.describe("Date of the handover at which the first of them begins, like 2026-11-02."),
    handover: handover.describe('When a turn ends and the next one begins, like "Mon 09:00"; "09:00" for each day.'),
    every: duration({ min: "1h", max: "52w" })
      // What is no duration is NaN here, and has its issue already.
      .refine((ms) => !(ms % hourMs > 0), "must be whole hours")
      .prefault("1w")
      .describe("How long a turn lasts, in local time: 1w, 2w, 1d, 12h."),
    timezone: timezone.optional().describe("IANA name of the time zone of all its times. By default `timezone`."),
    overrides: z.array(override).default([]).describe("Who is on call in place of the person whose turn it is."),
  }),
  (value) => [...weekdayIssues(value), ...overlapIssues(valueAtPath(value, ["overrides"]))],
).describe("One rotation, under a name of your choice.");

/** Written in templates, in quotes. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

const nameText = z
  .string()
  .regex(namePattern, "the name of a rotation is 1 to 64 letters, digits, _, . or -; it starts with a letter or digit");

export const onCallField = z
  .record(nameText, rotation)
  .prefault({})
  .describe('On-call rotations, for {{oncall "<name>"}} in `mention` and in templates.');

type Rotations = z.output<typeof onCallField>;

/** The weekday follows from `start`. It may be written for readers, and must then agree. */
function weekdayIssues(value: unknown): readonly PlacedMessage[] {
  const { start, every } = mappingOf(value) ?? {};
  const weekday = valueAtPath(value, ["handover", "weekday"]);
  if (typeof weekday !== "number" || typeof start !== "number" || typeof every !== "number") return [];
  const name = weekdays[weekday];
  if (every % weekMs !== 0) {
    const message = `handover names a day of the week, but every is not in weeks; write the time alone, without ${name}`;
    return [{ code: "bad_value", path: ["handover"], of: "value", message }];
  }
  const late = (new Date(start).getUTCDay() - weekday + 7) % 7;
  if (late === 0) return [];
  const [before, after] = [start - late * dayMs, start + (7 - late) * dayMs].map(dateText);
  const message = `start is on ${weekdays[new Date(start).getUTCDay()]}, but handover on ${name}; write ${before} or ${after}`;
  return [{ code: "bad_value", path: ["start"], of: "value", message }];
}

function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** At the later one of the list. */
function overlapIssues(overrides: unknown): readonly PlacedMessage[] {
  const spans = (Array.isArray(overrides) ? overrides : []).flatMap((one: unknown, index) => {
    const { from, to } = mappingOf(one) ?? {};
    return typeof from === "number" && typeof to === "number" ? [{ from, to, index }] : [];
  });
  return spans.flatMap((span, n): readonly PlacedMessage[] => {
    const other = spans.slice(0, n).find(({ from, to }) => span.from < to && from < span.to);
    if (other === undefined) return [];
    const shared = new Date(Math.max(span.from, other.from)).toISOString().slice(0, 16).replace("T", " ");
    const message = `overlaps overrides[${other.index}]: at ${shared} both are on call; let one end where the other begins`;
    return [{ code: "bad_value", path: ["overrides", span.index], of: "value", message }];
  });
}

/** As developer.work.weixin.qq.com/document/path/90195 has it; `all` would mention everyone. */
const useridPattern = /^(?!all$)[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/i;

/** Names that would mention nobody. */
export function unknownOnCall(rotations: unknown, people: unknown): readonly PlacedMessage[] {
  const known = Object.keys(mappingOf(people) ?? {});
  const names = Object.entries(mappingOf(rotations) ?? {}).flatMap(([rotation, value]) => [
    ...textsOf(value, "people").map(({ text, index }) => ({ text, path: [rotation, "people", index] })),
    ...textsOf(value, "overrides").map(({ text, index }) => ({ text, path: [rotation, "overrides", index, "who"] })),
  ]);
  return names
    .filter(({ text }) => text !== "" && !known.includes(text) && !useridPattern.test(text))
    .map(({ text, path }): PlacedMessage => {
      const hint = didYouMean(text, known);
      const message = `${inQuotes(text)} is not in people and not a userid, so it mentions nobody; add it to people${hint}`;
      return { code: "bad_value", path: ["oncall", ...path], of: "value", message };
    });
}

/** The texts of a list, or what `who` is in each of its mappings. */
function textsOf(value: unknown, key: "people" | "overrides") {
  const list = valueAtPath(value, [key]);
  return (Array.isArray(list) ? list : []).flatMap((item: unknown, index) => {
    const text = key === "people" ? item : valueAtPath(item, ["who"]);
    return typeof text === "string" ? [{ text, index }] : [];
  });
}

/** Only for a config without issues. */
export function buildRotations(rotations: Rotations, zone: string): ReadonlyMap<string, Rotation> {
  const built = Object.entries(rotations).map(([name, { people, start, handover, every, timezone, overrides }]) => {
    const rotation = createRotation({
      people,
      timezone: timezone ?? zone,
      firstTurnAt: start + handover.timeMs,
      turnMs: every,
      overrides: overrides.map(({ from, to, who }) => ({ fromAt: from, toAt: to, who })),
    });
    return [name, rotation] as const;
  });
  return new Map(built);
}
