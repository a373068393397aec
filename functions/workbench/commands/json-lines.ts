/** JSON as people write it in policies and tests: what fits on one line is on one. */

/** The lines of a value; a line longer than `columns` cannot be broken. */
export const jsonLines = (value: unknown, columns: number): readonly string[] =>
  broken(value, columns, 0, true).split('\n')

function broken(value: unknown, columns: number, indent: number, always = false): string {
  const line = oneLine(value)
  if (typeof value !== 'object' || value === null) return line
  if (!always && line.length + indent <= columns) return line
  const pad = ' '.repeat(indent + 2)
  const parts = Array.isArray(value)
    ? value.map((each) => pad + broken(each, columns, indent + 2))
    : Object.entries(value).map(
        ([name, each]) => `${pad}${JSON.stringify(name)}: ${broken(each, columns, indent + 2)}`,
      )
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${parts.join(',\n')}\n${' '.repeat(indent)}${close}`
}

function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  const members = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}: ${oneLine(each)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
