/**
 * The matcher with one comparison broken at a time, each to be found by the second reading: what is
 * looked for in `attested.ts`, and what stands there instead.
 */
export const mutants: readonly (readonly [what: string, from: string, to: string])[] = [
  ['before it begins it counts', 'Date.parse(from) <= Date.parse(at) && ', ''],
  [
    'it begins a moment late',
    'Date.parse(from) <= Date.parse(at)',
    'Date.parse(from) < Date.parse(at)',
  ],
  ['after its end it counts', ' && Date.parse(at) < Date.parse(until)', ''],
  [
    'it ends a moment late',
    'Date.parse(at) < Date.parse(until)',
    'Date.parse(at) <= Date.parse(until)',
  ],
  ['its time is not looked at', 'if (!isInTime(attestation, at)) continue', ''],
  ['nothing is looked at', 'if (whyNot(attestation, fact, matter) !== undefined) continue', ''],
  [
    'consent of one originator is of all',
    "fact === 'item.originConsent' && originator !== undefined ?",
    'false ?',
  ],
  ['an objection of another holder', 'if (holder !== matter.holder || !reaches', 'if (!reaches'],
  [
    'an objection beyond its scope',
    'if (holder !== matter.holder || !reaches(scope, persons, matter)) continue',
    'if (holder !== matter.holder) continue',
  ],
  [
    'an objection against a refusal',
    'if (said !== undefined && isAgainst(fact, said.value)) continue',
    '',
  ],
  ['an objection of no originator', 'const key = keyOf(fact, originator)', 'const key = fact'],
  [
    'an objection that is not listed',
    'ids: [...(said?.ids ?? []), id].sort()',
    'ids: [...(said?.ids ?? [])].sort()',
  ],
  [
    'an objection that hides what it is against',
    'ids: [...(said?.ids ?? []), id].sort()',
    'ids: [id]',
  ],
  [
    'an objection that rests on the claims',
    'id].sort(), restsOn: []',
    'id].sort(), restsOn: said?.restsOn ?? []',
  ],
  [
    'an objection that leaves the value',
    '{ value: undefined, ids: [...(said',
    '{ value: said?.value, ids: [...(said',
  ],
  ['no refusal at all', '(vouching[fact]?.against ?? []).includes(value)', 'false'],
  ['nothing is open', '(vocabulary[fact]?.open ?? []).includes(String(value))', 'false'],
  [
    'the office is the signer’s',
    'agencyId.safeParse(decidedBy).success ? decidedBy : attester',
    'attester',
  ],
  [
    'the office is what is written',
    'agencyId.safeParse(decidedBy).success ? decidedBy : attester',
    'decidedBy',
  ],
  ['all are one office', 'const office = officeOf(each.attestation)', "const office = ''"],
  ['the broadest counts', 'const least = Math.min(', 'const least = Math.max('],
  [
    'of one office all count',
    'breadth[attestation.scope.kind] === least',
    'breadth[attestation.scope.kind] >= least',
  ],
  ['a case is as narrow as a matter', '{ matter: 0, case: 1,', '{ matter: 0, case: 0,'],
  [
    'not known yet hides a refusal',
    'const isAnswered = narrow.some(({ fact, value }) => !isOpen(fact, value))',
    'const isAnswered = true',
  ],
  [
    'a refusal of before counts beside an answer',
    'const isAnswered = narrow.some(({ fact, value }) => !isOpen(fact, value))',
    'const isAnswered = false',
  ],
  [
    'not known yet counts as an answer',
    'const counting = answered.length > 0 ? answered : narrowest',
    'const counting = narrowest',
  ],
  [
    'what nobody knows is no answer',
    'const counting = answered.length > 0 ? answered : narrowest',
    'const counting = answered',
  ],
  [
    'a refusal does not count at once',
    'const deciding = against.length > 0 ? against : counting',
    'const deciding = counting',
  ],
  [
    'of several the first counts',
    'distinct.size === 1 ? deciding[0]?.value : worst(deciding)',
    'deciding[0]?.value',
  ],
  [
    'of several risks none counts',
    'distinct.size === 1 ? deciding[0]?.value : worst(deciding)',
    'distinct.size === 1 ? deciding[0]?.value : undefined',
  ],
  ['the lesser risk', 'against.findLast(', 'against.find('],
  [
    'no claim for a case',
    "if (scope.kind === 'case') return ['request.caseReference']",
    "if (scope.kind === 'case') return []",
  ],
  ['no claim for a purpose', "scope.purpose === undefined ? [] : ['request.purpose']", '[]'],
  [
    'no claim for an offence',
    "scope.offenceCategory === undefined ? [] : ['request.offence.category']",
    '[]',
  ],
  ['of another holder', "if (attestation.holder !== matter.holder) return 'another-matter'", ''],
  [
    'beyond its scope',
    "if (!reaches(attestation.scope, attestation.persons, matter)) return 'another-matter'",
    '',
  ],
  ['whatever is wrong as it stands', 'if (wrong !== undefined) return wrong', ''],
  [
    'necessity in general, presumed or not',
    "if (general && vouching[fact]?.generalIfPresumed && !matter.necessityPresumed)\n    return 'necessity-not-presumed'",
    '',
  ],
  [
    'necessity presumed in the single case',
    'if (general && vouching[fact]?.generalIfPresumed',
    'if (vouching[fact]?.generalIfPresumed',
  ],
  [
    'everything presumed or unknown in general',
    'general && vouching[fact]?.generalIfPresumed && ',
    'general && ',
  ],
  ['necessity never in general', '&& !matter.necessityPresumed', ''],
  [
    'a scope that the fact has not',
    "if (!scopes.includes(scope.kind)) return 'scope-not-of-fact'",
    '',
  ],
  [
    'a case without its persons',
    "if (scope.kind === 'case' && about === 'person' && persons === undefined)\n    return 'persons-not-named'",
    '',
  ],
  [
    'persons asked of every fact',
    "scope.kind === 'case' && about === 'person' && persons",
    "scope.kind === 'case' && persons",
  ],
  [
    'persons asked of every scope',
    "scope.kind === 'case' && about === 'person' && persons",
    "about === 'person' && persons",
  ],
  ['of any office', "if (!isOfItsOffice(attestation, fact)) return 'not-of-that-office'", ''],
  ['in general like in the single case', "if (scope.kind === 'general') {", 'if (false) {'],
  ['signed twice in the single case, too', "if (scope.kind === 'general') {", 'if (true) {'],
  [
    'life and limb by a claim',
    "if (lifeAndLimb && (scope.purpose ?? scope.offenceCategory) !== undefined)\n      return 'life-and-limb-by-claim'",
    '',
  ],
  [
    'life and limb by a purpose',
    'if (lifeAndLimb && (scope.purpose ?? scope.offenceCategory) !== undefined)',
    'if (lifeAndLimb && scope.offenceCategory !== undefined)',
  ],
  [
    'life and limb by an offence',
    'if (lifeAndLimb && (scope.purpose ?? scope.offenceCategory) !== undefined)',
    'if (lifeAndLimb && scope.purpose !== undefined)',
  ],
  [
    'nothing by a claim in general',
    'if (lifeAndLimb && (scope.purpose ??',
    'if ((scope.purpose ??',
  ],
  ['for ever', "if (!(ms <= generalDaysMax * dayMs)) return 'too-long'", ''],
  [
    'a moment less than a year',
    '!(ms <= generalDaysMax * dayMs)',
    '!(ms < generalDaysMax * dayMs)',
  ],
  [
    'with one signature',
    "if (!signatures.some(({ as }) => as === 'data-protection')) return 'not-countersigned'",
    '',
  ],
  [
    'with any second signature',
    "!signatures.some(({ as }) => as === 'data-protection')",
    '!signatures.some(() => true)',
  ],
  [
    'its own office must sign again',
    'if (officeOf(attestation) === attester) return undefined',
    '',
  ],
  [
    'any signer is its office',
    'if (officeOf(attestation) === attester) return undefined',
    'return undefined',
  ],
  [
    'the office’s signature does not count',
    "if (signatures.some(({ agency, as }) => as === 'office' && agency === decidedBy)) return undefined",
    '',
  ],
  ['any office’s signature', "as === 'office' && agency === decidedBy", "as === 'office'"],
  [
    'its data protection’s signature',
    "as === 'office' && agency === decidedBy",
    'agency === decidedBy',
  ],
  [
    'entered for whom it may not be',
    'const isEntered = entersFor && documentDigest',
    'const isEntered = documentDigest',
  ],
  ['entered without a document', 'entersFor && documentDigest !== undefined && ', 'entersFor && '],
  [
    'life and limb entered for another',
    'documentDigest !== undefined && !lifeAndLimb',
    'documentDigest !== undefined',
  ],
  [
    'nobody enters for another',
    "return isEntered ? undefined : 'office-has-not-signed'",
    "return 'office-has-not-signed'",
  ],
  [
    'of before, by anybody',
    "return of === 'holder-officer' && attester === holder",
    "return of === 'holder-officer'",
  ],
  [
    'of before, of any office',
    "return of === 'holder-officer' && attester === holder",
    'return attester === holder',
  ],
  ['of before, never', "return of === 'holder-officer' && attester === holder", 'return false'],
  ['the right office does not count', 'if (as === of) return true', ''],
  [
    'the holder says any consent',
    'said !== undefined && isOpen(fact, said.value)',
    'said !== undefined',
  ],
  [
    'the ministry says that consent waits',
    "of === 'originator' && as === 'holder-officer' && said",
    "of === 'originator' && said",
  ],
  [
    'an officer says what others have not',
    "of === 'originator' && as === 'holder-officer' && said",
    "as === 'holder-officer' && said",
  ],
  [
    'the first of its facts is looked at',
    'statementsOf(attestation).find((each) => each.fact === fact)',
    'statementsOf(attestation)[0]',
  ],
  ['any matter', 'return scope.matter === matter.id', 'return true'],
  [
    'a case of any agency',
    'scope.requester === matter.requester &&\n        scope.case',
    'scope.case',
  ],
  ['any case of the agency', 'scope.caseReference === matter.caseReference &&\n', ''],
  [
    'any person of a case',
    '&&\n        (persons === undefined || persons.includes(matter.asked))',
    '',
  ],
  [
    'a case without persons concerns nobody',
    '(persons === undefined || persons.includes(matter.asked))',
    '(persons?.includes(matter.asked) ?? false)',
  ],
  ['any country', 'scope.requester === matter.requesterJurisdiction &&\n', ''],
  ['any purpose', '(scope.purpose ?? matter.purpose) === matter.purpose &&\n', ''],
  [
    'any offence',
    '&&\n        (scope.offenceCategory ?? matter.offenceCategory) === matter.offenceCategory',
    '',
  ],
  [
    'only with a purpose',
    '(scope.purpose ?? matter.purpose) === matter.purpose',
    'scope.purpose === matter.purpose',
  ],
  [
    'only with an offence',
    '(scope.offenceCategory ?? matter.offenceCategory) === matter',
    'scope.offenceCategory === matter',
  ],
]
