/** The script that checks in a browser, built from the source as it stands, once a page asks for it. */

import { verifyScriptOf } from '../adapters/verify-script.ts'
import type { VerifyScript } from '../console-ports.ts'
import { buildVerifyScript } from '../proof/browser/build.ts'

/** Builds it when it is first asked for, which takes half a second. */
export function builtScript(): () => VerifyScript {
  let built: VerifyScript | undefined
  return () => {
    built ??= verifyScriptOf(buildVerifyScript())
    return built
  }
}
