/** Why an action was not done; docs/errors.md explains each. */
export const actionFailures = [
  "nameMissing",
  "notOffered",
  "needsAdmin",
  "neverSilenced",
  "alertNotFound",
  "unknownAlertmanager",
  "alertmanagerRejected",
  "alertmanagerFailed",
  "inDoubt",
  "notStored",
  "notAnnounced",
] as const;

export type ActionFailure = (typeof actionFailures)[number];
