// What a bcrypt hash looks like. The same rule for `auth` and for --web.config.file.

/** One comparison at cost 10 takes about 0.1 s, and twice as long with every step: 14 is already one and a half seconds. */
const maxCost = 14;

/** Null when the text is a hash that can be used. Never repeats the text. */
export function passwordHashFault(text: string): string | null {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1];
  if (cost === undefined) return "expected a bcrypt hash ($2a$…, $2b$… or $2y$…), as `hash-password` prints it";
  if (Number(cost) < 4 || Number(cost) > maxCost) return `the cost of a bcrypt hash must be from 4 to ${maxCost}`;
  return null;
}
