// Files that messages carry, as the outbox takes and gives them. Types only.

/** A file that WeCom holds for one key. */
export interface MediaId {
  readonly keyId: string;
  readonly mediaHash: string;
  readonly mediaId: string;
  /** Epoch ms; WeCom forgets it then. */
  readonly expiresAt: number;
}

/** A file that a message carries. */
export interface Media {
  readonly type: "file" | "voice";
  /** What readers see. */
  readonly name: string;
  readonly content: Uint8Array;
}

export interface NewPart {
  readonly body: string;
  /** Kept until its message is settled; several parts may carry the same file. */
  readonly media: Media | null;
}
