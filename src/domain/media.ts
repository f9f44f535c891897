/** A file that a message carries. */
export interface Media {
  readonly type: "file" | "voice";
  /** As readers see it. */
  readonly name: string;
  readonly content: Uint8Array;
}
