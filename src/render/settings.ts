// What render has to know beside the delivery and the templates.

import type { Language } from "../domain/message-kind.ts";
import type { Person } from "../domain/person.ts";

export interface RenderSettings {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name. */
  readonly timezone: string;
  readonly language: Language;
  /** Our own address (`external_url`): where a card leads whose alerts have no link. */
  readonly externalURL: string | null;
  /** By the name that labels and annotations use. */
  readonly people: ReadonlyMap<string, Person>;
  /** A digest that would take more messages goes into a file. */
  readonly digest: { readonly maxMessages: number };
  /** Where the picture lies that is shown when alerts name none; null for none. */
  readonly pictures: { readonly file: string | null };
  /** An AMR clip for urgent alerts; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
}

/** What stays the same from delivery to delivery. */
export type BaseSettings = Omit<RenderSettings, "now">;

/** The settings at an instant, taken out of a configuration that has more. */
export function settingsAt(now: number, config: BaseSettings): RenderSettings {
  return { now, ...baseSettingsOf(config) };
}

export function baseSettingsOf(config: BaseSettings): BaseSettings {
  const { timezone, language, externalURL, people, digest, pictures, voiceClip } = config;
  return { timezone, language, externalURL, people, digest, pictures, voiceClip };
}
