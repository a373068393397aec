/** Every command, in the order in which `comity --help` lists them. */

import { join } from 'node:path'
import { Command } from 'commander'
import { addAgency } from './agency.ts'
import type { Place } from './agency-sign.ts'
import { addBridge } from './bridge.ts'
import { addDelivery } from './delivery.ts'
import { addDesk, addPolicyNew, type DeskOpener } from './desk.ts'
import { addDoctor } from './doctor.ts'
import { addEvents } from './events.ts'
import { addEvidence } from './evidence.ts'
import { addExplain } from './explain.ts'
import { addInbox } from './inbox.ts'
import { addLogEvents } from './log-events.ts'
import { addLogExport } from './log-export.ts'
import { addLogAlarms, addLogDeadlines, addLogFigures, addLogOfficers } from './log-officers.ts'
import { addLogPin } from './log-pin.ts'
import { addLogQuery } from './log-query.ts'
import { addLogReplay } from './log-replay.ts'
import { addLogReport } from './log-report.ts'
import { addLogSample } from './log-sample.ts'
import { addLogShow } from './log-show.ts'
import { addLogVerify } from './log-verify.ts'
import { addLogWatch } from './log-watch.ts'
import { addLogProfile } from './officer-profile.ts'
import { addOfficers, addSending } from './officers.ts'
import { addPolicyAnchor } from './policy-anchor.ts'
import { addPolicyBegin } from './policy-begin.ts'
import { addCheck } from './policy-check.ts'
import { addPolicyCompare } from './policy-compare.ts'
import { addPolicyDiff } from './policy-diff.ts'
import { addPolicyFacts } from './policy-facts.ts'
import { addPolicyFloor } from './policy-floor.ts'
import { addPolicyAffected, addPolicyImpact } from './policy-impact.ts'
import { addPolicyPermits } from './policy-permits.ts'
import { addPolicySay } from './policy-say.ts'
import { addPolicySet } from './policy-set.ts'
import { addPolicySuspend } from './policy-suspend.ts'
import { addTest } from './policy-test.ts'
import { addPolicyTimeline } from './policy-timeline.ts'
import type { Gateway } from './profile.ts'
import { addProvide } from './provide.ts'
import { addFiles } from './record-file.ts'
import { addRelease } from './release.ts'
import { addPolicyRetire, addPolicySeal, addPolicyWithdraw } from './seal.ts'
import { addSubjectActs } from './subject.ts'
import { addSubjectReport } from './subject-report.ts'
import { addTestPartner } from './test-partner.ts'
import { addTold } from './told.ts'
import { addUpgrade } from './upgrade.ts'

/** Where the commands find policies, a gateway and its data, and what opens or makes what is kept there. */
type At = Place &
  Gateway & {
    readonly policies: string
    readonly version: string
    readonly openDesk: DeskOpener
  }

/** The command line as a value. */
export function programOf(at: At): Command {
  const program = new Command('comity')
    .version(at.version, '--version', 'print the version')
    .description('A gateway for cross-border law-enforcement data: release, redact or deny.')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what the command takes)')
    .exitOverride()
    .addHelpText('after', codesAndEnvironment)
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

  addSending(request, attestation, at)
  addOfficers(request, attestation, at)
  addDelivery(request, at)
  addFiles(program, request, at)
  addProvide(program, at)
  addInbox(program, at)
  addEvents(program, at)
  addTold(program, at)
  addRelease(release, at)
  addBridge(program, at)
  addTestPartner(program, at)
  addPolicy(policy, at)
  addDesk(program, at)
  addAgency(program, at)
  addUpgrade(program, at.policies, at.data, at.openStore)
  addDoctor(program, { ...at, root: join(at.policies, '..') })
  for (const add of [addPolicyImpact, addPolicyAffected]) add(policy, at.policies, at)
  for (const add of [addLogVerify, addLogExport, addLogWatch]) add(log, at.data, at.openStore)
  addLogPin(log)
  for (const add of [
    addLogQuery,
    addLogShow,
    addLogReplay,
    addLogSample,
    addLogReport,
    addLogProfile,
    addLogOfficers,
    addLogAlarms,
    addLogDeadlines,
    addLogFigures,
    addLogEvents,
  ])
    add(log, at)
  addSubjectReport(subject, at)
  addSubjectActs(subject, at)
  addEvidence(evidence, at)
  return program
}

const codesAndEnvironment = `
Exit codes: 0 done (a refusal is an answer), 1 failed, 2 wrong usage, 3 a policy is not valid,
4 a case fails or a rule is not covered, 5 what was to be proved is not whole, 6 more would change
than allowed, something stops counting, an alarm went off or something is overdue, 7 it is whole by keys that only whoever is checked vouches for,
8 it is whole, but entries were sealed late.
Environment: PORT and COMITY_DATA find the local gateway, as \`npm start\` does. COMITY_PROFILE is the file that names
the gateway and who can sign, with --as; without it, it is profile.json in COMITY_DATA, which \`npm start\` writes.`

function addPolicy(policy: Command, at: At): void {
  for (const add of [
    addExplain,
    addPolicySay,
    addPolicyFacts,
    addPolicyPermits,
    addCheck,
    addTest,
    addPolicyDiff,
    addPolicyTimeline,
    addPolicyCompare,
    addPolicySeal,
    addPolicyRetire,
    addPolicyWithdraw,
    addPolicyBegin,
    addPolicySet,
    addPolicyNew,
  ])
    add(policy, at.policies)
  for (const add of [addPolicyFloor, addPolicyAnchor, addPolicySuspend])
    add(policy, at.policies, at)
}
