/** Files that somebody hands to a command. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { personIn, readText } from '../../functions/terminal/files.ts'
import { removeFolders, temporaryFolder } from '../demo/process.ts'

afterAll(removeFolders)

const person = '{"name": {"given": "Jörg", "family": "Größe"}, "birthDate": "1979-03-14"}'
function fileOf(bytes: Buffer): string {
  const file = join(temporaryFolder(), 'person.json')
  writeFileSync(file, bytes)
  return file
}

// Kills: a name that becomes another on its way, so that whoever asks is told that nothing is held of the person.
test.each(['latin1', 'utf16le'] as const)(
  'A person in %s is no person of another name: nobody is asked about',
  (encoding) => {
    const file = fileOf(Buffer.from(`\ufeff${person}`, encoding))
    expect(() => readText(file)).toThrow('it is not UTF-8')
    expect(() => personIn(file)).toThrow('it is not UTF-8')
  },
)
// Kills: a file that only an editor’s mark makes unreadable.
test('A byte order mark before a text is no part of it', () => {
  expect(personIn(fileOf(Buffer.from(`\ufeff${person}`)))).toMatchObject({
    name: { given: 'Jörg' },
  })
  expect(readText(fileOf(Buffer.from(`a\ufeff`)))).toBe('a\ufeff')
})
