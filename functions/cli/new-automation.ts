/** The questions of what leaves by rule alone, and what an officer decides. */

import type { Automation, Logic } from '../policy/policy.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import type { Ask } from './ask.ts'
import { cited, one, several } from './questions.ts'

/** Asks what a ground lets go without an officer, and by which articles. */
export async function askWhoDecides(ask: Ask): Promise<Automation> {
  const what = await one(ask, 'What may leave by rule alone, without an officer?', {
    nothing: 'an officer decides on all of it',
    classes: 'data of some classes',
    everything: 'all that a rule permits',
  })
  const when = what === 'classes' ? await classes(ask) : true
  const byRule =
    what === 'nothing'
      ? []
      : [
          {
            ...(await said(ask, 'Say in one sentence what does.', 'What is asked daily goes.')),
            when,
          },
        ]
  const reserved = await said(
    ask,
    byRule.length === 0 ? 'Say in one sentence who decides.' : 'And who decides on the rest?',
    'An officer decides on what leaves.',
  )
  return { ...reserved, byRule }
}

async function said(ask: Ask, question: string, example: string) {
  const sentence = await cited(ask, question, example)
  const nature = await one(ask, 'Whose word is it?', {
    mandatory: 'the law says so',
    choice: 'it is our choice',
  })
  return { ...sentence, nature: nature as Automation['nature'] }
}

async function classes(ask: Ask): Promise<Logic> {
  const { 'item.class': fact } = vocabulary
  const values = fact?.type === 'enum' ? fact.values : {}
  return { in: [{ var: 'item.class' }, await several(ask, 'Of which classes?', values)] }
}
