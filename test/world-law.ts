/**
 * The law of the invented world of tests, which is nobody's: two holders, of a union of states and beside it, with
 * what the engine and the gateway must do under any law. A rule that lets data go, one that takes items out, refusals
 * that an office can lift and that nobody can, silence that is told, duties, sentences in two languages, versions that
 * follow each other, and a correction.
 */

import {
  deny,
  fileOf,
  is,
  isNot,
  type Json,
  oblige,
  permit,
  redact,
  type WrittenPolicy,
} from './decision/write.ts'
import { worldLists } from './world-lists.ts'

const among = (name: string, values: readonly Json[] | { readonly var: string }): Json => ({
  in: [{ var: name }, values],
})
const on = (list: string) => ({ var: `lists.${list}` })
const not = (condition: Json): Json => ({ '!': [condition] })
const all = (...conditions: readonly Json[]): Json => ({ and: conditions })
const any = (...conditions: readonly Json[]): Json => ({ or: conditions })

const ofUnion = among('requester.jurisdiction', on('led-states'))
const fromUnion = among('holder.jurisdiction', on('led-states'))
const ofGermany = is('holder.jurisdiction', 'DE')
const ofBritain = is('holder.jurisdiction', 'GB')
const police = among('requester.authorityType', ['spoc', 'police'])
const anyAuthority = among('requester.authorityType', [
  ...['police', 'prosecutor', 'court', 'central-authority', 'ncb', 'spoc'],
])
const inquiry = ['prevention', 'detection', 'investigation']
const outsidePurpose = not(
  among('request.purpose', [...inquiry, 'prosecution', 'execution-of-penalty']),
)
const forInquiry = among('request.purpose', inquiry)
const needed = is('necessity.case', 'necessary')
const unasked = is('request.unasked', true)
const sensitive = among('item.class', ['biometric', 'genetic', 'health', 'special'])
const undecided = isNot('release.decision', 'release')
const unreliable = isNot('item.quality', 'verified')
const consented = among('item.originConsent', ['own-data', 'given'])
const unknown = not(consented)
const old = not(among('item.status', ['active', 'reviewed']))
const isSource = is('item.role', 'informant')
const unnamed = all(
  among('item.role', ['victim', 'witness']),
  is('necessity.victimIdentity', false),
)
const deathMayFollow = is('request.offence.deathPenaltyAvailable', true)
const inDanger = any(
  among('risk.torture', ['substantial', 'real']),
  among('risk.persecution', ['substantial', 'real']),
  is('risk.unfairTrial', 'real'),
)

const withhold = 'withhold'
const told = { tell: { cites: ['art. 6'] } }
const reasons = { obligations: [{ code: 'O-REASONS', within: 'P7D' }] }
const toDelete = { obligations: [{ code: 'O-DEL' }] }
const record = [{ code: 'O-LOG' }, { code: 'O-NOTIFY-CORR' }]
const ruledOut = {
  when: is('assurance.deathPenalty', 'given-and-verified'),
  obligations: [{ code: 'O-DP' }],
}
const cannotWait = {
  when: all(
    is('threat.publicSecurity', 'serious-immediate'),
    is('item.originConsent', 'unobtainable-in-time'),
  ),
  obligations: [{ code: 'O-NOTIFY-ORIG' }],
}

const cooperation = { code: 'police-cooperation' }
const german = { title: 'German police', timeZone: 'Europe/Berlin', translated: { de: 'M' } }

/** The ground of the holder in the union, in two languages. */
const germanPolice: WrittenPolicy = {
  ...{ id: 'de/police', kind: 'ground', head: german, silence: 'competence' },
  applies: ofGermany,
  transposes: { 'eu/data': { retention: ['DE § 75'], 'log-and-correct': ['DE § 76'] } },
  automation: [ofUnion],
  rules: [
    permit(
      'directive',
      all(police, ofUnion, forInquiry),
      {
        says: { en: 'Police of the union is answered.', de: 'Polizei der Union erhält Antwort.' },
        cites: ['DE § 26a'],
      },
      cooperation,
    ),
    permit(
      'member-state',
      all(anyAuthority, ofUnion, needed),
      {
        says: { en: 'The union is given what is needed.', de: 'Die Union erhält, was nötig ist.' },
        cites: ['DE § 26(1)', 'DE § 26(2)'],
        nature: 'discretionary',
      },
      { ...cooperation, obligations: [{ code: 'O-USE' }] },
    ),
    permit(
      'third-state',
      all(anyAuthority, not(ofUnion), needed),
      {
        says: { en: 'Others are given what is needed.', de: 'Andere erhalten, was nötig ist.' },
        nature: 'discretionary',
      },
      { ...cooperation, obligations: [{ code: 'O-USE' }, { code: 'O-DEL' }] },
    ),
    permit(
      'unasked',
      all(unasked, police, ofUnion, needed),
      {
        says: { en: 'It may give unasked.', de: 'Sie darf auch ohne Ersuchen übermitteln.' },
        nature: 'discretionary',
      },
      cooperation,
    ),
    deny(
      'approval',
      all(
        among('requester.authorityType', ['prosecutor', 'court', 'central-authority']),
        not(ofUnion),
        isNot('approval.minister', 'given'),
      ),
      { says: { en: 'The ministry agrees first.', de: 'Erst stimmt das Ministerium zu.' } },
      { code: 'approval-missing' },
    ),
    deny(
      'rule-of-law',
      inDanger,
      { says: { en: 'Nobody is put in danger.', de: 'Niemand wird gefährdet.' } },
      { code: 'human-rights' },
    ),
    deny(
      'protection',
      is('transfer.caseCheck', 'concerns'),
      { says: { en: 'A concern stops it.', de: 'Bedenken stehen entgegen.' } },
      { code: 'case-check' },
    ),
    redact(
      'child-review',
      all(
        is('item.minor', true),
        { '>=': [{ var: 'item.yearsSinceEvent' }, 2] },
        isNot('item.status', 'reviewed'),
      ),
      withhold,
      { says: { en: 'A child is reviewed.', de: 'Ein Kind wird geprüft.' } },
      { code: 'retention', ...toDelete },
    ),
    oblige('no-evidence', ofUnion, [{ code: 'O-NOEVID' }], {
      says: { en: 'It is no evidence.', de: 'Es ist kein Beweis.' },
    }),
  ],
}

/** What leaves the union needs a look at the case. */
const germanTransfers: WrittenPolicy = {
  ...{ id: 'de/transfers', kind: 'limit' },
  applies: all(ofGermany, not(ofUnion)),
  rules: [deny('case-check', isNot('transfer.caseCheck', 'clean'), {}, { code: 'case-check' })],
}

/** Exchange between members of the union: what is told, and by when it is answered. */
const exchange: WrittenPolicy = {
  ...{ id: 'eu/exchange', kind: 'ground', silence: 'competence' },
  head: { title: 'Exchange in the union', timeZone: 'Europe/Brussels' },
  applies: all(fromUnion, ofUnion, police, forInquiry),
  rules: [
    permit(
      'request',
      police,
      {},
      {
        ...cooperation,
        obligations: [{ code: 'O-USE' }, { code: 'O-DEL' }, { code: 'O-MARK', value: 'H1' }],
      },
    ),
    permit(
      'own-initiative',
      all(unasked, police, needed),
      { nature: 'discretionary' },
      { ...cooperation, obligations: [{ code: 'O-USE' }, { code: 'O-DEL' }] },
    ),
    oblige('no-evidence', true, [{ code: 'O-NOEVID' }]),
    oblige('seven-days', true, [{ code: 'O-ANSWER', within: 'P7D' }]),
    oblige(
      'eight-hours',
      among('request.urgency', ['urgent', 'imminent-threat-to-life']),
      [{ code: 'O-ANSWER', within: 'PT8H' }],
      { cites: ['EU art. 5(1)'], relies: { cites: ['EU art. 4'] } },
    ),
    deny(
      'seriousness',
      any(is('request.offence.isOffenceForHolder', false), {
        '<=': [{ var: 'request.offence.maxCustodyMonthsHolder' }, 12],
      }),
      { nature: 'discretionary' },
      { code: 'seriousness', ...reasons },
    ),
    redact(
      'categories',
      among('item.class', ['health', 'special', 'communications-content']),
      withhold,
      {},
      { code: 'special-category', ...told, ...reasons },
    ),
    redact('quality', unreliable, withhold, {}, { code: 'quality', ...told, ...reasons }),
    redact('origin', unknown, withhold, {}, { code: 'origin-consent', ...told, ...reasons }),
  ],
}

/** What holds for all data of the union, to whomever it goes. */
const data: WrittenPolicy = {
  ...{ id: 'eu/data', kind: 'limit' },
  head: { title: 'Data in the union', timeZone: 'Europe/Brussels' },
  applies: fromUnion,
  rules: [
    deny('purpose', outsidePurpose, {}, { code: 'purpose' }),
    deny('necessary', is('necessity.case', 'not-necessary'), {}, { code: 'necessity' }),
    redact(
      'strictly-necessary',
      all(sensitive, not(among('item.class', { var: 'necessity.strictClasses' }))),
      withhold,
      {},
      { code: 'special-category' },
    ),
    deny('special-decided', all(sensitive, undecided), {}, { code: 'human-decision' }),
    deny(
      'minors-decided',
      all(isNot('item.minor', false), undecided),
      { nature: 'choice' },
      { code: 'human-decision' },
    ),
    redact('quality', unreliable, withhold, {}, { code: 'quality' }),
    redact('informants', isSource, withhold, { nature: 'discretionary' }, { code: 'informant' }),
    redact(
      'victims',
      unnamed,
      'pseudonymise',
      {},
      { code: 'victim', obligations: [{ code: 'O-VICTIM' }] },
    ),
    redact('retention', old, withhold, {}, { code: 'retention', ...toDelete }),
    redact(
      'origin-refused',
      is('item.originConsent', 'refused'),
      withhold,
      {},
      { code: 'origin-consent' },
    ),
    oblige('log-and-correct', true, record),
  ],
}

/** What leaves the union, which an officer decides. */
const transfers: WrittenPolicy = {
  ...{ id: 'eu/transfers', kind: 'ground', silence: 'no-transfer-basis', automation: [] },
  head: { title: 'Transfers from the union', timeZone: 'Europe/Brussels' },
  applies: all(fromUnion, not(ofUnion)),
  rules: [
    permit(
      'adequate',
      among('requester.jurisdiction', on('adequate')),
      { cites: ['EU art. 36'], nature: 'discretionary' },
      { code: 'adequacy' },
    ),
    permit(
      'assessed',
      is('transfer.assessment', 'safeguards-found'),
      { nature: 'discretionary' },
      { code: 'assessment', obligations: [{ code: 'O-DOC' }] },
    ),
    deny('unasked', unasked, {}, { code: 'asked-only' }),
    deny('necessary', isNot('necessity.case', 'necessary'), {}, { code: 'necessity' }),
    redact('origin', unknown, withhold, { unless: [cannotWait] }, { code: 'origin-consent' }),
    deny('death-penalty', deathMayFollow, { unless: [ruledOut] }, { code: 'death-penalty' }),
    oblige('onward', true, [{ code: 'O-ONWARD' }]),
  ],
}

/** The ground of the holder beside the union: all that leaves it, an officer decides. */
const britishPolice: WrittenPolicy = {
  ...{ id: 'gb/police', kind: 'ground', silence: 'approval-missing', automation: [] },
  reserves: 'Nothing leaves Britain by rule alone: a named officer decides.',
  head: { title: 'British police', timeZone: 'Europe/London' },
  applies: ofBritain,
  rules: [
    permit('approved', ofUnion, { nature: 'discretionary' }, { code: 'adequacy' }),
    permit(
      'safeguards',
      is('transfer.assessment', 'safeguards-found'),
      { nature: 'discretionary' },
      { code: 'assessment', obligations: [{ code: 'O-DOC' }] },
    ),
    deny('purpose', outsidePurpose, {}, { code: 'purpose' }),
    deny('necessary', isNot('necessity.case', 'necessary'), {}, { code: 'necessity' }),
    redact('quality', unreliable, withhold, {}, { code: 'quality' }),
    redact('retention', old, withhold, {}, { code: 'retention', ...toDelete }),
    redact('informants', isSource, withhold, { nature: 'discretionary' }, { code: 'informant' }),
    redact(
      'victims',
      unnamed,
      'pseudonymise',
      { nature: 'choice' },
      { code: 'victim', obligations: [{ code: 'O-VICTIM' }] },
    ),
    redact('origin', unknown, withhold, { unless: [cannotWait] }, { code: 'origin-consent' }),
    oblige('onward', true, [{ code: 'O-ONWARD' }, { code: 'O-USE' }]),
    oblige('log', true, record),
  ],
}

/** What is asked before anything goes where death may follow. */
const deathPenalty: WrittenPolicy = {
  ...{ id: 'gb/death-penalty', kind: 'limit' },
  head: { title: 'Where death may follow', timeZone: 'Europe/London' },
  applies: ofBritain,
  rules: [
    deny(
      'death-penalty',
      deathMayFollow,
      {
        nature: 'choice',
        unless: [
          ruledOut,
          {
            when: all(
              is('approval.minister', 'given'),
              is('transfer.derogation', 'individual-case'),
              is('transfer.rightsOverride', 'no'),
            ),
          },
        ],
      },
      { code: 'death-penalty' },
    ),
    deny(
      'unfair-trial',
      is('risk.unfairTrial', 'substantial'),
      { nature: 'choice', unless: [{ when: is('approval.minister', 'given') }] },
      { code: 'human-rights' },
    ),
  ],
}

/** What no state does. */
const floor: WrittenPolicy = {
  ...{ id: 'un/floor', kind: 'limit', head: { title: 'What no state does' } },
  rules: [deny('danger', inDanger, {}, { code: 'human-rights' })],
}

/** Alerts of the union's system stay in it. */
const alerts: WrittenPolicy = {
  ...{ id: 'eu/alerts', kind: 'limit', head: { title: 'Alerts in the union' } },
  applies: not(ofUnion),
  rules: [
    redact('no-third-country', is('item.system', 'SIS'), withhold, {}, { code: 'alert' }),
    oblige('discreet', among('item.obtainedUnder', ['SIS-26', 'SIS-36']), [{ code: 'O-CONF' }]),
  ],
}

/** What comes by the channel of INTERPOL. */
const channel: WrittenPolicy = {
  ...{ id: 'interpol/marks', kind: 'limit', head: { title: 'What INTERPOL marks' } },
  applies: is('request.channel', 'interpol'),
  rules: [
    deny(
      'neutrality',
      among('request.offence.character', ['political', 'military', 'religious', 'racial']),
      {},
      { code: 'neutrality' },
    ),
    oblige('marking', true, [{ code: 'O-MARK', value: 'FOR OFFICIAL USE ONLY' }]),
    oblige('valid', true, [{ code: 'O-VALID' }]),
  ],
}

/** What others hold: it is asked nothing of, and may be suspended. */
const frenchPolice: WrittenPolicy = {
  ...{ id: 'fr/police', kind: 'ground', head: { title: 'French police' } },
  applies: is('holder.jurisdiction', 'FR'),
  rules: [permit('needed', needed, {}, cooperation)],
}

/** The same before a rule was added. */
const before = (policy: WrittenPolicy, added: string): WrittenPolicy => ({
  ...policy,
  rules: policy.rules.filter(({ id }) => id !== added),
})

/** Every file of it, each after those of its folder that were sealed before it. */
export const worldLaw = [
  fileOf(before(germanPolice, 'unasked'), '2018-05-25'),
  fileOf(germanTransfers),
  fileOf(germanPolice, '2026-02-14'),
  fileOf(data),
  fileOf(transfers),
  fileOf(alerts),
  fileOf(before(exchange, 'seriousness'), '2024-12-12'),
  fileOf(exchange, '2024-12-12.r2'),
  fileOf(frenchPolice),
  fileOf(deathPenalty),
  fileOf(before(britishPolice, 'approved'), '2018-05-25'),
  fileOf(before(britishPolice, 'safeguards'), '2026-02-05'),
  fileOf(britishPolice, '2026-02-05.r2'),
  fileOf(floor),
  fileOf(channel),
  ...worldLists,
]
