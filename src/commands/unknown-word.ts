// A flag's value that is none of its words, in a sentence that names those.

export function unknownWord(word: string, what: string, known: readonly string[]): string {
  const words = `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`;
  return `${JSON.stringify(word)} is no ${what}; write ${words}`;
}
