/** Files that somebody hands to a command. */

import {
  chmodSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { personIn, readText, writeWhole } from '../../functions/terminal/files.ts'
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

// Kills: a private half that goes into a file that somebody put there before: open to all, or a link to their own.
test.skipIf(process.platform === 'win32')('A file is ours alone, whatever lies in its way', () => {
  const folder = temporaryFolder()
  const [own, theirs] = [join(folder, 'key.json'), join(folder, 'theirs')]
  const part = join(folder, '.key.json.part')
  writeFileSync(part, '')
  chmodSync(part, 0o666)
  writeWhole(own, 'secret')
  expect([readFileSync(own, 'utf8'), statSync(own).mode & 0o777]).toEqual(['secret', 0o600])
  symlinkSync(theirs, join(folder, '.other.json.part'))
  writeWhole(join(folder, 'other.json'), 'secret')
  expect(readdirSync(folder)).not.toContain('theirs')
})

// Kills: a key that takes the place of another made at once, whose public half is handed over already.
test('What is made once takes the place of nothing, and leaves nothing behind', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'key.json')
  writeWhole(file, 'first', 0o600, linkSync)
  expect(() => writeWhole(file, 'second', 0o600, linkSync)).toThrow('EEXIST')
  expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['first', ['key.json']])
})
