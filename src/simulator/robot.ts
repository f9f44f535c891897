// The robots of the simulated groups. A robot is identified by the name of its group and its number in that group. Keys
// stay inside the key ring.

export interface RobotOptions {
  /** The group. Several robots may have the same one. */
  readonly name: string;
  readonly key: string;
}

export interface Robot {
  readonly index: number;
  readonly name: string;
  /** 1 for the first key of a name, 2 for the second. */
  readonly keyNumber: number;
}

export interface KeyRing {
  readonly robots: readonly Robot[];
  robotOf(key: string): Robot | null;
  holdsKey(text: string): boolean;
  /** Replaces every key of the ring in the text by ***. */
  hideKeys(text: string): string;
}

/** Shorter keys are words that occur in any text: they are neither searched for nor replaced. */
const hiddenKeyMinLength = 8;

export function keyRing(options: readonly RobotOptions[]): KeyRing {
  const robots = options.map(({ name }, index) => ({
    index,
    name,
    keyNumber: options.slice(0, index + 1).filter((other) => other.name === name).length,
  }));
  const byKey = new Map(
    options.flatMap(({ key }, index) => robots.slice(index, index + 1).map((robot) => [key, robot])),
  );
  if (byKey.size !== options.length)
    throw new Error("two robots of the simulator have the same key; each needs its own");
  const hidden = options.map(({ key }) => key).filter((key) => key.length >= hiddenKeyMinLength);
  return {
    robots,
    robotOf: (key) => byKey.get(key) ?? null,
    holdsKey: (text) => hidden.some((key) => text.includes(key)),
    hideKeys: (text) => hidden.reduce((rest, key) => rest.replaceAll(key, "***"), text),
  };
}
