// What one step of a plan is about to say, as the outbox keeps it: texts that nobody has read yet.

/** Notifications of a bot to be told together. */
export interface QueuedDelivery {
  readonly bot: string;
  /** All of it waited past `max_age`. */
  readonly late: boolean;
  readonly urgent: boolean;
  /** A single group is told in full when that takes no more messages, else as a digest; 0: as a digest in any case. */
  readonly mostInFull: number;
  /** In order of acceptance; of each group its notifications, oldest first, at least one. */
  readonly groups: readonly (readonly QueuedText[])[];
}

export interface QueuedText {
  /** Epoch ms at which its webhook was accepted. */
  readonly acceptedAt: number;
  /** The same alerts in the same states were told before. */
  readonly repeat: boolean;
  /** A routed group, for parseRoutedGroup. */
  readonly body: string;
}
