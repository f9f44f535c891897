// The source of a text_notice card: YAML structure whose leaves are templates. Parsed once, when it is loaded.

import type { Environment, RenderContext, TemplateSource } from "./environment.ts";
import type { LoadIssue } from "./template-set.ts";

/** A rendered leaf, list or object of a card, in the structure of the YAML. */
export type CardPart = string | readonly CardPart[] | { readonly [field: string]: CardPart };

export interface CardTemplate {
  readonly name: string;
  /** Throws as a template does. */
  render(view: object, context: RenderContext): CardPart;
}

export type CompiledCard =
  | { readonly kind: "compiled"; readonly card: CardTemplate }
  | { readonly kind: "faulty"; readonly issues: readonly LoadIssue[] };

export function compileCard(_source: TemplateSource, _environment: Environment): CompiledCard {
  throw new Error("not written yet");
}
