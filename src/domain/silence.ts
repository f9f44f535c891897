// What the phone page can silence in Alertmanager.

/** This alert, every alert of its `instance`, or every alert of its rule. */
export const silenceScopes = ["alert", "instance", "rule"] as const;

export type SilenceScope = (typeof silenceScopes)[number];
