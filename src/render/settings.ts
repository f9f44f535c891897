import type { DisplaySettings } from "../domain/display.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Delivery, Person } from "../domain/notification.ts";
import type { SeverityScale } from "../domain/severity.ts";

/** Settings that stay the same from delivery to delivery. */
export interface BaseSettings {
  /** For what has no destination: a notification that cannot be read. */
  readonly language: Language;
  readonly severities: SeverityScale;
  /** Our own address (`external_url`): a card leads there when its alerts have no link. */
  readonly externalURL: string | null;
  /** For links to the phone page of alerts; null for none. */
  readonly actionLinks: ActionLinks | null;
  /** By the name that labels and annotations use. */
  readonly people: ReadonlyMap<string, Person>;
  /** A digest that needs more messages becomes one message and a file. */
  readonly digest: { readonly maxMessages: number };
  /** Path of the picture that is shown when alerts have none; null for none. */
  readonly pictures: { readonly file: string | null };
  /** An AMR clip for urgent alerts; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
}

export interface ActionLinks {
  /** Signs their tokens. Null where a message is only shown: then its link leads nowhere. */
  readonly key: Uint8Array | null;
  readonly validMs: number;
}

/** The settings at an instant. */
export interface SettingsNow extends BaseSettings {
  /** Epoch ms. */
  readonly now: number;
}

/** With what the destination of a delivery says. */
export interface RenderSettings extends SettingsNow {
  /** IANA name. */
  readonly timezone: string;
  readonly display: DisplaySettings;
}

/** Taken from a configuration that has more. */
export function settingsAt(now: number, config: BaseSettings): SettingsNow {
  return { now, ...baseSettingsOf(config) };
}

export function baseSettingsOf(config: BaseSettings): BaseSettings {
  const { language, severities, externalURL, actionLinks, people, digest, pictures, voiceClip } = config;
  return { language, severities, externalURL, actionLinks, people, digest, pictures, voiceClip };
}

/**
 * A digest is one message for destinations of one bot that may differ: one language, and one zone so that its times can be
 * compared. It has those of most of its groups, the first accepted where they are equally many, not the root's: its chat may be
 * for readers whom the root route never addresses.
 */
export function settingsFor(delivery: Delivery, settings: SettingsNow): RenderSettings {
  const groups = delivery.kind === "group" ? [delivery] : delivery.groups;
  const destinations = groups.map(({ routed }) => routed.destination);
  const alike = Map.groupBy(destinations, ({ language, timezone, display }) =>
    JSON.stringify([language, timezone, display]),
  );
  const [most] = [...alike.values()].toSorted((a, b) => b.length - a.length);
  const destination = most?.[0];
  if (destination === undefined) throw new Error("a delivery to render has no group");
  const { language, timezone, display } = destination;
  return { ...settings, language, timezone, display };
}
