/**
 * Every look at the log, one row each. `openLook` serves a row. The routes, the OpenAPI document and the
 * commands are all made from this table.
 */

import * as z from 'zod'
import {
  alarmSchema,
  alarmsQuerySchema,
  alarmsSchema,
  lookAtAlarms,
  setAlarm,
  wentOffSchema,
} from './alarms.ts'
import { deadlinesQuerySchema, deadlinesSchema, readDeadlines } from './deadlines.ts'
import {
  decisionEventsQuerySchema,
  decisionEventsSchema,
  pullDecisions,
} from './decision-events.ts'
import {
  namedSubjectSchema,
  nameSubject,
  pseudonymOf,
  pseudonymOfSchema,
  pseudonymSchema,
  pseudonymsSchema,
} from './entries-about.ts'
import { createEvidence, evidenceSchema } from './evidence.ts'
import { countPeriod, figuresAsCsv, figuresQuerySchema, figuresSchema } from './figures.ts'
import {
  countDecisions,
  countedSchema,
  factsPageSchema,
  filteredPageSchema,
  filterSchema,
  linesPageSchema,
  listDecisions,
  listFacts,
  loggedFactsSchema,
} from './list-decisions.ts'
import type { Look } from './look.ts'
import { officerProfileSchema, profileOfficer, profileSchema } from './officer-profile.ts'
import { officerRankingSchema, rankingSchema, rankOfficers } from './officer-ranking.ts'
import { asNdjson, linesAsCsv } from './read-lines.ts'
import { replayedSchema, replayLog, replaysSchema } from './replay.ts'
import { sample, sampleQuerySchema, sampleSchema } from './sealed-entries.ts'
import {
  entryInPath,
  entryViewSchema,
  proveDecision,
  purposeQuery,
  seeDecision,
} from './see-decision.ts'
import { bothPartsSchema, reportSubject, subjectReportSchema } from './subject-report.ts'
import { reportYear, yearInPath, yearReportAnswerSchema, yearReportSchema } from './year-report.ts'

/** Gives a row the types of its own schemas. Most looks know one problem. */
const row = <Asked extends Look['question'], InPath extends z.ZodType, Answer extends z.ZodType>(
  look: Omit<Look<Asked, InPath, Answer>, 'problems'> & Partial<Pick<Look, 'problems'>>,
): Look<Asked, InPath, Answer> => ({ problems: ['not-your-role'], ...look })

const get = (path: string) => ({ method: 'GET', path }) as const
const post = (path: string) => ({ method: 'POST', path }) as const

const ndjson = 'application/x-ndjson'
const csv = 'text/csv; charset=utf-8; header=present'

/** The table of looks. */
export const looks = {
  list: row({
    right: 'list-entries',
    ...get('/v1/decisions'),
    summary:
      'For auditors: find entries, the newest first. At most 1000 lines are read for one page. In CSV ' +
      'an apostrophe stands before what a spreadsheet would take for a formula, ids among it.',
    question: filteredPageSchema,
    answer: ['A page', linesPageSchema],
    forms: [csv, ndjson],
    written: (form, { entries }) => (form === csv ? linesAsCsv(entries) : asNdjson(entries)),
    read: listDecisions,
  }),
  count: row({
    right: 'list-entries',
    action: 'count-entries',
    ...get('/v1/decisions/count'),
    summary: 'For auditors: count entries by outcome and standing. At most 5000 lines are read.',
    question: filterSchema,
    answer: ['The counts; `complete` is false if only the newest were counted', countedSchema],
    read: countDecisions,
  }),
  entry: row({
    right: 'read-entry',
    isOfOne: true,
    ...get('/v1/decisions/{id}'),
    inPath: entryInPath,
    summary:
      'For auditors: one entry, whole for auditors of the holder’s jurisdiction, its own side for those of the ' +
      'requester’s. Restricted ones open for `criminal-proceedings` and `proceedings-on-lawfulness` only.',
    question: purposeQuery,
    answer: ['The entry', entryViewSchema],
    problems: ['not-found'],
    read: seeDecision,
  }),
  proof: row({
    right: 'read-entry',
    action: 'prove-entry',
    isOfOne: true,
    ...get('/v1/decisions/{id}/proof'),
    inPath: entryInPath,
    summary:
      'For auditors: the proof that an entry is in the log, once it is sealed (C2SP tlog-proof).',
    question: purposeQuery,
    answer: ['The proof', z.string()],
    media: 'text/plain; charset=utf-8',
    problems: ['not-found', 'not-sealed'],
    read: proveDecision,
  }),
  pseudonym: row({
    right: 'make-pseudonym',
    ...post('/v1/pseudonyms'),
    summary:
      'For auditors: the pseudonym by which `GET /v1/decisions` is asked for a person or a case.',
    question: pseudonymOfSchema,
    answer: ['The pseudonym, by the name of the parameter it is for', pseudonymSchema],
    read: pseudonymOf,
  }),
  facts: row({
    right: 'read-facts',
    ...get('/v1/facts'),
    summary: 'For legal editors: what the rules read of logged decisions; nothing of a person.',
    question: factsPageSchema,
    answer: ['A page', loggedFactsSchema],
    read: listFacts,
  }),
  subjectReport: row({
    right: 'report-subject',
    ...post('/v1/subject-reports'),
    summary:
      'For auditors: what the log has of a person who asks for access: what may be handed to them, and all of it ' +
      'for the authority. In doubt an entry is left out of the first part, which never says so.',
    question: subjectReportSchema,
    answer: ['Both parts', bothPartsSchema],
    read: reportSubject,
  }),
  officerProfile: row({
    right: 'profile-officer',
    ...post('/v1/officer-profiles'),
    summary:
      'For auditors: what an officer asked for in a period, counted, beside the median of the agency’s officers. ' +
      'At most 1000 entries are read.',
    question: officerProfileSchema,
    answer: ['The profile', profileSchema],
    read: profileOfficer,
  }),
  officerRanking: row({
    right: 'profile-officer',
    action: 'rank-officers',
    ...post('/v1/officer-rankings'),
    summary:
      'For auditors: the officers of an agency by what they did in a period, against their median; counts below 5 ' +
      'are hidden. At most 1000 entries are read.',
    question: officerRankingSchema,
    answer: ['The ranking', rankingSchema],
    read: rankOfficers,
  }),
  setAlarm: row({
    right: 'profile-officer',
    action: 'set-alarm',
    ...post('/v1/alarms'),
    summary:
      'For auditors: set an alarm of your office, or take it back: how many of what an officer may have in a time ' +
      'before you want to look. It is a question that is asked again, and an entry.',
    question: alarmSchema,
    answer: ['The alarms that stand', alarmsSchema],
    read: setAlarm,
  }),
  alarms: row({
    right: 'profile-officer',
    action: 'read-alarms',
    ...get('/v1/alarms'),
    summary: 'For auditors: whether the alarms of your office went off, and for whom.',
    question: alarmsQuerySchema,
    answer: ['The alarms, each with who is over', wentOffSchema],
    read: lookAtAlarms,
  }),
  deadlines: row({
    right: 'list-entries',
    action: 'read-deadlines',
    ...get('/v1/deadlines'),
    summary:
      'For auditors: open denials of your holders and when they are due, and who was told of a correction, an ' +
      'erasure or a recall and has not said that they acted.',
    question: deadlinesQuerySchema,
    answer: ['What is due', deadlinesSchema],
    read: readDeadlines,
  }),
  figures: row({
    right: 'report-year',
    action: 'count-period',
    ...get('/v1/figures'),
    summary:
      'For auditors: counts of the decisions of your holders in any period, by holder, requester, outcome, rule, ' +
      'article and who decided, for the authority alone; and what may be published of the whole months in it. At ' +
      'most 5000 lines are read.',
    question: figuresQuerySchema,
    answer: ['The counts', figuresSchema],
    forms: [csv],
    written: (_, figures) => figuresAsCsv(figures),
    read: countPeriod,
  }),
  yearReport: row({
    right: 'report-year',
    ...get('/v1/reports/{year}'),
    inPath: yearInPath,
    summary:
      'For auditors: counts of the decisions of your holders in a year, or in a month of it, for the authority’s report. At most 1000 lines are ' +
      'read for one answer; answers are added up.',
    question: yearReportSchema,
    answer: ['The counts', yearReportAnswerSchema],
    problems: ['not-found', 'not-your-role'],
    read: reportYear,
  }),
  sample: row({
    right: 'sample',
    ...get('/v1/samples'),
    summary:
      'For auditors of the holder’s jurisdiction: a sample of its log that nobody chooses but the ' +
      'published checkpoint.',
    question: sampleQuerySchema,
    answer: ['The sample, in the order in which it was drawn', sampleSchema],
    problems: ['not-found', 'not-your-role'],
    read: sample,
  }),
  decisionEvents: row({
    right: 'sample',
    action: 'pull-decisions',
    ...get('/v1/decision-events'),
    summary:
      'For auditors of the holder’s jurisdiction: decisions as CloudEvents 1.0, in the order of the log and ' +
      'complete, for a system of their own. Each pull is a look.',
    question: decisionEventsQuerySchema,
    answer: ['100 entries at most, read as far as they are published', decisionEventsSchema],
    forms: [ndjson],
    written: (_, { events }) => asNdjson(events),
    problems: ['not-found', 'not-your-role'],
    read: pullDecisions,
  }),
  evidence: row({
    right: 'create-evidence',
    ...post('/v1/evidence'),
    summary:
      'For auditors: a bundle of evidence, entries with proofs and the law they name, a signed manifest and a ' +
      'page for people. The same question as of the same checkpoints gives the same bytes.',
    question: evidenceSchema,
    answer: ['The bundle', z.custom<Uint8Array>()],
    media: 'application/zip',
    problems: ['not-found', 'not-your-role'],
    read: createEvidence,
  }),
  replays: row({
    right: 'replay',
    ...post('/v1/replays'),
    summary:
      'For auditors of the holder’s jurisdiction: decide entries again, by the law as it was known ' +
      'at their moments: a range of places, single ones, or entries by their ids.',
    question: replaysSchema,
    answer: ['How many came out the same, and what did not', replayedSchema],
    problems: ['not-found', 'not-your-role'],
    read: replayLog,
  }),
  subjectPseudonyms: row({
    right: 'act-on-subject',
    action: 'name-subject',
    ...post('/v1/subject-pseudonyms'),
    summary: 'For holders: the pseudonyms by which an act says whom it is about.',
    question: namedSubjectSchema,
    answer: ['The pseudonyms', pseudonymsSchema],
    read: nameSubject,
  }),
}
