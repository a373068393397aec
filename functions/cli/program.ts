/** Every command, in the order in which `comity --help` lists them. */

import { join } from 'node:path'
import { Command } from 'commander'
import { addEvidence } from '../client/audit/evidence.ts'
import { addLogEvents } from '../client/audit/log-events.ts'
import {
  addLogAlarms,
  addLogDeadlines,
  addLogFigures,
  addLogOfficers,
} from '../client/audit/log-officers.ts'
import { addLogQuery } from '../client/audit/log-query.ts'
import { addLogReplay } from '../client/audit/log-replay.ts'
import { addLogReport } from '../client/audit/log-report.ts'
import { addLogSample } from '../client/audit/log-sample.ts'
import { addLogShow } from '../client/audit/log-show.ts'
import { addLogProfile } from '../client/audit/officer-profile.ts'
import { addSubjectActs } from '../client/audit/subject.ts'
import { addSubjectReport } from '../client/audit/subject-report.ts'
import { addBridge } from '../client/bridge.ts'
import { addCorrections } from '../client/corrections.ts'
import { addDelivery } from '../client/delivery.ts'
import { expectOneSigner } from '../client/deployed-store.ts'
import { addEvents } from '../client/events.ts'
import { addInbox } from '../client/inbox.ts'
import { addOfficers, addSending } from '../client/officers.ts'
import type { Gateway } from '../client/profile.ts'
import { addProvide } from '../client/provide.ts'
import { addFiles } from '../client/record-file.ts'
import { addRelease } from '../client/release.ts'
import { addTestPartner } from '../demo/test-partner.ts'
import { addLogPin } from '../proof/commands/log-pin.ts'
import { addLogVerify } from '../proof/commands/log-verify.ts'
import { addLogWatch } from '../proof/commands/log-watch.ts'
import { addDesk, addPolicyNew, type DeskOpener } from '../workbench/commands/desk.ts'
import { addExplain } from '../workbench/commands/explain.ts'
import { addPolicyAnchor } from '../workbench/commands/policy-anchor.ts'
import { addPolicyBegin } from '../workbench/commands/policy-begin.ts'
import { addCheck } from '../workbench/commands/policy-check.ts'
import { addPolicyCompare } from '../workbench/commands/policy-compare.ts'
import { addPolicyDiff } from '../workbench/commands/policy-diff.ts'
import { addPolicyFacts } from '../workbench/commands/policy-facts.ts'
import { addPolicyFloor } from '../workbench/commands/policy-floor.ts'
import { addPolicyAffected, addPolicyImpact } from '../workbench/commands/policy-impact.ts'
import { addPolicyPermits } from '../workbench/commands/policy-permits.ts'
import { addPolicyProve } from '../workbench/commands/policy-prove.ts'
import { addPolicySay } from '../workbench/commands/policy-say.ts'
import { addPolicySet } from '../workbench/commands/policy-set.ts'
import { addPolicyStop } from '../workbench/commands/policy-stop.ts'
import { addPolicySuspend } from '../workbench/commands/policy-suspend.ts'
import { addTest } from '../workbench/commands/policy-test.ts'
import { addPolicyTimeline } from '../workbench/commands/policy-timeline.ts'
import { addPolicyRetire, addPolicySeal, addPolicyWithdraw } from '../workbench/commands/seal.ts'
import { addAgency } from './agency.ts'
import type { Place } from './agency-sign.ts'
import { addDoctor } from './doctor.ts'
import { addInit } from './init.ts'
import { addKey } from './key.ts'
import { addLogExport, hereAt } from './log-export.ts'
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
    // Keys of people are several to an option; that of an agency is one.
    .hook('preAction', (_, command) => {
      const { key } = command.opts<{ key?: unknown }>()
      if (Array.isArray(key)) expectOneSigner(key)
    })
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
  addCorrections(program, at)
  addRelease(release, at)
  addBridge(program, at)
  addTestPartner(program, at)
  addPolicy(policy, at)
  addDesk(program, at)
  addAgency(program, at)
  addUpgrade(program, at.policies, at)
  addInit(program)
  addKey(program)
  addDoctor(program, { ...at, root: join(at.policies, '..') })
  for (const add of [addPolicyImpact, addPolicyAffected]) add(policy, at.policies, at)
  const here = hereAt(at.data, at.openStore)
  addLogVerify(log, here)
  addLogExport(log, at.data, at.openStore)
  addLogWatch(log, here)
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
8 it is whole, but entries came into the log late.
Environment: PORT and COMITY_DATA find the local gateway, as \`npm start\` does. COMITY_PROFILE is the file that names
the gateway and who can sign, with --as; without it, it is profile.json in COMITY_DATA, which \`npm start\` writes.`

function addPolicy(policy: Command, at: At): void {
  for (const add of [
    addExplain,
    addPolicySay,
    addPolicyFacts,
    addPolicyPermits,
    addPolicyProve,
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
  for (const add of [addPolicyFloor, addPolicyAnchor, addPolicySuspend, addPolicyStop])
    add(policy, at.policies, at)
}
