/** The WeCom user that a name in a label stands for: an entry of the `people` table. */
export interface Person {
  readonly userid: string | null;
  readonly mobile: string | null;
}
