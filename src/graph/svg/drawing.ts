import type { GraphContent } from "../graph-content.ts";
import type { Curve } from "./curves.ts";
import type { GraphStrings } from "./graph-strings.ts";
import type { Layout } from "./layout.ts";

/** What is drawn, with texts that can be drawn, and where. */
export interface Drawing {
  readonly content: GraphContent;
  readonly curves: readonly Curve[];
  /** Of `curves`, in their order. */
  readonly colours: readonly string[];
  readonly layout: Layout;
  readonly strings: GraphStrings;
}
