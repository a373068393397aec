/**
 * Marks that tests put into calls, and a search that finds any piece of one, as it was sent or in
 * another form: in other case, escaped, percent-encoded, in hex or base64.
 */

/** Marks by what they are. */
export type Marks = Readonly<Record<string, string>>

/** So many characters of a mark are as good as the mark. */
const pieceLength = 8
/** As much of it as base64 shows whole wherever it begins, and hex. */
const base64Length = 10
const hexLength = 2 * pieceLength

/** A search for marks: which of them a text holds a piece of. */
export function searchFor(marks: Marks): (text: string) => readonly string[] {
  const plain = piecesOf(marks, pieceLength, (mark) => [mark.toLowerCase()])
  const hex = piecesOf(marks, hexLength, (mark) =>
    cases(mark).map((each) => Buffer.from(each).toString('hex')),
  )
  const base64 = piecesOf(marks, base64Length, (mark) => cases(mark).flatMap(inBase64))
  return (text) => {
    const once = unescaped(text)
    const views = new Set([text, once, unescaped(once), percentDecoded(once)])
    const found = new Set<string>()
    const look = (view: string, length: number, pieces: ReadonlyMap<string, string>) => {
      for (let at = 0; at + length <= view.length; at++) {
        const name = pieces.get(view.slice(at, at + length))
        if (name !== undefined) found.add(name)
      }
    }
    for (const view of views) look(view.toLowerCase(), pieceLength, plain)
    look(text.toLowerCase(), hexLength, hex)
    look(once.replaceAll('+', '-').replaceAll('/', '_'), base64Length, base64)
    return [...found].sort()
  }
}

const cases = (mark: string): readonly string[] => [mark, mark.toLowerCase(), mark.toUpperCase()]

function piecesOf(
  marks: Marks,
  length: number,
  formsOf: (mark: string) => readonly string[],
): ReadonlyMap<string, string> {
  const pieces = new Map<string, string>()
  for (const [name, mark] of Object.entries(marks))
    for (const form of formsOf(mark))
      for (let at = 0; at + length <= form.length; at++)
        pieces.set(form.slice(at, at + length), name)
  return pieces
}

/** A text as base64url shows it if it begins at any place of another: without what its neighbours decide. */
const inBase64 = (text: string): readonly string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
    const whole = Math.floor((bytes.length * 8) / 6)
    return bytes.toString('base64url').slice(Math.ceil((before * 8) / 6), whole)
  })

const short: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
/** A text without the escapes of JSON. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code?: string, letter = '') =>
    code === undefined ? (short[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  )

const percentDecoded = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    )
