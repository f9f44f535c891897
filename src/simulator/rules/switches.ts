// The guesses, as switches. In: a profile and what the caller overrides; out: one complete set. `documented` takes every
// page at its strictest word; `observed` answers as public logs say the server really does.

export type Profile = "documented" | "observed";

export interface Switches {
  /** Text of 2049 to 5120 bytes. Seen accepted (zero205/JD_tencent_scf#278); the page forbids it. */
  readonly longText: "reject" | "accept";
  /** A number where a string belongs and the like. Seen: success with a Warning in errmsg. */
  readonly wrongType: "reject" | "warn";
  /** Unknown fields and markdown the page does not promise: a violation, or advice only. The answer is 0 either way. */
  readonly lint: "violation" | "advice";
  /** news url without http(s)://. The page's own example has none, yet 45034 exists. */
  readonly schemelessNewsUrl: "reject" | "advice";
  /** Empty text content with a mention list. 44004 was seen, yet two clients ring @all that way. */
  readonly emptyTextWithMention: "reject" | "accept";
  /** A link of more than 1024 bytes inside markdown. One sighting of 40039. */
  readonly longMarkdownLink: "reject" | "flag";
  /** What a body that is not JSON answers. */
  readonly badJsonErrcode: 40008 | 40058;
  /** Kind of the rate window. Tencent was asked and did not answer. */
  readonly window: "sliding" | "fixed";
  readonly limit: number;
  readonly windowMs: number;
  /** Do refused requests of a known key count toward the rate? */
  readonly countRejected: boolean;
  readonly countUploads: boolean;
  /** How long a key stays refused after it went over; 0: until the window itself has room. */
  readonly blockMs: number;
}

const documented: Switches = {
  longText: "reject",
  wrongType: "reject",
  lint: "violation",
  schemelessNewsUrl: "reject",
  emptyTextWithMention: "reject",
  longMarkdownLink: "reject",
  badJsonErrcode: 40008,
  window: "sliding",
  limit: 20,
  windowMs: 60_000,
  countRejected: true,
  countUploads: false,
  blockMs: 0,
};

const observed: Switches = {
  ...documented,
  longText: "accept",
  wrongType: "warn",
  lint: "advice",
  schemelessNewsUrl: "advice",
};

export function switchesOf(profile: Profile, overrides: Partial<Switches> = {}): Switches {
  return { ...(profile === "documented" ? documented : observed), ...overrides };
}
