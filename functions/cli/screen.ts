/** What the command line writes for somebody's eyes. */

import { visible } from '../decision/free-text.ts'

/** The styles that `paint` sets, and what ends them (ECMA-48 SGR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a style begins with one.
const styles = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/

/**
 * The text with nothing in it that rules the terminal but our own styles: a gateway, a record or a file may
 * say what it likes. In JSON, too, it means the same.
 */
export const onScreen = (text: string): string =>
  text
    .split(styles)
    .map((part, i) => (i % 2 === 1 ? part : visible(part)))
    .join('')

/** Has whatever is said go through `onScreen`, whichever command says it. */
export function guardScreen(screen: Pick<Console, 'log' | 'error'>): void {
  for (const name of ['log', 'error'] as const) {
    const write = screen[name].bind(screen)
    screen[name] = (...said: readonly unknown[]) =>
      write(...said.map((each) => (typeof each === 'string' ? onScreen(each) : each)))
  }
}
