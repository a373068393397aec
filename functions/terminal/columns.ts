/** Text for a screen of a given width, with nothing in it that controls the terminal. */

import { visible } from '../decision/free-text.ts'

/** Columns of the screen, between 40 and 120; 100 where there is none. */
export const screen = (): number => Math.min(Math.max(process.stdout.columns ?? 100, 40), 120)

/** Breaks a line at spaces; later lines align with the text after the indent and a label such as `(a)`. */
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

/** A row of cells, each of one line. */
export const row = (cells: readonly string[], widths: readonly number[]): readonly string[] =>
  beside(
    cells.map((cell) => [cell]),
    widths,
  )

/** The styles that `paint` sets, and what ends them (ECMA-48 SGR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a style begins with one.
const styles = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/

/**
 * The text with nothing in it that controls the terminal except our own styles: a gateway, a record or a
 * file may contain anything. JSON keeps its meaning.
 */
export const onScreen = (text: string): string =>
  text
    .split(styles)
    .map((part, i) => (i % 2 === 1 ? part : visible(part)))
    .join('')

/** Prints an answer: its lines for people, or with `--json` the value for programs. */
export function printed(json: true | undefined, value: unknown, lines: () => readonly string[]) {
  console.log(json ? JSON.stringify(value, null, 2) : lines().join('\n'))
}

/** Passes everything that commands print through `onScreen`. */
export function guardScreen(screen: Pick<Console, 'log' | 'error'>): void {
  for (const name of ['log', 'error'] as const) {
    const write = screen[name].bind(screen)
    screen[name] = (...said: readonly unknown[]) =>
      write(...said.map((each) => (typeof each === 'string' ? onScreen(each) : each)))
  }
}
