/** Door: the command line of legal teams, agencies and operators. Wiring only; see `cli/`. */

import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { sealedPolicies } from './adapters/policies-files.ts'
import { addAgency } from './cli/agency.ts'
import { day, idsLast } from './cli/arguments.ts'
import { guardScreen } from './cli/columns.ts'
import { addDoctor } from './cli/doctor.ts'
import { addEvidence } from './cli/evidence.ts'
import { exitCodes, Failure } from './cli/exit.ts'
import { caseSchema, explain, explainedJson, explainedLines } from './cli/explain.ts'
import { readJson } from './cli/files.ts'
import { addInbox } from './cli/inbox.ts'
import { addLogExport } from './cli/log-export.ts'
import { addLogPin } from './cli/log-pin.ts'
import { addLogQuery } from './cli/log-query.ts'
import { addLogReplay } from './cli/log-replay.ts'
import { addLogReport } from './cli/log-report.ts'
import { addLogSample } from './cli/log-sample.ts'
import { addLogVerify } from './cli/log-verify.ts'
import { addLogWatch } from './cli/log-watch.ts'
import { addLogProfile } from './cli/officer-profile.ts'
import { addOfficers, addSending } from './cli/officers.ts'
import { addPolicyAnchor } from './cli/policy-anchor.ts'
import { addCheck } from './cli/policy-check.ts'
import { addPolicyCompare } from './cli/policy-compare.ts'
import { addPolicyDiff } from './cli/policy-diff.ts'
import { addPolicyFacts } from './cli/policy-facts.ts'
import { addPolicyFloor } from './cli/policy-floor.ts'
import { addPolicyAffected, addPolicyImpact } from './cli/policy-impact.ts'
import { addPolicyNew } from './cli/policy-new.ts'
import { addPolicySay } from './cli/policy-say.ts'
import { addPolicySet } from './cli/policy-set.ts'
import { addPolicySuspend } from './cli/policy-suspend.ts'
import { addTest } from './cli/policy-test.ts'
import { addPolicyTimeline } from './cli/policy-timeline.ts'
import { addressIn, profileIn } from './cli/profile.ts'
import { addRelease } from './cli/release.ts'
import { addPolicyRetire, addPolicySeal, addPolicyWithdraw } from './cli/seal.ts'
import { addSubjectActs } from './cli/subject.ts'
import { addSubjectReport } from './cli/subject-report.ts'
import { addUpgrade } from './cli/upgrade.ts'
import { agencyKey } from './local/keys.ts'
import { openLocalStore } from './local/store.ts'

const policies = join(import.meta.dirname, '../policies')
const data = process.env.COMITY_DATA ?? '.comity'
const profile = process.env.COMITY_PROFILE ?? profileIn(data)
const local = `http://localhost:${process.env.PORT ?? '8787'}`
// A port is that of the local gateway, and not of one that somebody names.
const isLocal = process.env.PORT !== undefined && process.env.COMITY_PROFILE === undefined
const url = isLocal ? local : (addressIn(profile) ?? local)

const print = (lines: readonly string[]) => console.log(lines.join('\n'))
const printJson = (value: unknown) => console.log(JSON.stringify(value, null, 2))

guardScreen(console)

const program = new Command('comity')
  .description('A gateway for cross-border law-enforcement data: release, redact or deny.')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(add --help for what the command takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 done (a refusal is an answer), 1 failed, 2 wrong usage, 3 a policy is not valid,
4 a case fails or a rule is not covered, 5 what was to be proved is not whole, 6 more would change
than allowed, or something stops counting, 7 it is whole by keys that only whoever is checked vouches for,
8 it is whole, but entries were sealed late.
Environment: PORT and COMITY_DATA find the local gateway, as \`npm start\` does. COMITY_PROFILE is the file that names
the gateway and who can sign, with --as; without it, it is profile.json in COMITY_DATA, which \`npm start\` writes.`,
  )

const request = program.command('request').description('Ask for data as an agency does.')
const attestation = program
  .command('attestation')
  .description('Vouch for facts as an officer does.')
const release = program
  .command('release')
  .description('Decide, as the holder’s officer, on what no rule lets go alone.')
const log = program.command('log').description('Look at the decision log, prove it, audit it.')
const evidence = program.command('evidence').description('Pack what a court needs, and check it.')
const subject = program
  .command('subject')
  .description('Report, erase, restrict or hold what the log keeps of a person.')
const policy = program.command('policy').description('Read, check, test and seal policies.')

const gateway = { data, url, profile }
addSending(request, attestation, gateway)
addOfficers(request, attestation, gateway)
addInbox(program, gateway)
addRelease(release, gateway)

policy
  .command('explain')
  .description('Decide from facts alone on the sealed policies, and say why.')
  .requiredOption('--facts <file>', 'JSON: { "asOf", "facts": {}, "items": [{ "id", … }] }')
  .option('--as-of <day>', 'decide as of this day, whatever the file says', day)
  .option('--json', 'print the decision as JSON')
  .action((options: { facts: string; asOf?: string; json?: true }) => {
    const file = readJson(options.facts, caseSchema)
    const now = new Date().toISOString()
    const book = loadPolicies()
    const explained = explain(file, book, options.asOf ?? file.asOf ?? now, now)
    for (const warning of explained.warnings) console.error(`${options.facts}: ${warning}`)
    if (options.json) printJson(explainedJson(explained))
    else print(explainedLines(explained))
  })

for (const add of [
  addPolicySay,
  addPolicyFacts,
  addCheck,
  addTest,
  addPolicyDiff,
  addPolicyTimeline,
  addPolicyCompare,
  addPolicySeal,
  addPolicyRetire,
  addPolicyWithdraw,
  addPolicySet,
  addPolicyNew,
])
  add(policy, policies)
addAgency(program, { data, openStore: openLocalStore, makeKey: agencyKey })
for (const add of [addPolicyFloor, addPolicyAnchor, addPolicySuspend])
  add(policy, policies, { data, openStore: openLocalStore })
addUpgrade(program, policies, data, openLocalStore)
addDoctor(program, { data, url, root: join(policies, '..'), openStore: openLocalStore })
for (const add of [addPolicyImpact, addPolicyAffected]) add(policy, policies, gateway)
addLogVerify(log, data, openLocalStore)
addLogExport(log, data, openLocalStore)
addLogWatch(log, data, openLocalStore)
addLogPin(log)
addLogQuery(log, gateway)
addLogReplay(log, gateway)
addLogSample(log, gateway)
addLogReport(log, gateway)
addLogProfile(log, gateway)
addSubjectReport(subject, gateway)
addSubjectActs(subject, gateway)
addEvidence(evidence, gateway)

function loadPolicies() {
  try {
    return sealedPolicies(policies)
  } catch (error) {
    throw new Failure(
      error instanceof Error ? error.message : String(error),
      exitCodes.invalidPolicy,
    )
  }
}

// A reader who stops early (`| head`) has seen enough; but the output is incomplete.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCodes.unexpected)
})

try {
  await program.parseAsync(idsLast(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  } else if (error instanceof Failure) {
    console.error(error.message)
    process.exitCode = error.exitCode
  } else {
    console.error(error)
    process.exitCode = exitCodes.unexpected
  }
}
