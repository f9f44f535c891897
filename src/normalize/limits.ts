// How much one body may say. No sender comes near these numbers; a body that passes them would hold up everybody else's alerts
// while it is read and rendered, so it is refused as a whole.

/** About 2 s of reading and rendering. */
export const maxAlerts = 20_000;

/** Of one body, whatever they are: fifty for each of the most alerts. Parsed, they take up to 100 MB. */
export const maxValues = 1_000_000;

/** Of one map of labels, annotations or values. Rendering looks at each pair several times. */
export const maxPairs = 1_000;
