import * as z from "zod";
import { type Matcher, parseMatchers } from "../route/matcher.ts";
import { bad, type Parsed, parsedText } from "./fields.ts";
import { looksSecret } from "./in-quotes.ts";
import { matcherHint } from "./pasted.ts";

/** One entry: matchers with commas between them. */
export const matcherField = parsedText(z.string('expected a matcher like team="db"'), readMatchers);

function readMatchers(text: string): Parsed<readonly Matcher[]> {
  const hint = matcherHint(text);
  if (hint !== null) return bad(hint, "bad_matcher");
  const parsed = parseMatchers(text);
  if (parsed.kind === "parsed") return { value: parsed.matchers };
  const reason = looksSecret(parsed.message)
    ? "the reason is not shown because it looks like a secret"
    : parsed.message;
  return bad(`not a matcher: ${reason} (at character ${parsed.offset + 1} of it)`, "bad_matcher");
}
