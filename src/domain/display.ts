/** How messages to a destination look. */
export interface DisplaySettings {
  /** Begins every title, behind the mark, like `[生产]`; empty for none. */
  readonly titlePrefix: string;
  readonly marks: "emoji" | "none";
  /** `raw`: as the sender writes them. */
  readonly severityWords: "translated" | "raw";
  readonly labels: {
    /** Names that are tried as the subject before the built-in ones, in this order. */
    readonly subject: readonly string[];
    /** Never folded; sorted. */
    readonly show: readonly string[];
    /** Folded besides the built-in ones; sorted. */
    readonly fold: readonly string[];
    /** What the line of folded labels shows of them. */
    readonly folded: "values" | "names";
  };
  /** What the link that silences an alert silences. */
  readonly silence: "subject" | "all_labels" | "off";
}
