// How messages look: `display`, which routes inherit, and `severities`, which is the same for all.

import * as z from "zod";
import type { DisplaySettings } from "../domain/display.ts";
import {
  builtInSeverities,
  markOfRank,
  type SeverityLevel,
  type SeverityScale,
  scaleWord,
} from "../domain/severity.ts";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { filledText, givenOrInherited, section, withCheck } from "./fields.ts";
import { inQuotes } from "./in-quotes.ts";

const labelNames = z.array(filledText("the name of a label"));

/** Part of a line of the message. */
const shortText = z.string().max(32, "must be at most 32 characters").regex(/^.*$/, "must be one line");

const labels = {
  subject: labelNames.describe("Labels that are tried first to name what an alert is about."),
  show: labelNames.describe("Labels that are never folded."),
  fold: labelNames.describe("Labels that are folded: moved into the last, grey line."),
  folded: z.enum(["values", "names"]).describe("What that line shows of the labels in it."),
};

const labelsPurpose = "Which labels stand where.";

const fields = {
  title_prefix: shortText.describe("Begins every title, behind the mark, like [生产]."),
  marks: z.enum(["emoji", "none"]).describe("Whether a title begins with a mark for its severity."),
  severity_words: z.enum(["translated", "raw"]).describe("Severities in the language of the message, or as sent."),
  silence: z.enum(["subject", "all_labels", "off"]).describe("What the silence link of an alert silences."),
};

export const displayPurpose = "How messages look; a route inherits each part.";

export const displaySection = section({
  title_prefix: fields.title_prefix.default(""),
  marks: fields.marks.default("emoji"),
  severity_words: fields.severity_words.default("translated"),
  silence: fields.silence.default("subject"),
  labels: section({
    subject: labels.subject.default([]),
    show: labels.show.default([]),
    fold: labels.fold.default([]),
    folded: labels.folded.default("values"),
  })
    .prefault({})
    .describe(labelsPurpose),
});

export const routeDisplay = section({
  ...givenOrInherited(fields),
  labels: section(givenOrInherited(labels)).optional().describe(labelsPurpose),
});

export type WrittenDisplay = z.output<typeof displaySection>;

export function mergeDisplay(parent: WrittenDisplay, own: z.output<typeof routeDisplay> | undefined): WrittenDisplay {
  return { ...parent, ...own, labels: { ...parent.labels, ...own?.labels } };
}

export function buildDisplay({
  title_prefix,
  marks,
  severity_words,
  labels,
  silence,
}: WrittenDisplay): DisplaySettings {
  const { subject, show, fold, folded } = labels;
  // One order for one meaning: two routes that differ only in the order have the same destination.
  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    titlePrefix: title_prefix,
    marks,
    severityWords: severity_words,
    labels: { subject: [...new Set(subject)], show: sorted(show), fold: sorted(fold), folded },
    silence,
  };
}

const severity = section({
  words: z
    .array(z.string().regex(/\S/, "an empty word; remove it"))
    .default([])
    .describe("Further words that mean the same, in upper or lower case."),
  rank: z
    .int()
    .min(1, "must be from 1 to 5")
    .max(5, "must be from 1 to 5")
    .optional()
    .describe("1 (informs) to 5 (wakes somebody up). Of a built-in word: its own."),
  mark: shortText.optional().describe("Emoji in front of the title. By default that of the rank."),
  word: shortText
    .optional()
    .describe("What messages show. By default the built-in word, else the word as it was sent."),
}).describe("One severity, under a word for it.");

type Severities = Readonly<Record<string, z.output<typeof severity>>>;

export const severitiesField = withCheck(z.record(z.string().regex(/\S/, "an empty word"), severity), severityIssues)
  .prefault({})
  .describe("What the words of the label `severity` mean, besides the built-in ones.");

function severityIssues(written: unknown): readonly PlacedMessage[] {
  const entries = Object.entries(mappingOf(written) ?? {});
  const unranked = entries.flatMap(([name, entry]): readonly PlacedMessage[] => {
    const isRanked = mappingOf(entry) === null || valueAtPath(entry, ["rank"]) !== undefined;
    if (isRanked || builtInSeverities.has(scaleWord(name))) return [];
    const message = `give rank, from 1 to 5: ${inQuotes(name)} is not a built-in word`;
    return [{ code: "missing_key", path: [name], of: "key", message }];
  });
  const words = entries.flatMap(([name, entry]) => [
    { name, word: name, path: [name] },
    ...listedWords(entry).map(({ word, index }) => ({ name, word, path: [name, "words", index] })),
  ]);
  const shared = [...Map.groupBy(words, ({ word }) => scaleWord(word)).values()].flatMap(([first, ...others]) =>
    others.flatMap(({ name, word, path }): readonly PlacedMessage[] => {
      if (first === undefined || name === first.name) return [];
      const message = `${inQuotes(word)} is already a word of ${inQuotes(first.name)}; remove one of them`;
      return [{ code: "bad_value", path, of: path.length === 1 ? "key" : "value", message }];
    }),
  );
  return [...unranked, ...shared];
}

function listedWords(entry: unknown): readonly { readonly word: string; readonly index: number }[] {
  const words = valueAtPath(entry, ["words"]);
  if (!Array.isArray(words)) return [];
  return words.flatMap((word: unknown, index) => (typeof word === "string" ? [{ word, index }] : []));
}

/** Only for a config without issues. */
export function buildSeverities(own: Severities): SeverityScale {
  const levels = Object.entries(own).flatMap(([name, { words, rank, mark, word }]) => {
    const known = builtInSeverities.get(scaleWord(name));
    const ownRank = rank ?? known?.rank ?? 1;
    const level: SeverityLevel = {
      rank: ownRank,
      mark: mark ?? markOfRank(ownRank),
      word: word === undefined ? (known?.word ?? null) : { zh: word, en: word },
    };
    return [name, ...words].map((one) => [scaleWord(one), level] as const);
  });
  return new Map([...builtInSeverities, ...levels]);
}
