/** Two texts compared word by word. */

/** A run of words that stayed, went or came. */
export type TextMark = { readonly kind: 'same' | 'removed' | 'added'; readonly text: string }

type Run = { same: string[]; removed: string[]; added: string[] }

/** What stayed and what did not; a single word that stayed between two changes goes with them. */
export function marksOf(
  before: string | undefined,
  after: string | undefined,
): readonly TextMark[] {
  if (after === undefined) return before === undefined ? [] : [{ kind: 'removed', text: before }]
  if (before === undefined) return [{ kind: 'added', text: after }]
  return absorbed(runs(before.split(' '), after.split(' '))).flatMap((run) =>
    (['same', 'removed', 'added'] as const)
      .filter((kind) => run[kind].length > 0)
      .map((kind) => ({ kind, text: run[kind].join(' ') })),
  )
}

/** `at most [-12-]{+24+} months`, as word diffs are written; readable without colour. */
export const markedText = (
  marks: readonly TextMark[],
  paint: (kind: 'removed' | 'added', text: string) => string = (_, text) => text,
): string =>
  marks
    .map(({ kind, text }, i) => {
      const joined = kind === 'added' && marks[i - 1]?.kind === 'removed'
      const space = i === 0 || joined ? '' : ' '
      if (kind === 'same') return space + text
      return space + paint(kind, kind === 'removed' ? `[-${text}-]` : `{+${text}+}`)
    })
    .join('')

/** Runs of words that stayed, each followed by what went and came after them. */
function runs(a: readonly string[], b: readonly string[]): readonly Run[] {
  const common = commonLengths(a, b)
  const at = (i: number, j: number) => common[i * (b.length + 1) + j] ?? 0
  const all: Run[] = [{ same: [], removed: [], added: [] }]
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    let run = all.at(-1)
    if (run === undefined) break
    if (x !== undefined && x === y) {
      if (run.removed.length + run.added.length > 0) {
        run = { same: [], removed: [], added: [] }
        all.push(run)
      }
      run.same.push(x)
      i += 1
      j += 1
    } else if (x !== undefined && (y === undefined || at(i + 1, j) >= at(i, j + 1))) {
      run.removed.push(x)
      i += 1
    } else {
      if (y !== undefined) run.added.push(y)
      j += 1
    }
  }
  return all
}

function absorbed(all: readonly Run[]): readonly Run[] {
  const kept: Run[] = []
  for (const [i, run] of all.entries()) {
    const last = kept.at(-1)
    const changed = run.removed.length + run.added.length > 0
    if (i > 0 && last !== undefined && changed && run.same.length === 1) {
      const joins = last.removed.length + last.added.length > 0
      if (joins) {
        last.removed.push(...run.same, ...run.removed)
        last.added.push(...run.same, ...run.added)
        continue
      }
    }
    kept.push(run)
  }
  return kept
}

/** For each pair of places, how many words the rests have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0)
  return lengths
}
