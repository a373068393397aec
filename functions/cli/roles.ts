/** `comity doctor --roles`: what each role of a deployment may do, in sentences that an officer can sign. */

import { globSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import { type Holder, merged, type Said, said } from './roles/said.ts'
import { readTemplate } from './roles/template.ts'
import { nameOf, type Words } from './roles/words.ts'
import { paint } from './say.ts'

/** A template in sentences, as programs read it. */
export type RolesSaid = Said & {
  readonly template: string
  /** Whether every sentence is true to the template and none is lacking. */
  readonly complete: boolean
  /** Other templates beside it, which were not read. */
  readonly beside: readonly string[]
}

/** Reads a template: of this file, or the newest that `npx cdk synth` wrote below the folder of the project. */
export function saidOf(root: string, given: string | undefined): RolesSaid {
  const made = madeIn(root)
  const file = given ?? made[0]
  if (file === undefined)
    throw new Failure(
      'couldn’t find a template in `cdk.out`: run `npx cdk synth` first, or name one',
      exitCodes.usage,
    )
  const read = readTemplate(readJson(file, z.unknown()))
  if ('wrong' in read)
    throw new Failure(`couldn’t read \`${file}\`: ${read.wrong}`, exitCodes.usage)
  const all = said(read.resources)
  const unread = read.transformed
    ? [...all.unread, { place: 'Transform', raw: 'only AWS knows what this makes of the template' }]
    : all.unread
  return {
    template: file,
    complete: unread.length === 0 && sentencesOf(all).every(({ understood }) => understood),
    ...all,
    unread,
    beside: given === undefined ? made.slice(1).map((each) => basename(each)) : [],
  }
}

/** The templates that were made, the newest first; of those made at once, that of the gateway itself. */
function madeIn(root: string): readonly string[] {
  const files = globSync('cdk.out/Comity-*.template.json', { cwd: root }).map((file) => {
    const path = join(root, file)
    return { path, at: statSync(path).mtimeMs }
  })
  const last = Math.max(...files.map(({ at }) => at)) - atOnceMs
  // Parts of a gateway in another Region have longer names: `Comity-prod`, `Comity-prod-Keys`.
  const rank = ({ path, at }: (typeof files)[number]) => (at < last ? 1000 : path.length)
  return files.toSorted((a, b) => rank(a) - rank(b)).map(({ path }) => path)
}

/** How long it takes to write the templates of one synthesis, ms. */
const atOnceMs = 10_000

const sentencesOf = ({ roles, administrator, policies, locks }: Said): readonly Words[] => [
  ...[...roles, administrator].flatMap(({ takenBy, may, idle, elsewhere }) => [
    ...takenBy,
    ...may,
    ...idle,
    ...elsewhere.map(elsewhereSentence),
  ]),
  ...policies,
  ...locks,
]

/** What a policy outside of the template gives, the template does not say. */
const elsewhereSentence = (arn: string): Words => ({
  says: `It may also do all that \`${arn}\` allows, which is not in this template.`,
  understood: false,
})

/** The sentences as people read them. */
export function saidLines(all: RolesSaid): readonly string[] {
  const { template, roles, administrator, policies, locks, unread, beside, complete } = all
  const lines = (title: string, sentences: readonly Words[]) =>
    sentences.length === 0 ? [] : ['', paint('bold', title), ...sentences.map(line)]
  return [
    `What ${template} says.`,
    ...roles.flatMap((role) => lines(role.name, holderSentences(role, complete))),
    ...lines('An administrator, whom IAM lets do everything', merged(notable(administrator.may))),
    ...lines('What the policies of resources say', merged(policies)),
    ...lines('What Object Lock keeps', locks),
    ...(unread.length === 0 ? [] : ['', paint('bold', 'Not in these sentences')]),
    ...unread.map(({ place, raw }) => `  ${mark} ${nameOf(place)}: ${JSON.stringify(raw)}`),
    '',
    ...(beside.length === 0 ? [] : [`Not read: ${beside.join(', ')}.`]),
    complete
      ? 'Whoever may change a policy can lift what it forbids. Of roles outside of this template it says nothing.'
      : paint('red', `Not everything is understood: read yourself what is marked “${mark}”.`),
  ]
}

const mark = 'not understood: read it yourself:'
const line = ({ says, understood }: Words): string => `  ${understood ? '' : `${mark} `}${says}`

/** So many sentences that differ in their object alone are said as one. */
const manyAlike = 5

/** What an administrator may do without any limit is worth a word where there are data. */
const notable = (may: Holder['may']): Holder['may'] =>
  may.filter(
    ({ actions, on, resource, only, never }) =>
      on === undefined ||
      !actions.some((each) => each.endsWith('*')) ||
      only.length + never.length > 0 ||
      resource.includes(':dynamodb:'),
  )

function holderSentences(
  { name, takenBy, may, idle, elsewhere }: Holder,
  complete: boolean,
): readonly Words[] {
  const only = ({ says, understood }: Words) => ({ says: `Only ${says}`, understood })
  return [
    ...(takenBy.length === 1 && complete ? takenBy.map(only) : takenBy),
    ...merged(may, manyAlike),
    ...idle,
    ...elsewhere.map(elsewhereSentence),
    ...(complete ? [{ says: `${name} may do nothing else.`, understood: true }] : []),
  ]
}
