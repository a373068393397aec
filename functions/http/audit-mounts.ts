/** What every door of the audit API mounts beside its own routes. */

import type { SubjectWorld } from '../audit/act-on-subject.ts'
import type { Mount } from './audit-answers.ts'
import { evidenceRoutes } from './evidence-api.ts'
import { logFiles } from './log-api.ts'
import { reports } from './reports-api.ts'
import { subjectActs } from './subjects-api.ts'

/** All of it, given what only some of it needs. */
export const auditMounts = (
  more: Pick<SubjectWorld, 'seal' | 'earlierKeys' | 'remains'>,
): readonly Mount[] => [reports, evidenceRoutes, subjectActs(more), logFiles]
