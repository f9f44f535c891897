// Notes of a delivery as they are stored: a short JSON text, or null, as most deliveries have none.

import type { DeliveryNotes, FailedAttempt, HistoryFlag } from "../domain/history.ts";

/** The last attempts: a message may be tried for days. */
const mostAttempts = 20;

/** Keys with an empty list are left out. */
interface NotesOnDisk {
  readonly mentioned?: readonly string[];
  readonly notFound?: readonly string[];
  readonly templateFailures?: DeliveryNotes["templateFailures"];
  readonly flags?: readonly HistoryFlag[];
  readonly attempts?: readonly FailedAttempt[];
}

export interface AllNotes extends DeliveryNotes {
  /** Oldest first. */
  readonly failedAttempts: readonly FailedAttempt[];
}

export function notesText({ mentions, templateFailures, flags }: DeliveryNotes): string | null {
  return withoutEmpty({ mentioned: mentions.mentioned, notFound: mentions.notFound, templateFailures, flags });
}

export function withAttempt(text: string | null, attempt: FailedAttempt): string | null {
  const notes = onDisk(text);
  return withoutEmpty({ ...notes, attempts: [...(notes.attempts ?? []), attempt].slice(-mostAttempts) });
}

export function withFlag(text: string | null, flag: HistoryFlag | null): string | null {
  if (flag === null) return text;
  const notes = onDisk(text);
  return withoutEmpty({ ...notes, flags: [...new Set([...(notes.flags ?? []), flag])] });
}

export function parseNotes(text: string | null): AllNotes {
  const { mentioned = [], notFound = [], templateFailures = [], flags = [], attempts = [] } = onDisk(text);
  return { mentions: { mentioned, notFound }, templateFailures, flags, failedAttempts: attempts };
}

function onDisk(text: string | null): NotesOnDisk {
  return text === null ? {} : (JSON.parse(text) as NotesOnDisk);
}

function withoutEmpty(notes: NotesOnDisk): string | null {
  const entries = Object.entries(notes).filter(([, list]) => list.length > 0);
  return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
}
