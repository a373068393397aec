/** Statements of the register in words: what each will do, who signed, and whose signature is missing. */

import { isDeepStrictEqual } from 'node:util'
import { fingerprintWords, type HeldKey } from '../identity/held-keys.ts'
import type { Officer } from '../identity/officers.ts'
import type { AgencyKey, NewPasskey } from '../identity/register.ts'
import {
  faultWords,
  type Registrar,
  registrarsChain,
  type Statement,
  type StatementFault,
  type Succession,
} from '../identity/registrars.ts'
import type { AgencyProfile, AgencyStatement, Body, Registered } from '../identity/statements.ts'
import { counted } from '../terminal/counted.ts'
import { paint } from '../terminal/say.ts'

/** A statement that somebody signs. */
export type Candidate = AgencyStatement | Succession

/** Whether a statement is about the registrars themselves. */
export const isSuccession = (candidate: Candidate): candidate is Succession =>
  candidate.body.act === 'registrars'

/** What a statement is about: an agency, or the registrars. */
export const subjectOf = ({ chain }: Candidate): string =>
  chain === registrarsChain ? 'registrars' : chain.slice(registrarsChain.length + 1)

/** What a statement will do, before it is signed. */
export function effectLines(candidate: Candidate, before?: Registered): readonly string[] {
  const id = subjectOf(candidate)
  const lines = isSuccession(candidate)
    ? successionLines(candidate)
    : agencyLines(id, candidate.body, before)
  return [
    paint('bold', `Statement ${candidate.number} of ${id}`),
    ...lines,
    `Why: ${candidate.body.why}`,
  ]
}

const successionLines = ({ body }: Succession): readonly string[] => [
  `From now on ${body.registrars.map(nameOf).join(', ')} sign what the register says.`,
  `What was stated of ${counted(Object.keys(body.tips).length, 'agency', 'agencies')} stands. Whoever is not named here signs nothing any more, whatever date it bears.`,
]

function agencyLines(id: string, body: Body, before: Registered | undefined): readonly string[] {
  switch (body.act) {
    case 'join':
      return [
        `${id} joins: ${body.agency.name}.`,
        ...profileLines(body.agency),
        ...body.keys.map((key) => `- signs with ${keyWords(key)}`),
      ]
    case 'change': {
      const changes = before === undefined ? [] : changeLines(before.agency, body.agency)
      return changes.length === 0
        ? [`${id} stays what it is.`]
        : [`Of ${id} this changes:`, ...changes]
    }
    case 'add-key':
      return [
        `${id} may sign with ${keyWords(body.key)}.`,
        ...(body.replaces === undefined
          ? []
          : [`Its key ${body.replaces.kid} signs until ${body.replaces.until}, and no later.`]),
      ]
    case 'add-passkey':
      return [
        `The officer ${body.key.passkey.officer} of ${id} may act in a browser, on pages of ${body.key.passkey.origin}, with ${passkeyWords(body.key.passkey)}${keyWords(body.key)}.`,
        `Its fingerprint: ${fingerprintWords(body.key.jwk)}. Ask the officer whether it is theirs, by another way than this file came.`,
      ]
    case 'resume':
      return [`${id} is suspended no more: its calls are answered, and it can be asked.`]
    case 'suspend':
      return [`${id} is suspended: none of its calls is answered, until two registrars resume it.`]
    case 'revoke-key':
      return [
        `The key ${body.kid} of ${id} is revoked: what it signs from now on is refused.`,
        'If another key of the agency signs this, both stand still until a registrar answers.',
        `What left by it stays where it went: a holder recalls that with \`comity recall make --of-key ${id}/${body.kid} --compromised-since …\`.`,
        ...(body.compromisedSince === undefined
          ? []
          : [
              `Others may have had it since ${body.compromisedSince}: what it vouched for from then on lets nothing go.`,
              `\`comity agency compromised ${id}\` lists it.`,
            ]),
      ]
    case 'end-right':
      return [`${id} loses a right: ${body.right}${body.of === undefined ? '' : ` ${body.of}`}.`]
    case 'name-officers':
      return [
        `For ${id} these decide, besides those whom it has named:`,
        ...body.officers.map(officerWords),
        ...(before?.officers === undefined
          ? [
              `These are the first: from now on nobody decides for ${id} whom it has not named. Whoever signs as it still asks.`,
            ]
          : []),
      ]
    case 'end-officers':
      return [`For ${id} these decide nothing any more: ${body.officers.join(', ')}.`]
    case 'answer': {
      const still = (before?.keys ?? []).filter(({ standing }) => standing === 'still')
      const [stand, end] = [
        still.filter(({ kid }) => body.stands.includes(kid)),
        still.filter(({ kid }) => !body.stands.includes(kid)),
      ].map((keys) => keys.map(({ kid }) => kid).join(', ') || 'none')
      return [
        `Of the keys of ${id} that stand still, these sign again: ${stand}.`,
        `Revoked: ${end}.`,
      ]
    }
  }
}

/** What an agency is, a line each. */
export const profileLines = (profile: AgencyProfile): readonly string[] => [
  `- ${profile.authorityType} of ${profile.jurisdiction}, days in ${profile.timeZone}${profile.role === undefined ? '' : `, ${profile.role}`}`,
  `- on ${profile.channels.join(', ') || 'no channel'}; ${profile.requestsPerMinute} calls a minute`,
  ...deskLines(profile),
  ...(profile.holdsRecords && profile.system === undefined
    ? ['- keeps records in this gateway']
    : []),
  ...profile.attests.map(({ holder, facts }) => `- attests for ${holder}: ${facts.join(', ')}`),
  ...(profile.cannotHonour.length === 0
    ? []
    : [`- cannot honour ${profile.cannotHonour.join(', ')}`]),
  ...(['entersFor', 'succeeds'] as const).flatMap((right) =>
    profile[right] === undefined ? [] : [`- ${right} ${profile[right].join(', ')}`],
  ),
  ...(profile.personsPerCase === undefined
    ? []
    : [
        `- its officer confirms what leaves once one officer has asked for more than ${profile.personsPerCase} persons in a case`,
      ]),
  ...(profile.gateway === undefined ? [] : [`- its records are asked for at ${profile.gateway}`]),
  ...(profile.system === undefined
    ? []
    : [
        `- it answers from its own system${profile.system.address === undefined ? ', which fetches its questions' : ` at ${profile.system.address}`}`,
      ]),
]

/** Whom to phone. An auditor’s or lawyer’s office asks nobody and is asked nothing. */
const deskLines = ({ duty, role }: AgencyProfile): readonly string[] =>
  duty !== undefined
    ? [`- its desk: ${duty.telephone}, ${duty.languages.join(', ')}`]
    : role === undefined
      ? [
          paint(
            'yellow',
            '- nobody to phone: give its desk as `duty`, or whoever has a question about a request of it finds no number',
          ),
        ]
      : []

function changeLines(before: AgencyProfile, after: AgencyProfile): readonly string[] {
  const names = Object.keys({ ...before, ...after }) as (keyof AgencyProfile | 'keys' | 'status')[]
  const said = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  return names.flatMap((name) =>
    name === 'keys' || name === 'status' || isDeepStrictEqual(before[name], after[name])
      ? []
      : [`- ${name}: ${said(before[name])} becomes ${said(after[name])}`],
  )
}

const officerWords = ({ id, may, login }: Officer): string =>
  `- the officer ${id}: ${may.join(', ')}${login === undefined ? '' : `; looks by a browser as ${login.sub} of ${login.iss}`}`

/** What an officer calls it, before the words of its key. */
const passkeyWords = ({ name }: NewPasskey['passkey']): string =>
  name === undefined ? 'the passkey of ' : `the passkey “${name}”, `

const keyWords = ({ kid, alg, channel, from, until }: Omit<AgencyKey, 'status'>): string =>
  `the key ${kid} (${alg}${channel === undefined ? '' : `, ${channel}`}), from ${from}${until === undefined ? '' : ` until ${until}`}`

const standings = {
  active: 'signs',
  still: 'stands still until a registrar answers',
  revoked: 'revoked',
} as const satisfies Record<HeldKey['standing'], string>

/** An agency as its statements describe it. */
export const registeredLines = ({ agency, keys, tip }: Registered): readonly string[] => [
  paint('bold', `${agency.id}: ${agency.name}`),
  ...(agency.status === 'suspended' ? ['Suspended: none of its calls is answered.'] : []),
  ...profileLines(agency),
  ...(agency.officers === undefined
    ? ['- has named no officer: each whom its keys sign for decides']
    : agency.officers.length === 0
      ? ['- has no officer any more: nobody decides']
      : agency.officers.map(officerWords)),
  ...keys.map(
    (key) =>
      `- ${key.passkey === undefined ? '' : `${key.passkey.officer}: ${passkeyWords(key.passkey)}`}${keyWords(key)}: ${standings[key.standing]}${key.since === undefined ? '' : `, since ${key.since}`}${key.compromisedSince === undefined ? '' : `, known to others since ${key.compromisedSince}`}`,
  ),
  ...(keys.some(({ compromisedSince }) => compromisedSince !== undefined)
    ? [`What a compromised key vouched for: \`comity agency compromised ${agency.id}\`.`]
    : []),
  paint('dim', `${counted(tip.number, 'statement')}, the last ${tip.digest}`),
]

/** A registrar's name and key id. */
export const nameOf = ({ kid, name }: Registrar): string => `${name} (${kid})`

/** The ids of the keys that signed. */
export const signersOf = ({ signatures }: Statement<unknown>): readonly string[] =>
  signatures.map((jws) => {
    const header = Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString('utf8')
    return String(JSON.parse(header).kid)
  })

/** The statements of a chain, one after the other. */
export const historyLines = (statements: readonly Candidate[]): readonly string[] =>
  statements.flatMap((each) => {
    const [, ...lines] = effectLines(each)
    return [
      paint('bold', `${each.number}  ${each.statedAt}`),
      ...lines.map((line) => `   ${line}`),
      paint('dim', `   signed by ${signersOf(each).join(', ')}`),
    ]
  })

/** Why a chain does not hold, and what to do. */
export function faultLines(chain: string, { fault, at }: StatementFault): readonly string[] {
  const sk = String(at).padStart(6, '0')
  return fault === 'shorter-than-seen'
    ? [
        `- ${chain}: rows are missing, or others stand in their place: ${faultWords[fault]}.`,
        '  Find out who wrote there; put the rows back as they were, from a backup of the table.',
      ]
    : [
        `- ${chain}: statement ${at} does not count: ${faultWords[fault]}.`,
        `  Find out who wrote it. What was stated before it holds again once its row and those after it are gone: pk ${chain}, sk ${sk}.`,
      ]
}
