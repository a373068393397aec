/** Counts, while they grow and once they are known. */

/** Shows a count on a terminal, ten times a second at most; without a count, clears it. */
export function counter(what: string): (count?: number) => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => undefined
  let last = 0
  return (count) => {
    if (count === undefined) return void stderr.write('\r\u001b[K')
    if (performance.now() - last < 100) return
    last = performance.now()
    stderr.write(`\r${count.toLocaleString('en')} ${what}`)
  }
}

/** `1 log`, `1,204 entries`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
