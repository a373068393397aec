/**
 * A second, naive reading of which attestations count for a matter, from what the design says of them.
 * It shares no code with the matcher, and judges facts by its own table.
 */

export type Value = string | boolean
export type Scope =
  | { readonly kind: 'matter'; readonly matter: string }
  | { readonly kind: 'case'; readonly requester: string; readonly caseReference: string }
  | {
      readonly kind: 'general'
      readonly requester: string
      readonly purpose?: string
      readonly offenceCategory?: string
    }
export type Case = { readonly requester: string; readonly caseReference: string }
export type Act = {
  readonly id: string
  readonly holder: string
  readonly fact: string
  readonly value: Value
  readonly also?: readonly { readonly fact: string; readonly value: Value }[]
  readonly scope: Scope
  readonly persons?: readonly string[]
  readonly inCase?: Case
  readonly originator?: string
  readonly enteredAt: string
  readonly from: string
  readonly until: string
  readonly decidedBy: string
  readonly attester: string
  readonly as?: string
  readonly signatures?: readonly { readonly agency: string; readonly as: string }[]
  readonly entersFor?: true
  readonly documentDigest?: string
}
export type Doubt = {
  readonly id: string
  readonly holder: string
  readonly facts: readonly string[]
  readonly originator?: string
  readonly scope: Scope
  readonly persons?: readonly string[]
  readonly inCase?: Case
}
export type Asking = {
  readonly holder: string
  readonly id: string
  readonly requester: string
  readonly requesterJurisdiction: string
  readonly caseReference: string
  readonly purpose: string
  readonly offenceCategory: string
  readonly asked: string
  readonly necessityPresumed: boolean
}

type Attestable = {
  readonly office: 'holder-officer' | 'holder-ministry' | 'originator'
  readonly scopes: readonly Scope['kind'][]
  readonly values: readonly Value[]
  /** A refusal, or a risk that was found; the graver later. */
  readonly against: readonly Value[]
  readonly notYet: readonly Value[]
  readonly lifeAndLimb?: true
  readonly presumed?: true
}

const single = ['matter', 'case'] as const
const any = ['matter', 'case', 'general'] as const
const notOfCase = ['matter', 'general'] as const

const over = ['cancelled', 'non-compliant'] as const

/** Some attestable facts, one of each kind. */
export const attestable: Readonly<Record<string, Attestable>> = {
  'risk.torture': {
    ...{ office: 'holder-officer', scopes: notOfCase, values: ['none', 'substantial', 'real'] },
    ...{ against: ['substantial', 'real'], notYet: [], lifeAndLimb: true },
  },
  'necessity.case': {
    ...{ office: 'holder-officer', scopes: any, notYet: ['not-asked'], presumed: true },
    ...{ values: ['not-asked', 'necessary', 'not-necessary'], against: ['not-necessary'] },
  },
  'consent.person': {
    ...{ office: 'holder-officer', scopes: single, notYet: ['not-asked'] },
    ...{ values: ['not-asked', 'given', 'refused'], against: ['refused'] },
  },
  'assurance.deathPenalty': {
    ...{ office: 'holder-ministry', scopes: single, lifeAndLimb: true },
    ...{ values: ['none', 'given', 'given-and-verified'], against: [], notYet: ['none', 'given'] },
  },
  'assurance.specialty': {
    ...{ office: 'holder-ministry', scopes: any, notYet: ['none'], against: ['refused'] },
    values: ['none', 'given', 'refused'],
  },
  'item.originConsent': {
    ...{ office: 'originator', scopes: single, notYet: ['not-asked', 'unobtainable-in-time'] },
    ...{ values: ['not-asked', 'unobtainable-in-time', 'given', 'refused'], against: ['refused'] },
  },
  'release.decision': {
    ...{ office: 'holder-officer', scopes: ['matter'], notYet: ['none'], against: ['refuse'] },
    values: ['none', 'release', 'refuse'],
  },
  'request.noticeStatus': {
    ...{ office: 'holder-officer', aboutPerson: true, scopes: single },
    ...{ values: ['active', 'not-yet-reviewed', 'expired', 'suspended', 'blocked', 'cancelled'] },
    against: ['expired', 'suspended', 'under-review', 'blocked', 'withdrawn', ...over],
    notYet: ['not-yet-reviewed', 'suspended', 'blocked', 'under-review', 'expired'],
  },
  'request.offence.isOffenceForHolder': {
    ...{ office: 'holder-officer', scopes: notOfCase, values: [true, false], against: [false] },
    notYet: [],
  },
}

/** Value, ids and claims by fact: what the matcher should find. */
export type Found = Readonly<
  Record<
    string,
    {
      readonly value: Value | null
      readonly ids: readonly string[]
      readonly restsOn: readonly string[]
    }
  >
>

type Word = {
  readonly act: Act
  readonly fact: string
  readonly value: Value
  readonly key: string
  readonly width: number
}

export function shouldCount(
  acts: readonly Act[],
  doubts: readonly Doubt[],
  asking: Asking,
  at: string,
): Found {
  const words = acts.flatMap((act) =>
    [{ fact: act.fact, value: act.value }, ...(act.also ?? [])].flatMap(
      ({ fact, value }): Word[] => {
        const isAgainst = attestable[fact]?.against.includes(value) ?? false
        const width = widthFor(act, isAgainst, asking)
        if (width === undefined || !counts(act, fact, value, asking, at)) return []
        return [{ act, fact, value, width, key: keyOf(fact, act.originator) }]
      },
    ),
  )
  const found: Record<string, Found[string]> = {}
  for (const key of new Set(words.map((word) => word.key)))
    found[key] = together(words.filter((word) => word.key === key))
  for (const doubt of doubts) {
    // A doubt lets nothing go, so it reaches as far as a refusal.
    if (doubt.holder !== asking.holder || widthFor(doubt, true, asking) === undefined) continue
    for (const fact of doubt.facts) {
      const key = keyOf(fact, doubt.originator)
      const said = found[key]
      const stands = said?.value ?? null
      // Nobody loosens: a refusal and a risk stay what they are.
      if (stands !== null && attestable[fact]?.against.includes(stands)) continue
      found[key] = { value: null, ids: [...(said?.ids ?? []), doubt.id].sort(), restsOn: [] }
    }
  }
  return found
}

const keyOf = (fact: string, originator: string | undefined) =>
  fact === 'item.originConsent' && originator !== undefined ? `${fact}@${originator}` : fact

/** What an act says of one fact counts, if nothing of this is wrong with it. */
function counts(act: Act, fact: string, value: Value, asking: Asking, at: string): boolean {
  const kind = attestable[fact]
  if (kind === undefined) return false
  const { scope } = act
  const from = Date.parse(act.from)
  const until = Date.parse(act.until)
  const now = Date.parse(at)
  const days = (start: number, end: number) => (end - start) / 86_400_000
  // What speaks against it is said of a case, too, and no limit takes it away.
  const isAgainst = kind.against.includes(value)
  const wrong = [
    act.holder !== asking.holder,
    now < from || now >= until,
    !(kind.scopes.includes(scope.kind) || (scope.kind === 'case' && isAgainst)),
    !isAgainst &&
      // A case has many persons: each is named. Of a case, and of a country, for a year at most.
      ((scope.kind === 'case' && act.persons === undefined) ||
        (scope.kind !== 'matter' && days(from, until) > 366) ||
        (scope.kind === 'general' && days(Date.parse(act.enteredAt), from) > 31)),
    !mayJudge(act, kind, value),
    !isSigned(act, kind),
    // A country as a rule: two signatures, and of life and limb no claim chooses it.
    scope.kind === 'general' &&
      (!(act.signatures ?? []).some((each) => each.as === 'data-protection') ||
        (kind.lifeAndLimb === true &&
          (scope.purpose !== undefined || scope.offenceCategory !== undefined)) ||
        (kind.presumed === true && !asking.necessityPresumed)),
  ]
  return !wrong.includes(true)
}

/** References that name one case, however they are written. */
const sameCase = ['K-1', ' k-1', 'K\u200b-\u00a01', 'K\u20111']
const isCase = (of: Case, asking: Asking) =>
  of.requester === asking.requester &&
  (of.caseReference === asking.caseReference ||
    [of, asking].every(({ caseReference }) => sameCase.includes(caseReference)))

/** How far it had to reach: 0 said of this matter, 1 of its case, 2 of the country; undefined if it is another's. */
function widthFor(
  { scope, persons, inCase }: Pick<Doubt, 'scope' | 'persons' | 'inCase'>,
  tightens: boolean,
  asking: Asking,
): number | undefined {
  const isOfPerson = (persons ?? [asking.asked]).includes(asking.asked)
  if (scope.kind === 'matter') {
    if (scope.matter === asking.id) return 0
    // Nobody sheds a no by asking for the same person of the same case as if for the first time.
    return tightens && inCase !== undefined && isCase(inCase, asking) && isOfPerson ? 1 : undefined
  }
  if (scope.kind === 'case') return isCase(scope, asking) && isOfPerson ? 1 : undefined
  const { requester, purpose, offenceCategory } = scope
  const isCountry =
    requester === asking.requesterJurisdiction &&
    [asking.purpose, undefined].includes(purpose) &&
    [asking.offenceCategory, undefined].includes(offenceCategory)
  return isCountry ? 2 : undefined
}

/** The kind of office that judges the fact; that consent cannot be had is known to the holder. */
function mayJudge({ as, attester, holder }: Act, { office, notYet }: Attestable, value: Value) {
  // Acts from before offices had kinds: the holder's own word on what its officers judge.
  if (as === undefined) return office === 'holder-officer' && attester === holder
  if (office === 'originator' && as === 'holder-officer') return notYet.includes(value)
  return as === office
}

/** Entered by the office that decided; or signed by it, or entered for it with the document shown. */
function isSigned(act: Act, { lifeAndLimb }: Attestable): boolean {
  const { attester, decidedBy, signatures = [] } = act
  if (officeOf(act) === attester) return true
  if (signatures.some(({ agency, as }) => agency === decidedBy && as === 'office')) return true
  return act.entersFor === true && act.documentDigest !== undefined && lifeAndLimb !== true
}

/** Acts from before offices decided name a person: then it is the signer's office. */
const officeOf = ({ decidedBy, attester }: Act) =>
  /^[A-Z]{2}-[A-Z]+$/.test(decidedBy) ? decidedBy : attester

function together(words: readonly Word[]): Found[string] {
  const fact = words[0]?.fact ?? ''
  const { against = [], notYet = [] } = attestable[fact] ?? {}
  // A suspension may end, and yet it is an answer: nobody else's word hides it.
  const isNotYet = ({ value }: Word) => notYet.includes(value) && !against.includes(value)
  const isAgainst = ({ value }: Word) => against.includes(value)
  const heard = [...new Set(words.map(({ act }) => officeOf(act)))].flatMap((office) => {
    const own = words.filter(({ act }) => officeOf(act) === office)
    const narrow = own.filter((word) => own.every((other) => word.width <= other.width))
    const others = own.filter((word) => !narrow.includes(word) && isAgainst(word))
    // "Not known yet" hides nothing, so not what the office refused or found before.
    if (narrow.every(isNotYet)) return [...narrow, ...others]
    // What it found in the case, and did not find before its newest answer on this matter, it has not taken back.
    const newest = narrow
      .filter((word) => !isNotYet(word))
      .map(({ act }) => act.enteredAt)
      .sort()
      .at(-1)
    return [
      ...narrow,
      ...others.filter((each) => each.width === 1 && each.act.enteredAt >= (newest ?? '')),
    ]
  })
  const answers = heard.filter((word) => !isNotYet(word))
  const weighed = answers.length > 0 ? answers : heard
  const refusals = weighed.filter(isAgainst)
  const last = refusals.length > 0 ? refusals : weighed
  const values = [...new Set(last.map(({ value }) => value))]
  const gravest = against.filter((each) => values.includes(each)).at(-1)
  const value =
    values.length === 1 ? (values[0] ?? null) : refusals.length > 0 ? gravest : undefined
  return {
    value: value ?? null,
    ids: last.map(({ act }) => act.id).sort(),
    restsOn: [...new Set(last.flatMap(choosing))].sort(),
  }
}

/** The claims of the requester by which an act was chosen. */
const choosing = ({ width, act: { scope } }: Word): readonly string[] => [
  ...(width === 1 ? ['request.caseReference'] : []),
  ...(scope.kind === 'general' && scope.purpose !== undefined ? ['request.purpose'] : []),
  ...(scope.kind === 'general' && scope.offenceCategory !== undefined
    ? ['request.offence.category']
    : []),
]
