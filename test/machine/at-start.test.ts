/** A machine reads all its code when it starts. */

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { closureOf } from '../closure.ts'

const root = join(import.meta.dirname, '../..')
const machine = 'functions/machine/machine.ts'

/** The files that the files import in a way, by what stands before their names. */
const imported = (files: Iterable<string>, way: RegExp) =>
  [...files].flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(way)].map(([, from = '']) =>
      join(dirname(file), from).replaceAll('\\', '/'),
    ),
  )

// Kills: code that a running machine reads with a first call, after its folder was replaced by the next version: its
// entries would name a build that did not act, and what fits no other file would fail.
test('Nothing that a machine runs is read later', () => {
  const later = imported(closureOf(machine), /\bimport\('(\.[^']+)'\)/g)
  const atStart = imported([machine], /^import '(\.[^']+)'/gm)
  expect(later).not.toEqual([])
  expect(later.filter((file) => !atStart.includes(file))).toEqual([])
})
