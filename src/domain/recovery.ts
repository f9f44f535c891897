/** What a datasource says of a resolved alert at the time of its recovery. Alerts of which nothing is known have none. */
export type Recovery =
  | {
      readonly kind: "value";
      /** With its unit, like `65%`. */
      readonly value: string;
      /** With which the rule compares it, like `> 90%`; at least one. */
      readonly thresholds: readonly string[];
      /** When the sample was taken, epoch ms. */
      readonly at: number;
      /** The rule still fires for this value: something else resolved the alert, or it was back within seconds. */
      readonly isBreaching: boolean;
    }
  /** The series of the alert ended: its value did not fall. */
  | { readonly kind: "gone" };
