/** What a page has its readers type: its commands, one by one. */

/** Commands in a text, each on one line, those within `$(…)` by themselves. */
export function commandsIn(text: string): readonly string[] {
  const fenced = [
    ...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm),
    ...text.matchAll(/^ {4}((?:npx |npm |comity ).*)$/gm),
  ].map(([, code = '']) => code)
  const inline = [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`]+)`/g)]
  const code = [...fenced, ...inline.map(([, each = '']) => each.replaceAll(/\s+/g, ' '))]
  const lines = code.flatMap((each) => each.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  return lines.flatMap((line) => {
    const inner = [...line.matchAll(/\$\(([^()]*)/g)].map(([, each = '']) => each)
    const outer = line.replaceAll(/"\$\([^()]*\)"|\$\([^()]*\)/g, 'X').replaceAll(/ #.*$/g, '')
    return [outer, ...inner]
      .flatMap((each) => each.split(/;|\||&&|\bdo\b|\{ /))
      .map((each) => each.trim())
  })
}

/** The words after each command that starts so; `start` takes them as its first group. */
export const wordsAfter = (start: RegExp, text: string): readonly (readonly string[])[] =>
  commandsIn(text)
    .flatMap((each) => start.exec(each) ?? [])
    .map((found) => found.replace(start, '$1').trim().split(/\s+/))
