/** Text on a screen of so many columns. */

/** Columns of the screen, between 40 and 120; 100 where there is none. */
export const screen = (): number => Math.min(Math.max(process.stdout.columns ?? 100, 40), 120)

/** A line broken at spaces; what follows its indent and its label, such as `(a)`, hangs below it. */
export function wrap(line: string, width: number): readonly string[] {
  const lead = /^ *(?:\([a-z0-9]+\) |[-→+~!] )?/.exec(line)?.[0] ?? ''
  const hang = ' '.repeat(Math.min(lead.length, Math.floor(width / 2)))
  const lines: string[] = []
  let current = lead
  for (const [i, word] of line.slice(lead.length).split(' ').entries()) {
    if (i > 0 && current.length + 1 + word.length > width) {
      lines.push(current)
      current = hang + word
    } else current += i === 0 ? word : ` ${word}`
  }
  return [...lines, current]
}

/** Cells next to each other, each wrapped to its width, with three spaces between. */
export function beside(
  cells: readonly (readonly string[])[],
  widths: readonly number[],
): readonly string[] {
  const columns = cells.map((cell, i) => cell.flatMap((line) => wrap(line, widths[i] ?? 80)))
  const height = Math.max(...columns.map((column) => column.length))
  return Array.from({ length: height }, (_, y) =>
    columns
      .map((column, i) => (column[y] ?? '').padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
