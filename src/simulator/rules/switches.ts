// The guesses, as switches. The profile `documented` reads every page as strictly as possible; `observed` answers as
// the server does in public logs.

export type Profile = "documented" | "observed";

export interface Switches {
  /** Text of 2049 to 5120 bytes. Seen accepted (zero205/JD_tencent_scf#278); the page forbids it. */
  readonly longText: "reject" | "accept";
  /** A wrong scalar type, such as a number for a string. Seen: success with a Warning in errmsg. */
  readonly wrongType: "reject" | "warn";
  /** Unknown fields, and markdown that the page does not describe. The answer is 0 in both cases. */
  readonly lint: "violation" | "advice";
  /** A news url without http(s)://. The example on the page has none, but 45034 exists. */
  readonly schemelessNewsUrl: "reject" | "advice";
  /** Empty text content with a mention list. 44004 was seen, but two clients mention @all that way. */
  readonly emptyTextWithMention: "reject" | "accept";
  /** A link of more than 1024 bytes inside markdown. 40039 was seen once. */
  readonly longMarkdownLink: "reject" | "flag";
  /** The answer to a body that is not JSON. */
  readonly badJsonErrcode: 40008 | 40058;
  /** The kind of rate window. Tencent was asked and did not answer. */
  readonly window: "sliding" | "fixed";
  readonly limit: number;
  readonly windowMs: number;
  /** Whether rejected requests of a known key count toward the rate. */
  readonly countRejected: boolean;
  readonly countUploads: boolean;
  /** How long a key stays blocked after it went over the rate; 0: until the window has a free slot. */
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
