/** "; did you mean …?" with the nearest name, if one is near enough. */
export function suggest(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known)
  return near === undefined ? '' : `; ${near}`
}

/** The same as a sentence of its own. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((each) => ({ each, distance: editDistance(word.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const close = near !== undefined && near.distance <= Math.max(2, Math.floor(word.length / 4))
  return close ? `did you mean \`${near.each}\`?` : undefined
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] ?? 0
}
