/** Which inboxes an agency reads: the kinds of office that the register lets it be, for each holder. */

import { authorize, vouchesAs } from '../../identity/authorize.ts'
import type { Agency } from '../../identity/register.ts'
import { type Attester, factTypes } from '../../policy/fact-types.ts'
import type { World } from '../../ports.ts'

/** A kind of office of a holder, as rows of inboxes name it. */
export type Office = { readonly holder: string; readonly audience: string }

/** The kinds of office that an agency is now, for every holder for which it may vouch. */
export async function officesOf(
  agency: Agency,
  { register }: Pick<World, 'register'>,
): Promise<readonly Office[]> {
  const offices: Office[] = []
  for (const holder of new Set(agency.attests.map((each) => each.holder))) {
    const keeper = await register.agency(holder)
    if (keeper === undefined) continue
    for (const audience of audiencesOf(agency, keeper)) offices.push({ holder, audience })
  }
  return offices
}

/** The kinds of office that an agency is for a holder. */
function audiencesOf(agency: Agency, keeper: Agency): readonly string[] {
  const resource = { holder: keeper.jurisdiction, keeper: keeper.id }
  const isFor = (kind: Attester) =>
    Object.keys(factTypes).some((fact) => {
      const said = { fact, originator: agency.jurisdiction }
      const isOf = factTypes[fact]?.attester === kind && vouchesAs(agency, resource, said) === kind
      return isOf && authorize(agency, 'read-inbox', { ...resource, vouched: [said] }) !== undefined
    })
  return [
    ...(['holder-officer', 'holder-ministry'] as const).filter(isFor),
    ...(isFor('originator') ? [`originator:${agency.jurisdiction}`] : []),
  ]
}
