import type { Language } from "../domain/message-kind.ts";
import type { Person } from "../domain/notification.ts";

/** Settings that stay the same from delivery to delivery. */
export interface BaseSettings {
  /** IANA name. */
  readonly timezone: string;
  readonly language: Language;
  /** Our own address (`external_url`): a card leads there when its alerts have no link. */
  readonly externalURL: string | null;
  /** By the name that labels and annotations use. */
  readonly people: ReadonlyMap<string, Person>;
  /** A digest that needs more messages becomes one message and a file. */
  readonly digest: { readonly maxMessages: number };
  /** Path of the picture that is shown when alerts have none; null for none. */
  readonly pictures: { readonly file: string | null };
  /** An AMR clip for urgent alerts; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
}

export interface RenderSettings extends BaseSettings {
  /** Epoch ms. */
  readonly now: number;
}

/** The settings at an instant, taken from a configuration that has more. */
export function settingsAt(now: number, config: BaseSettings): RenderSettings {
  return { now, ...baseSettingsOf(config) };
}

export function baseSettingsOf(config: BaseSettings): BaseSettings {
  const { timezone, language, externalURL, people, digest, pictures, voiceClip } = config;
  return { timezone, language, externalURL, people, digest, pictures, voiceClip };
}
