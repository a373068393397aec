/** Door: the command line of legal teams, agencies and operators. Wiring only; see `cli/`. */

import { join } from 'node:path'
import { versionSays } from './adapters/version.ts'
import { programOf } from './cli/program.ts'
import { addressIn, profileIn } from './client/profile.ts'
import { agencyKey } from './demo/keys.ts'
import { openLocalStore } from './demo/store.ts'
import { runProgram } from './terminal/run.ts'
import type { DeskOpener } from './workbench/commands/desk.ts'

const policies = join(import.meta.dirname, '../policies')
const data = process.env.COMITY_DATA ?? '.comity'
const profile = process.env.COMITY_PROFILE ?? profileIn(data)
const local = `http://localhost:${process.env.PORT ?? '8787'}`
// A port is that of the local gateway, and not of one that somebody names.
const isLocal = process.env.PORT !== undefined && process.env.COMITY_PROFILE === undefined
const url = isLocal ? local : (addressIn(profile) ?? local)

const version = versionSays()
const openStore = openLocalStore
// Few commands need a browser’s pages.
const openDesk: DeskOpener = async (folder, port, gateway) =>
  (await import('./workbench/desk/desk.ts')).openDesk(folder, port, gateway, () => new Date())
const place = { policies, version, data, url, profile, openStore, openDesk, makeKey: agencyKey }

await runProgram(() => programOf(place))
