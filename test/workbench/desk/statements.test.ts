/** Statements about all of the law that a draft breaks, on the desk of whoever writes it. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeCopies, rewrite } from '../../cli/in-process.ts'
import { is } from '../../decision/write.ts'
import { draft, startDraft } from './drafting.ts'

afterAll(removeCopies)

// Kills: a proof that begins only once somebody asks for it, or is of the text before the save; a rule without a link.
test('A draft is proved of all statements from its save on, and shown with the rule that permits it', async () => {
  const { folder, desk, press, raised } = await startDraft()
  const said = {
    ...{ notice: 'An engineering reading, not legal advice.', says: 'Nothing goes to France.' },
    ...{ nature: 'choice', confidence: 'V', never: 'leaves' },
    when: is('requester.jurisdiction', 'FR'),
  }
  const stricter = raised()
  rewrite(folder, 'statements/france.json', () => JSON.stringify(said))
  // Nothing but the save begins it: the page is asked for without its button.
  const seen = () => desk.ended(`/statements?file=${draft}.json`)
  expect((await seen()).text).toContain('This takes some seconds')
  const looserLaw = JSON.parse(stricter)
  looserLaw.rules = looserLaw.rules.filter(({ id }: { id: string }) => id !== 'seriousness')
  // A save with errors, since cases and sentences still speak of the rule, is proved all the same.
  const saved = await press('save-faulty', `${JSON.stringify(looserLaw, null, 2)}\n`)
  const { text } = await desk.get(saved.headers.get('Location') ?? '')
  expect(text).toContain('which statements about all of the law it breaks')
  const looser = await seen()
  expect(looser.text).toMatch(/✕ broken the statement `france` .* DE: /)
  expect(looser.html).toMatch(/href="\/law\/(de|eu)\/[a-z]+\/[0-9.r-]+#[a-z-]+">Read/)
  await press('save', stricter)
  expect((await seen()).text).toMatch(/stays broken the statement `france`/)
  rmSync(join(folder, 'statements'), { recursive: true })
  await press('save-faulty', stricter)
  expect((await seen()).text).toContain('it breaks no statement')
})
