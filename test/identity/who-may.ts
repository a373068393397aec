/**
 * A second reading of who may do what to whose, written by hand from what the gateway promises and not
 * from `authorize.ts`. Each line names everybody who may; whoever is not named may not. The tests hold the
 * table of rights, and the answers over HTTP, to it.
 */

import type { Action, Resource } from '../../functions/identity/authorize.ts'

/** Everybody who takes part, and what each is to Germany’s police, whose records it mostly is about. */
export const everybody = {
  'DE-POL': 'the holder’s police',
  'DE-LKA': 'another police of the same state, with records of its own',
  'DE-MIN': 'the ministry',
  'DE-JUST': 'another ministry of the state, which vouches for the same',
  'DE-NEW': 'the office that took over what the ministry did',
  'GB-POL': 'a foreign police with records of its own',
  'GB-MIN': 'its ministry',
  'BE-POL': 'the originator’s police',
  'US-POL': 'the requester',
  'US-DOJ': 'another agency of the requester’s state',
  'NL-POL': 'a stranger, who asks, too',
  'FR-STAR': 'a foreign agency that the register lets vouch for everything',
  'DE-DPO': 'the approver of the holder’s state',
  'GB-DPO': 'a foreign approver',
  'DE-DPA': 'the auditor of the holder’s state',
  'US-OIG': 'the auditor of the requester’s state',
  'FR-DPA': 'a foreign auditor',
  'DE-BOTH': 'an auditor to whom the register gave an agency’s rights, too',
  'DE-LEGAL': 'the legal editor of the holder’s state',
  'GB-LEGAL': 'a foreign legal editor',
  'DE-GONE': 'a suspended police of the same state, with every right',
} as const
export type Who = keyof typeof everybody
export const whos = Object.keys(everybody) as readonly Who[]

/** Whose signature counts for nothing at all. */
export const suspended: Who = 'DE-GONE'

const auditors: readonly Who[] = ['DE-DPA', 'US-OIG', 'FR-DPA', 'DE-BOTH']
/** Whoever neither asks nor answers. */
const offices: readonly Who[] = [...auditors, 'DE-DPO', 'GB-DPO', 'DE-LEGAL', 'GB-LEGAL']

/** Whoever asks and answers. */
const agencies: readonly Who[] = [
  'DE-POL',
  'DE-LKA',
  'DE-MIN',
  'DE-JUST',
  'DE-NEW',
  'GB-POL',
  'GB-MIN',
  'BE-POL',
  'US-POL',
  'US-DOJ',
  'NL-POL',
  'FR-STAR',
]
const holders: readonly Who[] = ['DE-POL', 'DE-LKA', 'GB-POL']
/** What is said of a ministry’s fact, its offices say. */
const ministries: readonly Who[] = ['DE-MIN', 'DE-JUST']
const germanAuditors: readonly Who[] = ['DE-DPA', 'DE-BOTH']

/** One act on one thing. */
export type Row = {
  readonly act: string
  readonly whose: string
  /** In the words of the table of rights. */
  readonly action: Action
  /** Absent where it is that of whoever calls. */
  readonly resource?: Resource
  /** Who may, all of it; and who may, but sees one side alone. */
  readonly may: readonly Who[]
  readonly ownSide?: readonly Who[]
  /** What each of them is answered; absent where no call is about this thing alone. */
  readonly done?: string
  /** What everybody else is answered, and some of them otherwise. */
  readonly refused: string
  readonly but?: Readonly<Partial<Record<Who, string>>>
}

type Answers = Pick<Row, 'done' | 'refused' | 'but'>
type Thing = Pick<Row, 'whose' | 'may'> & Partial<Row>
const rows = (
  act: string,
  action: Action,
  answers: Answers,
  things: readonly Thing[],
): readonly Row[] => things.map((thing) => ({ act, action, ...answers, ...thing }))

const all = (some: readonly Who[], answer: string): Readonly<Partial<Record<Who, string>>> =>
  Object.fromEntries(some.map((each) => [each, answer]))
const others = (some: readonly Who[]): readonly Who[] => whos.filter((each) => !some.includes(each))

const hidden = { done: '201', refused: '404 not-found' } as const
const noRole = '403 not-your-role'

/** Whoever asks is answered, whomever it asks; the answer is its own. */
const asking: readonly Row[] = [
  ...rows('ask', 'ask', { done: '201', refused: noRole }, [
    // Each asks for itself: who is asked changes nothing.
    { whose: 'the police’s records', may: agencies },
    { whose: 'the foreign police’s records', may: agencies },
    {
      whose: 'the records of a ministry, which has none',
      may: agencies,
      done: '422 invalid-request',
    },
    {
      whose: 'the records of a suspended police',
      may: agencies,
      done: '422 invalid-request',
    },
    {
      whose: 'the records of an auditor',
      may: agencies,
      done: '422 invalid-request',
    },
  ]),
  ...rows('look at the answer', 'read-answer', { ...hidden, done: '200' }, requests()),
  ...rows('look it up by its jti', 'read-answer', { ...hidden, done: '200' }, requests()),
  // By a session alone, which no call is.
  ...rows('see on a page', 'read-office', { refused: '404 not-found' }, requests()),
  ...rows('have the proof', 'read-answer', { ...hidden, done: '200' }, requests()),
  ...rows(
    'ask again',
    'ask-again',
    { done: '201', refused: '422 invalid-request', but: all(offices, noRole) },
    requests(),
  ),
  // Nothing left by these.
  ...rows('fetch a file of', 'read-answer', { ...hidden, done: '404 not-found' }, requests()),
  ...rows('put before a person', 'ask-for-review', hidden, requests()),
]

function requests(): readonly Thing[] {
  return [
    {
      whose: 'the requester’s',
      resource: { holder: 'DE', requester: 'US', owner: 'US-POL', keeper: 'DE-POL' },
      may: ['US-POL'],
    },
    {
      whose: 'the requester’s, to the foreign police',
      resource: { holder: 'GB', requester: 'US', owner: 'US-POL', keeper: 'GB-POL' },
      may: ['US-POL'],
    },
    {
      whose: 'the stranger’s',
      resource: { holder: 'DE', requester: 'NL', owner: 'NL-POL', keeper: 'DE-POL' },
      may: ['NL-POL'],
    },
    {
      whose: 'the holder’s own, of another state',
      resource: { holder: 'GB', requester: 'DE', owner: 'DE-POL', keeper: 'GB-POL' },
      may: ['DE-POL'],
    },
  ]
}

const german = { holder: 'DE', requester: 'US', keeper: 'DE-POL' } as const
const british = { holder: 'GB', requester: 'US', keeper: 'GB-POL' } as const
const ministrys = { whose: 'the ministry’s', resource: of(german, 'DE-MIN') }
const release = [{ fact: 'release.decision' }]
const [torture, death] = [[{ fact: 'risk.torture' }], [{ fact: 'assurance.deathPenalty' }]]
const consent = (originator: string, saysUnknown = false) => [
  { fact: 'item.originConsent', originator, saysUnknown },
]

/** The holder’s officers decide what leaves, and nobody else. */
const deciding: readonly Row[] = [
  ...rows('see what would leave', 'decide-release', { ...hidden, done: '200' }, [
    { whose: 'the police’s', resource: { ...german, vouched: release }, may: ['DE-POL'] },
    { whose: 'the foreign police’s', resource: { ...british, vouched: release }, may: ['GB-POL'] },
    {
      whose: 'the police’s, supposing the ministry’s word',
      resource: { ...german, vouched: [...release, ...death] },
      may: [],
      // The police learns that it may not suppose it; for anybody else there is no such request.
      but: all(['DE-POL'], '403 may-not-attest'),
    },
  ]),
  // Each enters for itself what came to it, and sends the answer.
  ...rows('enter what came by another way', 'enter-received', { done: '201', refused: noRole }, [
    { whose: 'to the police', resource: { holder: 'DE', keeper: 'DE-POL' }, may: ['DE-POL'] },
    {
      whose: 'to the foreign police',
      resource: { holder: 'GB', keeper: 'GB-POL' },
      may: ['GB-POL'],
    },
  ]),
  // Each gives of its own records; who is to have it collects it, and nobody else.
  ...rows('give unasked', 'provide', { done: '200', refused: noRole }, [
    { whose: 'of the police', resource: { holder: 'DE', keeper: 'DE-POL' }, may: ['DE-POL'] },
    {
      whose: 'of the foreign police',
      resource: { holder: 'GB', keeper: 'GB-POL' },
      may: ['GB-POL'],
    },
  ]),
  ...rows('collect what was given', 'collect', { ...hidden, done: '200' }, [
    { whose: 'to the stranger', resource: { holder: 'DE', owner: 'NL-POL' }, may: ['NL-POL'] },
  ]),
  ...rows('fetch a file that was given', 'collect', { ...hidden, done: '200' }, [
    { whose: 'to the stranger', resource: { holder: 'DE', owner: 'NL-POL' }, may: ['NL-POL'] },
  ]),
  ...rows('make the package of', 'deliver', { ...hidden, done: '200' }, [
    { whose: 'the police’s', resource: german, may: ['DE-POL'] },
    { whose: 'the foreign police’s', resource: british, may: ['GB-POL'] },
  ]),
  ...rows('say how it left', 'deliver', hidden, [
    { whose: 'the police’s', resource: german, may: ['DE-POL'] },
    { whose: 'the foreign police’s', resource: british, may: ['GB-POL'] },
  ]),
  // Whoever put it before a person learns that it may do so once.
  ...rows(
    'answer a review',
    'decide-release',
    { ...hidden, but: all(['US-POL'], '409 already-reviewed') },
    [
      { whose: 'the police’s', resource: { ...german, vouched: release }, may: ['DE-POL'] },
      {
        whose: 'the foreign police’s',
        resource: { ...british, vouched: release },
        may: ['GB-POL'],
      },
    ],
  ),
  ...rows('read the inbox', 'read-inbox', { done: 'shown', refused: 'not shown' }, [
    {
      whose: 'what the police’s officers judge',
      resource: { ...german, vouched: release },
      may: ['DE-POL'],
    },
    {
      whose: 'what the ministry decides',
      resource: { ...german, vouched: death },
      may: ministries,
    },
    {
      whose: 'what waits for Belgium’s consent',
      resource: { ...german, vouched: consent('BE') },
      may: ['BE-POL'],
    },
    {
      whose: 'what waits for France’s consent',
      resource: { ...german, vouched: consent('FR') },
      may: ['FR-STAR'],
    },
    {
      whose: 'what the foreign police’s officers judge',
      resource: { ...british, vouched: release },
      may: ['GB-POL'],
    },
  ]),
]

/** Each agency reads what it is told; of offices that neither ask nor answer, auditors are told of their alarms. */
const told: readonly Row[] = [
  ...rows('read events', 'read-events', { done: '200', refused: noRole }, [
    { whose: 'of its own', may: [...agencies, ...auditors] },
  ]),
  ...rows('see what left', 'read-disclosures', { done: '200', refused: noRole }, [
    { whose: 'of its own', may: holders },
  ]),
  // The holder learns that it owes nothing by this denial; for anybody else there is none.
  ...rows('say that a duty is done', 'keep-duty', { ...hidden, done: '422 invalid-request' }, [
    { whose: 'the police’s', resource: german, may: ['DE-POL'] },
    { whose: 'the foreign police’s', resource: british, may: ['GB-POL'] },
  ]),
  // Nobody was told of anything: there is no notice.
  ...rows('say that it did', 'answer-notice', { ...hidden, done: '404 not-found' }, [
    { whose: 'as told', resource: of(german, 'US-POL'), may: ['US-POL'] },
  ]),
  ...rows('see whom a change reached', 'read-disclosures', { ...hidden, done: '200' }, [
    { whose: 'of the police', resource: german, may: ['DE-POL'] },
  ]),
  // Whoever signs it sees it.
  ...rows(
    'see whom a recall reached',
    'read-disclosures',
    { ...hidden, done: '200', but: all(['DE-DPO'], '200') },
    [{ whose: 'of the police', resource: german, may: ['DE-POL'] }],
  ),
  ...rows('sign a recall of', 'sign-for-data-protection', hidden, [
    { whose: 'the police', resource: of(german, 'DE-POL'), may: ['DE-DPO'] },
  ]),
  // Their records are kept here: a change of one says it.
  ...rows(
    'say what became of',
    'keep-record',
    { done: '403 not-a-holder', refused: '403 not-a-holder' },
    [{ whose: 'its own records', may: holders }],
  ),
  ...rows('recall', 'recall', { done: '201', refused: noRole }, [
    { whose: 'what it gave', may: holders },
  ]),
  // Both wait for an assurance, too, which is for the ministries to say.
  ...rows('answer the denial of', 'respond', hidden, [
    {
      whose: 'the police',
      resource: { ...german, vouched: release },
      may: ['DE-POL'],
      but: all(ministries, '201'),
    },
    {
      whose: 'the foreign police',
      resource: { ...british, vouched: release },
      may: ['GB-POL'],
      but: all(['GB-MIN'], '201'),
    },
  ]),
  ...rows('refuse or ask back', 'respond', { refused: '' }, [
    { whose: 'for the police', resource: { ...german, vouched: release }, may: ['DE-POL'] },
    { whose: 'for the ministry', resource: { ...german, vouched: death }, may: ministries },
  ]),
]

const vouching: readonly Row[] = [
  ...rows('vouch', 'attest', { done: '201', refused: '403 may-not-attest' }, [
    { whose: 'a risk', resource: { ...german, vouched: torture }, may: ['DE-POL'] },
    { whose: 'a refusal to release', resource: { ...german, vouched: release }, may: ['DE-POL'] },
    { whose: 'an assurance', resource: { ...german, vouched: death }, may: ministries },
    { whose: 'a foreign risk', resource: { ...british, vouched: torture }, may: ['GB-POL'] },
    { whose: 'a foreign assurance', resource: { ...british, vouched: death }, may: ['GB-MIN'] },
    {
      whose: 'Belgium’s consent',
      resource: { ...german, vouched: consent('BE') },
      may: ['BE-POL'],
    },
    {
      whose: 'France’s consent',
      resource: { ...german, vouched: consent('FR') },
      may: ['FR-STAR'],
    },
    {
      whose: 'that Belgium’s consent cannot be had in time',
      resource: { ...german, vouched: consent('BE', true) },
      may: ['BE-POL', 'DE-POL'],
    },
    {
      whose: 'a risk and an assurance in one act',
      resource: { ...german, vouched: [...torture, ...death] },
      may: [],
    },
  ]),
  // Anybody may name another office that decided: it counts once that signs, or where the register says so.
  ...rows('enter the decision of', 'enter-decision', { refused: '' }, [
    { whose: 'another ministry', resource: { ...german, owner: 'DE-JUST' }, may: ['DE-MIN'] },
  ]),
  ...rows('sign as the office that decided', 'sign-as-office', { refused: '' }, [
    { whose: 'the other ministry’s decision', resource: of(german, 'DE-JUST'), may: ['DE-JUST'] },
    { whose: 'the police’s', resource: of(german, 'DE-POL'), may: ['DE-POL'] },
  ]),
  ...rows('sign for data protection', 'sign-for-data-protection', { refused: '' }, [
    { ...ministrys, may: ['DE-DPO'] },
    { whose: 'the foreign ministry’s', resource: of(british, 'GB-MIN'), may: ['GB-DPO'] },
  ]),
  // One call signs as the one or as the other.
  ...rows('sign', 'sign-as-office', hidden, [
    { whose: 'the other ministry’s decision', may: ['DE-JUST', 'DE-DPO'] },
    { whose: 'the police’s', may: ['DE-POL', 'DE-DPO'] },
    { whose: 'the foreign ministry’s', may: ['GB-MIN', 'GB-DPO'] },
  ]),
  // Whoever took over may take back, and adds nobody to another’s word.
  ...rows('add a person to', 'add-person', hidden, withoutSuccessors(own())),
  ...rows('take back', 'withdraw', hidden, own()),
  ...rows('object to', 'object', hidden, [
    {
      whose: 'the police’s risk',
      resource: { ...german, owner: 'DE-POL', vouched: torture },
      may: ['DE-POL'],
    },
    {
      whose: 'the ministry’s assurance',
      resource: { ...german, owner: 'DE-MIN', vouched: death },
      may: ['DE-POL', ...ministries],
    },
    {
      whose: 'Belgium’s consent',
      resource: { ...german, owner: 'BE-POL', vouched: consent('BE') },
      may: ['DE-POL', 'BE-POL'],
    },
    {
      whose: 'the police’s word on Belgium’s consent',
      resource: { ...german, owner: 'DE-POL', vouched: consent('BE', true) },
      may: ['DE-POL', 'BE-POL'],
    },
    {
      whose: 'the foreign ministry’s assurance',
      resource: { ...british, owner: 'GB-MIN', vouched: death },
      may: ['GB-POL', 'GB-MIN'],
    },
  ]),
  ...rows('end the objection of', 'end-objection', hidden, [
    { whose: 'the police', resource: of(german, 'DE-POL'), may: ['DE-POL'] },
    { whose: 'the ministry', resource: of(german, 'DE-MIN'), may: ['DE-MIN', 'DE-NEW'] },
    { whose: 'Belgium', resource: of(german, 'BE-POL'), may: ['BE-POL'] },
    { whose: 'the foreign police', resource: of(british, 'GB-POL'), may: ['GB-POL'] },
  ]),
  ...rows('see what ends', 'see-ending', { done: 'shown', refused: 'not shown' }, [
    { whose: 'the police’s', resource: of(german, 'DE-POL'), may: ['DE-POL'] },
    { ...ministrys, may: ['DE-POL', 'DE-MIN', 'DE-NEW'] },
    { whose: 'the foreign police’s', resource: of(british, 'GB-POL'), may: ['GB-POL'] },
  ]),
]

function of<T>(side: T, owner: string) {
  return { ...side, owner }
}

function withoutSuccessors(things: readonly Thing[]): readonly Thing[] {
  return things.map((each) => ({ ...each, may: each.may.filter((id) => id !== 'DE-NEW') }))
}

/** What an office said is its own, or its successor’s. */
function own(): readonly Thing[] {
  return [
    { whose: 'the police’s', resource: of(german, 'DE-POL'), may: ['DE-POL'] },
    { ...ministrys, may: ['DE-MIN', 'DE-NEW'] },
    { whose: 'the other ministry’s', resource: of(german, 'DE-JUST'), may: ['DE-JUST'] },
    { whose: 'the foreign ministry’s', resource: of(british, 'GB-MIN'), may: ['GB-MIN'] },
  ]
}

/** Each holder keeps records of its own: under the same id, another’s is another record. */
const keeping: readonly Row[] = [
  ...rows('keep a record', 'keep-record', { done: '201', refused: '403 not-a-holder' }, [
    { whose: 'of its own', may: holders },
  ]),
  ...rows('send a file', 'keep-record', { done: '201', refused: '403 not-a-holder' }, [
    { whose: 'of its own', may: holders },
  ]),
  ...rows('erase a record', 'keep-record', { done: '201', refused: '403 not-a-holder' }, [
    { whose: 'of its own', may: holders },
  ]),
  ...rows(
    'correct',
    'keep-record',
    { done: '201', refused: '403 not-a-holder', but: all(['DE-LKA', 'GB-POL'], '404 not-found') },
    [{ whose: 'the police’s record', resource: german, may: ['DE-POL'] }],
  ),
  // Nobody here has a system of its own, so that even a holder is told that it has no such role.
  ...['fetch questions', 'answer a question'].flatMap((act) =>
    rows(act, 'answer-requests', { done: noRole, refused: noRole }, ofItsOwn(holders)),
  ),
  ...rows('is asked', 'answer-requests', { refused: '' }, [
    { whose: 'the police', resource: { holder: 'DE', keeper: 'DE-POL' }, may: ['DE-POL'] },
    { whose: 'a ministry', resource: { holder: 'DE', keeper: 'DE-MIN' }, may: [] },
    { whose: 'an auditor', resource: { holder: 'DE', keeper: 'DE-BOTH' }, may: [] },
    { whose: 'a suspended police', resource: { holder: 'DE', keeper: 'DE-GONE' }, may: [] },
  ]),
]

const unlessAuditor = { refused: '404 not-found', but: all(others(auditors), noRole) } as const
const look = { done: '200', refused: noRole } as const

/** An auditor of the holder’s state sees all, one of the requester’s its own side. */
const looking: readonly Row[] = [
  ...rows('see the entry of', 'read-entry', { ...hidden, done: '200' }, entries()),
  ...rows('prove the entry of', 'read-entry', { ...hidden, done: '200' }, entries()),
  ...rows('find', 'list-entries', { done: 'shown', refused: 'not shown' }, entries()),
  ...rows('have evidence of', 'create-evidence', { ...unlessAuditor, done: '200' }, entries()),
  ...rows('report on the person of', 'report-subject', { refused: '' }, entries()),
  ...rows('profile the officer of', 'profile-officer', { refused: '' }, entries()),
  ...rows('replay', 'replay', { ...unlessAuditor, done: '200' }, wholly(entries())),
  ...['sample', 'pull the decisions of'].flatMap((act) =>
    rows(act, 'sample', { ...unlessAuditor, done: '200' }, logs(germanAuditors, ['US-OIG'])),
  ),
  ...rows('report on a year of', 'report-year', { refused: '' }, [
    ...wholly(entries()),
    ...logs(germanAuditors, ['US-OIG']),
  ]),
  ...rows('make a pseudonym of', 'make-pseudonym', { refused: '' }, [
    ...wholly(entries()),
    ...logs(germanAuditors, ['US-OIG']),
  ]),
  ...rows('count entries', 'list-entries', look, ofItsOwn(auditors)),
  ...rows('make a pseudonym', 'make-pseudonym', look, ofItsOwn(auditors)),
  ...rows('report on a person', 'report-subject', look, ofItsOwn(auditors)),
  ...rows('profile an officer', 'profile-officer', look, ofItsOwn(auditors)),
  ...rows('rank the officers of an agency', 'profile-officer', look, ofItsOwn(auditors)),
  ...rows('set an alarm', 'profile-officer', look, ofItsOwn(auditors)),
  ...rows('look at alarms', 'profile-officer', look, ofItsOwn(auditors)),
  ...rows('look at what is due', 'list-entries', look, ofItsOwn(auditors)),
  ...rows('count a period', 'report-year', look, ofItsOwn(auditors)),
  ...rows('report on a year', 'report-year', look, ofItsOwn(auditors)),
  ...rows('read facts', 'read-facts', look, ofItsOwn(['DE-LEGAL', 'GB-LEGAL'])),
  ...rows('read facts of', 'read-facts', { refused: '' }, [
    ...entries().map((each) => ({ ...each, may: editorsOf(each), ownSide: [] })),
    ...logs(['DE-LEGAL'], [], ['GB-LEGAL']),
  ]),
]

function editorsOf({ resource }: Thing): readonly Who[] {
  return resource?.holder === 'DE' ? ['DE-LEGAL'] : ['GB-LEGAL']
}

/** Any holder of a state acts on what its log keeps, with the approver of the same state. */
const acting: readonly Row[] = [
  ...rows('name a person for an act', 'act-on-subject', look, ofItsOwn(holders)),
  ...rows('act on a person of', 'act-on-subject', { refused: '' }, [
    ...entries().map((each) => ({ ...each, may: holdersOf(each), ownSide: [] })),
    ...logs(['DE-POL', 'DE-LKA'], [], ['GB-POL']),
  ]),
  ...rows('approve an act in', 'approve', { refused: '' }, logs(['DE-DPO'], [], ['GB-DPO'])),
  ...rows(
    'hold a person’s entries, approved by',
    'act-on-subject',
    { done: '201', refused: noRole },
    [
      {
        whose: 'DE-DPO',
        may: ['DE-POL', 'DE-LKA'],
        but: all(['GB-POL'], '422 invalid-request'),
      },
      {
        whose: 'GB-DPO',
        may: ['GB-POL'],
        but: all(['DE-POL', 'DE-LKA'], '422 invalid-request'),
      },
      ...(['DE-DPA', 'DE-MIN', 'DE-LEGAL', 'DE-GONE', 'DE-BOTH'] as const).map((whose) => ({
        whose,
        may: [],
        but: all(holders, '422 invalid-request'),
      })),
    ],
  ),
]

function holdersOf({ resource }: Thing): readonly Who[] {
  return resource?.holder === 'DE' ? ['DE-POL', 'DE-LKA'] : ['GB-POL']
}

function ofItsOwn(may: readonly Who[]): readonly Thing[] {
  return [{ whose: 'of its own state', may }]
}

/** What is shown whole or not at all. */
function wholly(things: readonly Thing[]): readonly Thing[] {
  return things.map((each) => ({ ...each, ownSide: [] }))
}

function logs(
  ofGermany: readonly Who[],
  ofAmerica: readonly Who[],
  ofBritain: readonly Who[] = [],
): readonly Thing[] {
  return [
    { whose: 'the holder’s log', resource: { holder: 'DE' }, may: ofGermany },
    { whose: 'the foreign log', resource: { holder: 'GB' }, may: ofBritain },
    { whose: 'the requester’s log', resource: { holder: 'US' }, may: ofAmerica },
  ]
}

function entries(): readonly Thing[] {
  return [
    {
      whose: 'what the requester asked the police',
      resource: german,
      may: germanAuditors,
      ownSide: ['US-OIG'],
    },
    {
      whose: 'what the requester asked the foreign police',
      resource: british,
      may: [],
      ownSide: ['US-OIG'],
    },
    {
      whose: 'what the police asked the foreign police',
      resource: { holder: 'GB', requester: 'DE', keeper: 'GB-POL' },
      may: [],
      ownSide: germanAuditors,
    },
    {
      whose: 'what the police’s state did alone',
      resource: { holder: 'DE', requester: 'DE' },
      may: germanAuditors,
    },
  ]
}

/** Every row of the second reading. */
export const reading: readonly Row[] = [
  ...asking,
  ...deciding,
  ...told,
  ...vouching,
  ...keeping,
  ...looking,
  ...acting,
]

/** What somebody is answered on a row. */
export function answerTo(who: Who, { may, ownSide = [], done, refused, but = {} }: Row): string {
  if (who === suspended) return '401 unauthorized'
  const isAllowed = may.includes(who) || ownSide.includes(who)
  return isAllowed ? (done ?? '') : (but[who] ?? refused)
}
